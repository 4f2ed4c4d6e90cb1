//! An event while the world holds it: small, copied, without text.

use super::field::DIMS;

/// Numbers from which the line and the truth of one event follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub id: u64,
    /// Index of the kind in the field's table.
    pub kind: usize,
    /// Index of the asset.
    pub asset: u8,
    pub occurred_at_ns: i64,
    /// Minor units of the asset.
    pub amount_minor: u64,
    pub dims: [u64; DIMS],
    pub person: u64,
    /// The id of the opening event that it refers to.
    pub reference: Option<u64>,
    /// Spelled otherwise than the first time, with the same meaning.
    pub is_respelled: bool,
    pub fault: Option<Fault>,
}

/// What is wrong with a broken line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Ends in the middle.
    CutOff,
    /// Holds a byte that is never in UTF-8, within a string.
    BrokenUtf8,
    /// Has a kind that no book knows.
    UnknownKind,
    /// Has an asset that no book knows.
    UnknownAsset,
    /// Has six decimals, more than a book gives its asset.
    TooManyDecimals,
    /// Has an amount below zero.
    NegativeAmount,
    /// Has its amount as a JSON number.
    AmountAsNumber,
    /// Lacks the first dimension of its field.
    MissingDim,
    /// Has a month 13.
    BadTime,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 9] = [
        Self::CutOff,
        Self::BrokenUtf8,
        Self::UnknownKind,
        Self::UnknownAsset,
        Self::TooManyDecimals,
        Self::NegativeAmount,
        Self::AmountAsNumber,
        Self::MissingDim,
        Self::BadTime,
    ];

    /// Whether the line is a JSON object at all.
    pub const fn is_readable(self) -> bool {
        !matches!(self, Self::CutOff | Self::BrokenUtf8)
    }
}
