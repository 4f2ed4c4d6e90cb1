//! Why a row did not become an event: a numbered reason, and one sentence for a person.

use ledger::{Reject, Stage};

/// A row that is readable as a row but is not an event, or not even readable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The stage of verification that finds it.
    pub stage: Stage,
    /// The numbered reason.
    pub reject: Reject,
    /// One sentence that names fields and columns, and never the values in them: they may be
    /// personal.
    pub reason: String,
}

impl Failure {
    /// A failure with the stage that belongs to `reject`.
    pub fn new(reject: Reject, reason: impl Into<String>) -> Self {
        Self { stage: reject.stage(), reject, reason: reason.into() }
    }

    /// The row cannot be read at all.
    pub fn unreadable(reason: impl Into<String>) -> Self {
        Self::new(Reject::Unreadable, reason)
    }

    /// A field or column has the wrong form.
    pub fn form(reason: impl Into<String>) -> Self {
        Self::new(Reject::FieldForm, reason)
    }

    /// A field or column is missing.
    pub fn missing(reason: impl Into<String>) -> Self {
        Self::new(Reject::FieldMissing, reason)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.reject.code(), self.reason)
    }
}

impl std::error::Error for Failure {}
