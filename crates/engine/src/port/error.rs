//! What a port can answer instead of doing its work.

use ledger::code::Code;
use std::io;

/// The kind of failure; one page each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PortFault {
    /// The disk or network refused; trying again may help.
    Io,
    /// No space is left; nothing that was accepted is lost.
    Full,
    /// A flush failed: what the medium holds is unknown until the process starts again.
    FlushFailed,
    /// Bytes are not what was written.
    Corrupt,
    /// A file is of a format or kind that this binary does not know.
    UnknownFormat,
    /// Another process or a later epoch owns this.
    Fenced,
    /// A limit was reached.
    Limit,
    /// Something asked for is not there.
    Missing,
    /// A service could not be reached, or did not answer in time. What was asked may have been
    /// done: open anew and look, then trying again may help.
    Unavailable,
    /// A service answered, and would not: its own settings or rights are in the way.
    Refused,
}

impl PortFault {
    /// Every fault.
    pub const ALL: [Self; 10] = [
        Self::Io,
        Self::Full,
        Self::FlushFailed,
        Self::Corrupt,
        Self::UnknownFormat,
        Self::Fenced,
        Self::Limit,
        Self::Missing,
        Self::Unavailable,
        Self::Refused,
    ];

    /// Its page.
    pub fn page(self) -> Code {
        let (code, title, cause, hint) = match self {
            Self::Io => (
                "E4101",
                "the disk refused a read or write",
                "The operating system answered with the error that is shown.",
                "Look at the disk and its permissions, then run the command again.",
            ),
            Self::Full => (
                "E4102",
                "the disk is full",
                "What was accepted before is safe; what was being written was not accepted.",
                "Free some space, then run the command again: it goes on where it stopped.",
            ),
            Self::FlushFailed => (
                "E4103",
                "the disk failed to flush",
                "After a failed flush nobody knows what the disk holds: nothing more is written.",
                "Check the disk; then start again: recovery keeps what was flushed before.",
            ),
            Self::Corrupt => (
                "E4104",
                "stored bytes are not what was written",
                "A checksum in a file does not match: the medium or another program changed it.",
                "Restore the named file from a backup; nothing was changed by this command.",
            ),
            Self::UnknownFormat => (
                "E4105",
                "a file has a format or kind that this version does not know",
                "It was written by a later version, or is not a Saldo file.",
                "Use the version that wrote it, or a later one.",
            ),
            Self::Fenced => (
                "E4106",
                "another process owns this data",
                "One writer at a time may own an operator's data.",
                "Wait for the other process or stop it, then run the command again; a `saldo \
                 serve` is asked with `--server URL`.",
            ),
            Self::Limit => (
                "E4107",
                "a storage limit is reached",
                "Each structure is bounded; the message names the limit.",
                "Resolve what fills it, or raise the limit that the message names.",
            ),
            Self::Missing => (
                "E4108",
                "something that must be stored is not there",
                "A file or record that others refer to is gone.",
                "Restore it from a backup.",
            ),
            Self::Unavailable | Self::Refused => return self.page_of_service(),
        };
        Code { code, title, cause, hint }
    }

    /// The page of what only a service answers.
    fn page_of_service(self) -> Code {
        let (code, title, cause, hint) = match self {
            Self::Unavailable => (
                "E4109",
                "a service cannot be reached",
                "It did not answer in time, or the connection to it ended.",
                "Start the service or mend the way to it, then run the command again: what was \
                 accepted is kept.",
            ),
            _ => (
                "E4110",
                "a service refused what was asked",
                "It answered with the error that is shown: rights or settings are in the way.",
                "Change the service's settings as the error says, then run the command again.",
            ),
        };
        Code { code, title, cause, hint }
    }
}

/// A failure of a port: its kind, what was being done, and the cause.
#[derive(Debug, thiserror::Error)]
#[error("{}: {what}", fault.page().title)]
pub struct PortError {
    /// Its kind.
    pub fault: PortFault,
    /// What was being done, and where (file, offset, position).
    pub what: String,
    /// The cause, when the operating system or a service gave one.
    #[source]
    pub source: Option<io::Error>,
}

impl PortError {
    /// A failure without a cause from outside.
    pub fn new(fault: PortFault, what: impl Into<String>) -> Self {
        Self { fault, what: what.into(), source: None }
    }

    /// A failure that the operating system reported.
    pub fn io(what: impl Into<String>, source: io::Error) -> Self {
        let fault = match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => PortFault::Full,
            io::ErrorKind::NotFound => PortFault::Missing,
            _ => PortFault::Io,
        };
        Self { fault, what: what.into(), source: Some(source) }
    }

    /// A service that could not be reached or did not answer in time.
    pub fn unavailable(what: impl Into<String>, source: Option<io::Error>) -> Self {
        Self { fault: PortFault::Unavailable, what: what.into(), source }
    }

    /// A failed flush.
    pub fn flush(what: impl Into<String>, source: io::Error) -> Self {
        Self { fault: PortFault::FlushFailed, what: what.into(), source: Some(source) }
    }

    /// Bytes that are not what was written.
    pub fn corrupt(what: impl Into<String>) -> Self {
        Self::new(PortFault::Corrupt, what)
    }
}
