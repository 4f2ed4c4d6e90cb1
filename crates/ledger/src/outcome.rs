//! What became of a received record, and the stages of verification. Numbers are stored in
//! files and never reused.

/// What became of one record. When several could apply, the earlier line wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Outcome {
    /// Readable but wrong, or other content under a key in use; kept for a person.
    Quarantined = 1,
    /// The same key with the same content was there before; nothing changes.
    Duplicate = 2,
    /// Its reference has not arrived; posted as soon as it does. Retrying is not needed.
    Waiting = 3,
    /// Posted to the ledger.
    Posted = 4,
    /// Turned away at the door: it was never in the Log. A corrected request may be sent.
    Refused = 5,
    /// A command, a book revision or a statement on the control stream.
    Command = 6,
}

impl Outcome {
    /// The outcome with the stored number `number`.
    pub fn from_number(number: u8) -> Option<Self> {
        [
            Self::Quarantined,
            Self::Duplicate,
            Self::Waiting,
            Self::Posted,
            Self::Refused,
            Self::Command,
        ]
        .into_iter()
        .find(|o| *o as u8 == number)
    }

    /// The word used in every interface.
    pub fn word(self) -> &'static str {
        match self {
            Self::Quarantined => "quarantined",
            Self::Duplicate => "duplicate",
            Self::Waiting => "waiting",
            Self::Posted => "posted",
            Self::Refused => "refused",
            Self::Command => "command",
        }
    }
}

/// The stages of verification, in the order they run; a record stops at its first failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Stage {
    /// Can it be read, and are names, ids and sizes within bounds?
    Envelope = 1,
    /// Does it have the fields its kind demands, and only declared ones?
    Schema = 2,
    /// Do source, kind, asset and parties exist in the book?
    Reference = 3,
    /// Precision, sign, time, what it refers to.
    Meaning = 4,
    /// Do the batch's stated totals equal its rows?
    Control = 5,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Self; 5] =
        [Self::Envelope, Self::Schema, Self::Reference, Self::Meaning, Self::Control];

    /// The stage with the stored number `number`.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|s| *s as u8 == number)
    }

    /// The word used in every interface.
    pub fn word(self) -> &'static str {
        match self {
            Self::Envelope => "envelope",
            Self::Schema => "schema",
            Self::Reference => "reference",
            Self::Meaning => "meaning",
            Self::Control => "control",
        }
    }
}
