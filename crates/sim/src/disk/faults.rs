//! Which call fails, and how.

use std::io;

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Read,
    Write,
    Sync,
    Name,
    SyncDir,
}

/// A class of calls that is counted, so that a test can make each in turn fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    /// Reads, lengths, lists, openings of what exists.
    Reads,
    /// Writes and changes of length.
    Writes,
    /// Syncs of files and directories.
    Syncs,
    /// Everything that changes something: writes, syncs, and names made, moved or removed.
    Changes,
    /// Every call.
    All,
}

impl Calls {
    fn has(self, call: Call) -> bool {
        match self {
            Self::Reads => call == Call::Read,
            Self::Writes => call == Call::Write,
            Self::Syncs => matches!(call, Call::Sync | Call::SyncDir),
            Self::Changes => call != Call::Read,
            Self::All => true,
        }
    }
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An input or output error; nothing was done.
    Eio,
    /// No space is left; nothing was done.
    Enospc,
    /// A write that was done up to some sector, then an error. Other calls fail as with `Eio`.
    ShortWrite,
    /// A sync that fails and forgets part of what was pending. Other calls fail as with `Eio`.
    FlushFails,
    /// The power goes off within the call: it and every later call fail.
    PowerCut,
}

impl Fault {
    pub(super) fn error(self) -> io::Error {
        match self {
            Self::Enospc => io::Error::new(io::ErrorKind::StorageFull, "no space is left (fault)"),
            Self::PowerCut => io::Error::other("the power is off (fault)"),
            Self::Eio | Self::ShortWrite | Self::FlushFails => {
                io::Error::other("input or output error (fault)")
            }
        }
    }
}

struct Planned {
    class: Calls,
    at: u64,
    fault: Fault,
    stays: bool,
}

/// What was counted, and what is planned.
#[derive(Default)]
pub(super) struct Faults {
    seen: Vec<(Call, u64)>,
    planned: Vec<Planned>,
    power_off: bool,
    pub(super) ignored_files: Vec<String>,
    pub(super) ignored_dirs: Vec<String>,
}

impl Faults {
    pub(super) fn count(&self, class: Calls) -> u64 {
        self.seen.iter().filter(|(call, _)| class.has(*call)).map(|(_, count)| count).sum()
    }

    pub(super) fn plan(&mut self, class: Calls, at: u64, fault: Fault, stays: bool) {
        self.planned.push(Planned { class, at, fault, stays });
    }

    /// Counts a call and says how it fails, if it does.
    pub(super) fn next(&mut self, call: Call) -> Option<Fault> {
        if self.power_off {
            return Some(Fault::PowerCut);
        }
        let hits = |planned: &&Planned| {
            let count = self.count(planned.class);
            planned.class.has(call)
                && (count == planned.at || (planned.stays && count > planned.at))
        };
        let fault = self.planned.iter().find(hits).map(|planned| planned.fault);
        match self.seen.iter_mut().find(|(seen, _)| *seen == call) {
            Some((_, count)) => *count += 1,
            None => self.seen.push((call, 1)),
        }
        self.power_off = fault == Some(Fault::PowerCut);
        fault
    }
}
