//! Where an operator stands: counters, streams, what is open, what it takes on disk.

use crate::counters::Counters;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::{Position, Table};
use proof::Hash;

/// Where an operator stands.
#[derive(Clone, Debug)]
pub struct Status {
    /// The operator.
    pub operator: String,
    /// The position after the last consumed record.
    pub position: Position,
    /// Revision of the book in force; 0 before any.
    pub book_revision: u32,
    /// All sources together.
    pub total: Counters,
    /// Each source.
    pub sources: Vec<(String, Counters)>,
    /// Each stream.
    pub streams: Vec<StreamStatus>,
    /// Root over the heads of all streams.
    pub heads_root: Hash,
    /// Open contests.
    pub contests: u64,
    /// Accounts.
    pub accounts: u32,
    /// Closed periods: agreement, period.
    pub closed: Vec<(String, String)>,
    /// Position and result of the last verification.
    pub verified: Option<(Position, bool)>,
    /// Bytes on disk by purpose.
    pub disk_bytes: Vec<(&'static str, u64)>,
}

/// A stream's tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamStatus {
    /// Its name.
    pub name: String,
    /// Distinct records.
    pub size: u64,
    /// Root of the tree.
    pub root: Hash,
}

impl Engine {
    /// Where the operator stands.
    ///
    /// # Errors
    /// A failing port.
    pub fn status(&self) -> Result<Status, EngineError> {
        let mut total = Counters::default();
        for counters in self.state.counters.values() {
            total.add(counters);
        }
        let heads = proof::heads::HeadsTree::new(self.state.streams.heads(&self.operator))
            .map_err(|error| EngineError::Form(error.to_string()))?;
        let stream = |(name, tree): (&str, &proof::tree::Frontier)| StreamStatus {
            name: name.to_owned(),
            size: tree.size(),
            root: tree.root(),
        };
        let closed = self.all_closed_without_sums()?;
        let revision = self.state.books.current().map_or(0, |r| r.lookup.rules.revision);
        Ok(Status {
            operator: self.operator.clone(),
            position: self.store.position(),
            book_revision: revision,
            total,
            sources: self.state.counters.iter().map(|(s, c)| (s.clone(), *c)).collect(),
            streams: self.state.streams.iter().map(stream).collect(),
            heads_root: heads.root(),
            contests: self.store.document_count(Table::Contest)?,
            accounts: self.store.account_count(),
            closed: closed.into_iter().map(|(agreement, period, _)| (agreement, period)).collect(),
            verified: self.last_verification()?,
            disk_bytes: self.store.stored_bytes()?,
        })
    }
}
