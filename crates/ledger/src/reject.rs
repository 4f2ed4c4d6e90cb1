//! Why an event is quarantined: closed, numbered reasons, each with its stage and its page.

use crate::code::Code;
use crate::outcome::Stage;

macro_rules! rejects {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $stage:ident, $title:literal, $cause:literal,
       $hint:literal;)*) => {
        /// Why an event is quarantined. The number is stored and is the code's digits.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum Reject { $($(#[$doc])* $name = $number,)* }

        impl Reject {
            /// Every reason, ascending by number.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stage that finds it.
            pub fn stage(self) -> Stage {
                match self { $(Self::$name => Stage::$stage,)* }
            }

            /// Its page.
            pub fn page(self) -> Code {
                match self {
                    $(Self::$name => Code {
                        code: concat!("E", stringify!($number)),
                        title: $title,
                        cause: $cause,
                        hint: $hint,
                    },)*
                }
            }
        }
    };
}

rejects! {
    /// Unreadable row.
    Unreadable = 2101, Envelope, "the row cannot be read as an event",
        "The bytes of the row are not what its format demands: broken JSON, a missing quote, bytes \
         that are not text in the declared encoding.",
        "Open it with `saldo quarantine show`, correct it with `saldo quarantine fix`, or have the \
         source send it again.";
    /// Bad source name.
    SourceName = 2102, Envelope, "the source name is not allowed",
        "A source name has 1 to 64 of the characters a-z, 0-9 and -.",
        "Use the name under which the book declares the source.";
    /// Bad event id.
    EventId = 2103, Envelope, "the event id is missing, too long or has control characters",
        "An id has 1 to 128 bytes of UTF-8 without control characters.",
        "Have the source send a stable id of its own for each event.";
    /// Bad kind.
    KindName = 2104, Envelope, "the event kind is not a name",
        "A kind has 1 to 64 of the characters a-z, 0-9, _ and -, beginning with a letter.",
        "Use a kind that the book declares, or map the value in the mapping.";
    /// Amount without asset or the other way round.
    AmountWithoutAsset = 2105, Envelope, "amount and asset must come together",
        "An amount without its asset says nothing, and an asset without an amount is not a fact.",
        "Send both, or leave both out where the kind cancels another event.";
    /// Bad asset code.
    AssetCode = 2106, Envelope, "the asset code is not allowed",
        "An asset code has 1 to 16 of A-Z and 0-9, beginning with a letter.",
        "Use the code under which the book declares the asset.";
    /// Amount with too many decimals for any asset.
    AmountScale = 2107, Envelope, "the amount has more than 18 decimals",
        "No asset may have more than 18 decimals.",
        "Round the amount at its source; Saldo never rounds what it is told.";
    /// Bad reference.
    ReferenceName = 2108, Envelope, "the reference does not name an event",
        "A reference is the id of an event, with its source where that is another one.",
        "Correct the field `ref`.";
    /// Too many dimensions.
    TooManyDimensions = 2109, Envelope, "the event has more than 32 dimensions",
        "The limit keeps every record bounded.",
        "Move what no rule uses into `meta`.";
    /// Bad dimension name.
    DimensionName = 2110, Envelope, "a dimension name is not allowed",
        "A dimension name has 1 to 64 of a-z, 0-9, _ and -, beginning with a letter.",
        "Use a dimension that the book declares, or map the field.";
    /// Dimension value too long.
    DimensionValue = 2111, Envelope, "a dimension value is longer than 256 bytes",
        "Dimensions are for identifiers and short labels.",
        "Move long text into `meta`.";
    /// The same dimension twice.
    DuplicateDimension = 2112, Envelope, "a dimension is given twice",
        "Two values of one dimension would make the amount belong to two things.",
        "Send each dimension once.";
    /// Record too large.
    RecordTooLarge = 2113, Envelope, "the record is larger than a record may be",
        "Each record is bounded so that memory is.",
        "Shorten its values, or move them into `meta`.";
    /// A field has the wrong type or form.
    FieldForm = 2201, Schema, "a field has the wrong form",
        "Amounts are decimal strings, never JSON numbers; times are RFC 3339 with an offset; \
         dimensions are text.",
        "Correct the field that the reason names.";
    /// A field is missing.
    FieldMissing = 2202, Schema, "a required field is missing",
        "source, id, kind and occurred_at are always needed; amount and asset unless the kind \
         cancels another event.",
        "Add the field that the reason names.";
    /// An unknown field.
    FieldUnknown = 2203, Schema, "a field is not part of an event",
        "A field that nobody reads is usually a misspelled one.",
        "Correct its name, or move it into `meta`.";
    /// Dimension not declared.
    DimensionUndeclared = 2204, Schema, "a dimension is not declared in the book",
        "Only declared dimensions are kept, so that personal ones are known as such.",
        "Declare it in dims.yaml, or move it into `meta`.";
    /// Dimension missing.
    DimensionMissing = 2205, Schema, "a dimension that the kind demands is missing",
        "The kind's accounts are made from this dimension.",
        "Have the source send it, or correct the mapping.";
    /// Amount missing.
    AmountMissing = 2206, Schema, "the amount is missing",
        "Only a kind that cancels another event may leave its amount out.",
        "Send amount and asset.";
    /// Reference missing.
    ReferenceMissing = 2207, Schema, "the reference is missing",
        "The kind refers to another event: a win to its bet, a rollback to its original.",
        "Send the field `ref`.";
    /// Reference where none is allowed.
    ReferenceNotAllowed = 2208, Schema, "this kind does not refer to other events",
        "The book declares no reference for the kind, so one would be ignored.",
        "Leave `ref` out, or declare it for the kind in kinds.yaml.";
    /// Not what the source's schema says.
    SchemaMismatch = 2209, Schema, "the event is not what the schema of its source says",
        "The source names a schema in sources.yaml, and each of its events is checked by it.",
        "Correct the field that the reason names, register a version of the schema that allows it, \
         or have the source send it again.";
    /// Unknown source.
    SourceUnknown = 2301, Reference, "the source is not in the book",
        "Every feed is declared before it may say who owes whom.",
        "Declare it in sources.yaml, or name the right source.";
    /// Unknown kind.
    KindUnknown = 2302, Reference, "the kind is not in the book, or not allowed for the source",
        "A kind without posting rules cannot be posted.",
        "Declare it in kinds.yaml, or allow it for the source in sources.yaml.";
    /// Unknown asset.
    AssetUnknown = 2303, Reference, "the asset is not in the book",
        "Without its number of decimals an amount cannot be posted.",
        "Declare it in assets.yaml.";
    /// Unknown party.
    PartyUnknown = 2304, Reference, "a dimension names a party that is not in the book",
        "The dimension refers to parties, and no party has this name or alias.",
        "Add the party, or add the spelling to the aliases of the right party in parties.yaml; \
         then `saldo quarantine replay`.";
    /// Operator mismatch.
    OperatorOther = 2305, Reference, "the event belongs to another operator",
        "One operator's records never enter another's book.",
        "Send it with the credentials of its own operator.";
    /// Too many decimals for the asset.
    Precision = 2401, Meaning, "the amount has more decimals than its asset",
        "Saldo never rounds what it is told: a lost fraction would be an unexplained cent.",
        "Raise the asset's scale in assets.yaml, or have the source send whole minor units.";
    /// Wrong sign.
    Sign = 2402, Meaning, "the amount has a sign that its kind does not allow",
        "The kind says by itself which way money flows; a sign against it is usually a mistake.",
        "Use the kind for the other direction, or allow the sign in kinds.yaml.";
    /// Too large.
    AmountRange = 2403, Meaning, "the amount is too large to be posted",
        "Amounts are bounded so that no sum of them can overflow.",
        "Check the amount's unit at the source.";
    /// Time out of range.
    OccurredOutside = 2404, Meaning, "the time is outside what the source may report",
        "The book states the earliest time of a source, and nothing may come from the future.",
        "Check the clock and the time zone at the source.";
    /// Refers to itself.
    ReferenceSelf = 2405, Meaning, "the event refers to itself",
        "Nothing can settle or cancel itself.",
        "Correct the field `ref`.";
    /// Wrong kind of target.
    ReferenceKind = 2406, Meaning, "the event referred to is of a kind that cannot be referred to",
        "The book says which kinds a reference may name.",
        "Correct `ref`, or allow the kind in kinds.yaml.";
    /// Cancel with another amount.
    CancelAmount = 2407, Meaning, "the cancel states another amount or asset than its original",
        "A cancel undoes the whole of its original.",
        "Leave the amount out, or use a kind of its own for a part of the amount.";
    /// Cancelled before.
    CancelledAlready = 2408, Meaning, "the original is already cancelled by another event",
        "Two different cancels of one event: which of them counts is for a person to say.",
        "Look at both with `saldo explain event`, and resolve the one that is wrong.";
    /// Source outside the group.
    ReferenceGroup = 2409, Meaning, "the event refers to a source of another group",
        "Sources that refer to each other must be declared as one group.",
        "Declare the group in sources.yaml.";
    /// Same id, other content.
    Contest = 2501, Meaning, "the same id was received before with other content",
        "The first content stays posted; both are kept, and no period they touch closes until \
         one of them is named.",
        "Compare them with `saldo contest list`, then `saldo contest resolve`.";
    /// Batch control total.
    ControlTotal = 2601, Control, "the batch does not equal its stated total",
        "The file or message states a total, and its rows add up to another one.",
        "Ask the source for a complete file; the finding stays in `saldo log verify`.";
}

impl Reject {
    /// The reason with the stored number `number`.
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|reject| *reject as u16 == number)
    }

    /// `E` and four digits.
    pub fn code(self) -> &'static str {
        self.page().code
    }
}

impl std::fmt::Display for Reject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.page().title)
    }
}

impl std::error::Error for Reject {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend_and_come_back() {
        assert!(Reject::ALL.windows(2).all(|pair| pair[0] < pair[1]));
        for &reject in Reject::ALL {
            assert_eq!(Reject::from_number(reject as u16), Some(reject));
            assert_eq!(reject.code(), format!("E{}", reject as u16));
            assert_eq!(reject.to_string(), reject.page().title);
        }
        assert_eq!(Reject::from_number(1), None);
    }
}
