//! The words by which books and encoded documents name the values of closed enums.

use crate::agreement::RoundTo;
use crate::calendar::{Base, Roll};
use crate::invoice::{InvoiceKind, Reason};
use crate::measure::{Side, Sign};
use crate::statement::{Effect, LineKind, Section};
use crate::steps::{Count, Method, TaxMethod};
use ledger::Rounding;

macro_rules! words {
    ($($type:ident { $($name:ident = $word:literal,)* })*) => { $(
        impl $type {
            /// Every value, in the order declared.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word used in books and encoded documents.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The value with this word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)* _ => None }
            }
        }
    )* };
}

words! {
    Sign { Plus = "+", Minus = "-", }
    Side { Debit = "debit", Credit = "credit", Net = "net", }
    Effect { Set = "set", Add = "add", Subtract = "subtract", Keep = "keep", }
    Method { Slab = "slab", Marginal = "marginal", }
    TaxMethod { Added = "added", Included = "included", Withheld = "withheld", }
    Count { Postings = "postings", Value = "value", }
    Base { PeriodEnd = "period-end", Close = "close", Statement = "statement", }
    InvoiceKind { Regular = "regular", ZeroRated = "zero-rated", Exempt = "exempt", }
    Reason {
        Correction = "correction",
        Change = "change",
        Return = "return",
        Cancel = "cancel",
        LetterOfCredit = "letter-of-credit",
        Double = "double",
    }
    Roll {
        None = "none",
        Following = "following",
        Preceding = "preceding",
        ModifiedFollowing = "modified-following",
        ModifiedPreceding = "modified-preceding",
    }
    LineKind {
        Select = "select",
        Sum = "sum",
        Deduct = "deduct",
        Excess = "excess",
        Floor = "floor",
        Result = "result",
        Band = "band",
        Tier = "tier",
        Share = "share",
        TopUp = "top-up",
        Forgone = "forgone",
        Round = "round",
        BroughtForward = "brought-forward",
        CarriedForward = "carried-forward",
        Fixed = "fixed",
        Item = "item",
        Group = "group",
        Part = "part",
        Level = "level",
        Quarantine = "quarantine",
        Hold = "hold",
        Release = "release",
        Bought = "bought",
        Drawn = "drawn",
        Credit = "credit",
        Recouped = "recouped",
        Contribution = "contribution",
        Repaid = "repaid",
        FreeRounds = "free-rounds",
        Exchange = "exchange",
        Tax = "tax",
        Withholding = "withholding",
        HeldBack = "held-back",
        Total = "total",
        Plugin = "plugin",
        Correction = "correction",
        Net = "net",
    }
    Section {
        Opening = "opening",
        Earned = "earned",
        Deductions = "deductions",
        Tax = "tax",
        Reserve = "reserve",
        Carry = "carry",
        Exchange = "exchange",
        Corrections = "corrections",
    }
}

/// The modes of rounding and their words.
pub const ROUNDINGS: &[(Rounding, &str)] = &[
    (Rounding::HalfUp, "half-up"),
    (Rounding::HalfEven, "half-even"),
    (Rounding::HalfDown, "half-down"),
    (Rounding::Down, "down"),
    (Rounding::Up, "up"),
    (Rounding::Floor, "floor"),
    (Rounding::Ceiling, "ceiling"),
];

/// The mode of rounding with this word.
pub fn rounding_from_word(word: &str) -> Option<Rounding> {
    ROUNDINGS.iter().find(|(_, known)| *known == word).map(|(mode, _)| *mode)
}

impl std::fmt::Display for RoundTo {
    /// `half-up:2`: the mode and the decimals that stay.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = ROUNDINGS.iter().find(|(mode, _)| *mode == self.mode).map_or("", |(_, w)| w);
        write!(f, "{word}:{}", self.scale)
    }
}

impl std::str::FromStr for RoundTo {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (word, scale) = text.split_once(':').ok_or(())?;
        let mode = rounding_from_word(word).ok_or(())?;
        Ok(Self { scale: scale.parse().map_err(|_| ())?, mode })
    }
}
