//! What a check found.

use std::fmt;

use ledger::{Asset, Decimal};

use crate::heads::Head;

/// Most findings of one code that a report tells one by one; the rest is counted.
pub const FINDINGS_MAX: usize = 1000;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub enum Severity {
    /// Good to know; the check may still be clean.
    Note,
    /// The statement is not shown to be right.
    Error,
}

/// One thing found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// The stable code; its page says why and what to do.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What, in one sentence.
    pub text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Note => "note",
            Severity::Error => "error",
        };
        write!(f, "{word} {}: {}", self.code, self.text)
    }
}

impl Finding {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        crate::codes::hint(self.code)
    }
}

/// The result of a check.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Report {
    /// Everything found, in the order of the check.
    pub findings: Vec<Finding>,
    /// What the file says, as far as it could be read.
    pub facts: Option<StatementFacts>,
    /// What the comparison with one's own events counted; `None` where none were given.
    pub compared: Option<Compared>,
    /// Findings that were not told because there were too many of their code.
    pub untold: u64,
}

/// What a statement's file says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StatementFacts {
    /// The operator.
    pub operator: String,
    /// Name of the agreement.
    pub agreement: String,
    /// Version of the agreement.
    pub version: u32,
    /// The period as it is written.
    pub period: String,
    /// First nanosecond of the period, UTC.
    pub start: i64,
    /// First nanosecond after it.
    pub end: i64,
    /// The party that pays, that which is paid, the asset, and how much; where the body could be
    /// read.
    pub payable: Option<(String, String, Asset, Decimal)>,
    /// Where each stream was cut.
    pub cut: Vec<Head>,
    /// The commitment's place in the control stream.
    pub sequence: u64,
    /// Leaves of the signed tree.
    pub tree_size: u64,
    /// Names of the keys that signed the checkpoint; empty where none is known to have.
    pub signers: Vec<String>,
    /// Who signed the version of the agreement; `None` where the file says of nobody.
    pub agreed: Option<AgreedFacts>,
    /// Account sums in the file.
    pub rows: u64,
    /// Events that the list stands for.
    pub events: u64,
}

/// Who signed the terms that a statement is rated by.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AgreedFacts {
    /// Names of the keys whose signatures were checked and hold.
    pub signed_by: Vec<String>,
    /// Names of keys that the note says signed too, and that were not given to check.
    pub unchecked: Vec<String>,
}

/// What a comparison with one's own events counted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Compared {
    /// Events given.
    pub given: u64,
    /// Found in the list (or, in a list of digests, in a bucket that agrees).
    pub matched: u64,
    /// Not in the list though they should be.
    pub missing: u64,
    /// In the list under a source of one's own, but not given.
    pub added: u64,
    /// In the list with another content.
    pub altered: u64,
    /// Quarters of an hour whose events differ; only in a list of digests.
    pub buckets_differing: u64,
    /// Given, of no account that the agreement reads or outside the period.
    pub outside: u64,
    /// Given, but posting nothing under the rules.
    pub not_posting: u64,
    /// Given, but depending on an event that was not.
    pub unsure: u64,
    /// Events listed under sources of which none were given.
    pub others: u64,
    /// Whether the account sums were posted again from the events given.
    pub sums_posted: bool,
}

impl Report {
    /// Whether nothing was found against the statement. What was not checked is told by notes.
    pub fn is_clean(&self) -> bool {
        !self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    pub(super) fn error(&mut self, code: &'static str, text: impl Into<String>) {
        self.add(Finding { code, severity: Severity::Error, text: text.into() });
    }

    pub(super) fn note(&mut self, code: &'static str, text: impl Into<String>) {
        self.add(Finding { code, severity: Severity::Note, text: text.into() });
    }

    fn add(&mut self, mut finding: Finding) {
        // Names in a forged file may hold what moves a terminal's cursor.
        if finding.text.contains(char::is_control) {
            finding.text = finding.text.escape_debug().to_string();
        }
        let same =
            |other: &&Finding| (other.code, other.severity) == (finding.code, finding.severity);
        // Findings of a code come together, so that looking at the last ones is enough.
        if self.findings.iter().rev().take_while(same).count() < FINDINGS_MAX {
            self.findings.push(finding);
        } else {
            self.untold += 1;
        }
    }
}

/// An error with its causes, on one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
