//! What is said on stderr while work goes on, and how a piece of work ends.

use std::time::Instant;

/// How a step ended, with one line on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is as it should be.
    Passed(String),
    /// It was not done, and that is no fault of the tree.
    Skipped(String),
    /// Something is wrong with the tree.
    Failed(String),
    /// It could not be done at all.
    Unable(String),
}

impl Outcome {
    /// The word of a summary table.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Passed(_) => "passed",
            Self::Skipped(_) => "skipped",
            Self::Failed(_) | Self::Unable(_) => "FAILED",
        }
    }

    /// The line on it.
    pub fn line(&self) -> &str {
        match self {
            Self::Passed(s) | Self::Skipped(s) | Self::Failed(s) | Self::Unable(s) => s,
        }
    }

    /// Whether it counts as a failure.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Unable(_))
    }

    /// Passed when there are no complaints; else prints each and fails with their number.
    pub fn of_complaints(complaints: &[String], passed: String) -> Self {
        for complaint in complaints {
            eprintln!("  {complaint}");
        }
        match complaints.len() {
            0 => Self::Passed(passed),
            1 => Self::Failed("1 complaint".to_owned()),
            n => Self::Failed(format!("{n} complaints")),
        }
    }
}

/// Says what is being done.
pub fn say(what: &str) {
    eprintln!("xtask: {what}");
}

/// The time since `start`, as in `12.3 s`.
pub fn seconds(start: Instant) -> String {
    let tenths = start.elapsed().as_millis() / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}
