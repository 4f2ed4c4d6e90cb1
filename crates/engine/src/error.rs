//! What can go wrong in the engine, with a stable code for each.

use crate::port::PortError;
use crate::wire::BadBytes;
use ledger::code::Code;

/// A failure of the engine.
#[derive(Debug)]
pub enum EngineError {
    /// A port failed.
    Port(PortError),
    /// A record or document does not have the form of its version.
    Form(String),
    /// Debits and credits of an asset differ.
    Balance(String),
    /// A total left its range.
    Overflow,
    /// Something named in a command is not there.
    Unknown(String),
    /// A close is blocked.
    Blocked(String),
    /// A command does not fit the state of what it names.
    Conflict(String),
    /// The agreement cannot be rated.
    Settle(settle::SettleError),
    /// A version of an agreement is not signed as it must be.
    Agreed(proof::agreed::AgreedError),
    /// The replayed history differs from what was recorded.
    Diverged(String),
}

impl std::fmt::Display for EngineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (page, what) = match self {
            Self::Port(error) => return error.fmt(f),
            Self::Settle(error) => return error.fmt(f),
            Self::Agreed(error) => return error.fmt(f),
            Self::Overflow => return f.write_str(OVERFLOW.title),
            Self::Form(what) => (FORM, what),
            Self::Balance(what) => (BALANCE, what),
            Self::Unknown(what) => (UNKNOWN, what),
            Self::Blocked(what) => (BLOCKED, what),
            Self::Conflict(what) => (CONFLICT, what),
            Self::Diverged(what) => (DIVERGED, what),
        };
        write!(f, "{}: {what}", page.title)
    }
}

impl std::error::Error for EngineError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Port(error) => error.source(),
            Self::Agreed(error) => error.source(),
            _ => None,
        }
    }
}

impl From<PortError> for EngineError {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}

impl From<settle::SettleError> for EngineError {
    fn from(error: settle::SettleError) -> Self {
        Self::Settle(error)
    }
}

impl From<proof::agreed::AgreedError> for EngineError {
    fn from(error: proof::agreed::AgreedError) -> Self {
        Self::Agreed(error)
    }
}

impl From<BadBytes> for EngineError {
    fn from(error: BadBytes) -> Self {
        Self::Form(error.to_string())
    }
}

impl From<ledger::totals::TotalOverflow> for EngineError {
    fn from(_: ledger::totals::TotalOverflow) -> Self {
        Self::Overflow
    }
}

const FORM: Code = Code {
    code: "E5101",
    title: "a stored record does not have the form of its version",
    cause: "Its frame passed the checksum, so it was written this way: by a later version, or by a \
            defect.",
    hint: "Use the version that wrote it, or a later one; report it if that does not help.",
};
const BALANCE: Code = Code {
    code: "E5102",
    title: "debits and credits differ",
    cause: "A batch would have left the ledger unbalanced; nothing of it was committed.",
    hint: "This is a defect: keep the data directory and report it.",
};
const OVERFLOW: Code = Code {
    code: "E5103",
    title: "a total exceeds 128 bits of minor units",
    cause: "The sum of the amounts on an account is beyond every bound.",
    hint: "Look for amounts in a wrong unit; `saldo totals` shows the largest accounts.",
};
const UNKNOWN: Code = Code {
    code: "E5104",
    title: "there is no such thing",
    cause: "The command names something that the data does not hold.",
    hint: "List what there is: `saldo status`, `saldo quarantine list`, `saldo statement --help`.",
};
const BLOCKED: Code = Code {
    code: "E5105",
    title: "the close is blocked",
    cause: "Something open touches the period: waiting events, contests, a failed verification, or \
            terms that are not signed by both.",
    hint: "Resolve what the message names, then close again.",
};
const CONFLICT: Code = Code {
    code: "E5106",
    title: "the command does not fit the present state",
    cause: "What the command names is in another state than the command needs.",
    hint: "Look at its state first; the message says what was found.",
};
const DIVERGED: Code = Code {
    code: "E5107",
    title: "replay differs from the record",
    cause: "The Log holds the result of a command, and recomputing it gives another one.",
    hint: "Run `saldo verify`; keep the data directory and report it.",
};

/// The engine's pages.
pub const CODES: &[Code] = &[FORM, BALANCE, OVERFLOW, UNKNOWN, BLOCKED, CONFLICT, DIVERGED];

impl EngineError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Port(error) => error.fault.page().code,
            Self::Form(_) => FORM.code,
            Self::Balance(_) => BALANCE.code,
            Self::Overflow => OVERFLOW.code,
            Self::Unknown(_) => UNKNOWN.code,
            Self::Blocked(_) => BLOCKED.code,
            Self::Conflict(_) => CONFLICT.code,
            Self::Settle(error) => error.code(),
            Self::Agreed(error) => error.code(),
            Self::Diverged(_) => DIVERGED.code,
        }
    }
}
