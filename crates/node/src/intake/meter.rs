//! What intake spends its time on, in nanoseconds per step, for the benchmark and for operators.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A step of intake that is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Reading the file and finding rows.
    Read,
    /// Decoding rows to drafts and encoding records.
    Decode,
    /// Pseudonyms.
    Vault,
    /// Encrypting and keeping raw rows.
    Raw,
    /// Flushing Vault and raw rows.
    RawFlush,
    /// Verification stages and hashing.
    Prepare,
    /// Appending to the Log.
    Append,
    /// Deciding, posting, committing in memory.
    Apply,
    /// Making the Store durable.
    Checkpoint,
    /// Flushing the Log (on its own thread).
    Flush,
}

impl Part {
    /// Every part, in the order of the work.
    pub const ALL: [Self; 10] = [
        Self::Read,
        Self::Decode,
        Self::Vault,
        Self::Raw,
        Self::RawFlush,
        Self::Prepare,
        Self::Append,
        Self::Apply,
        Self::Checkpoint,
        Self::Flush,
    ];

    /// Its name in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Decode => "decode",
            Self::Vault => "vault",
            Self::Raw => "raw",
            Self::RawFlush => "raw_flush",
            Self::Prepare => "verify_and_hash",
            Self::Append => "log_append",
            Self::Apply => "decide_and_post",
            Self::Checkpoint => "checkpoint",
            Self::Flush => "log_flush",
        }
    }
}

/// Adds up times from several threads.
#[derive(Debug, Default)]
pub struct Meter {
    nanos: [AtomicU64; 10],
    commits: Mutex<Vec<u32>>,
    milestones: Mutex<Vec<(u64, Duration)>>,
    bytes: AtomicU64,
}

/// What a meter has added up.
#[derive(Clone, Debug, Default)]
pub struct Timings {
    /// Nanoseconds of work per part, over all threads.
    pub nanos: Vec<(&'static str, u64)>,
    /// Microseconds from appending a frame to its effects being readable and durable in the Log,
    /// one per frame, ascending.
    pub commit_micros: Vec<u32>,
    /// Records consumed and the time since the beginning, at every frame.
    pub milestones: Vec<(u64, Duration)>,
}

impl Meter {
    /// Times `work` as `part`.
    pub fn time<T>(&self, part: Part, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = work();
        self.add(part, u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX));
        result
    }

    /// Adds time that was taken elsewhere.
    pub fn add(&self, part: Part, nanos: u64) {
        self.nanos[part as usize].fetch_add(nanos, Ordering::Relaxed);
    }

    /// Notes how many bytes of the file were read.
    pub fn bytes(&self, bytes: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
    }

    /// How many bytes of the file were read.
    pub fn bytes_read(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Notes the time one frame took from its append to its commit.
    pub fn commit(&self, took: Duration) {
        if let Ok(mut commits) = self.commits.lock() {
            commits.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
        }
    }

    /// Notes how far intake has come.
    pub fn milestone(&self, records: u64, since: Duration) {
        if let Ok(mut milestones) = self.milestones.lock() {
            milestones.push((records, since));
        }
    }

    /// What was added up.
    pub fn timings(&self) -> Timings {
        let nanos = Part::ALL
            .iter()
            .map(|part| (part.word(), self.nanos[*part as usize].load(Ordering::Relaxed)))
            .collect();
        let mut commit_micros = self.commits.lock().map(|list| list.clone()).unwrap_or_default();
        commit_micros.sort_unstable();
        let milestones = self.milestones.lock().map(|list| list.clone()).unwrap_or_default();
        Timings { nanos, commit_micros, milestones }
    }
}
