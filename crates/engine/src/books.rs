//! The revisions of an operator's book, compiled, each ready for verifying and posting.

use crate::error::EngineError;
use crate::lookup::Lookup;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One revision.
#[derive(Debug)]
pub struct Revision {
    /// Everything compiled from its files.
    pub compiled: book::Compiled,
    /// The tables derived from its rules.
    pub lookup: Arc<Lookup>,
    /// Its files by path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// When it was recorded, nanoseconds UTC.
    pub at: i64,
    /// Who recorded it.
    pub author: String,
    /// Why; empty for the first one.
    pub reason: String,
}

/// Every revision that was recorded.
#[derive(Clone, Debug, Default)]
pub struct Books {
    revisions: BTreeMap<u32, Arc<Revision>>,
}

impl Books {
    /// The revision in force, when any was recorded.
    pub fn current(&self) -> Option<&Arc<Revision>> {
        self.revisions.last_key_value().map(|(_, revision)| revision)
    }

    /// Every revision, in order.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Revision>> {
        self.revisions.values()
    }

    /// The revision with this number.
    ///
    /// # Errors
    /// [`EngineError::Form`] when a record names one that was never recorded.
    pub fn get(&self, number: u32) -> Result<&Arc<Revision>, EngineError> {
        self.revisions
            .get(&number)
            .ok_or_else(|| EngineError::Form(format!("book revision {number} was never recorded")))
    }

    /// Compiles and adds a revision.
    ///
    /// # Errors
    /// [`EngineError::Form`] when the files do not compile: they were checked before they were
    /// recorded, so this binary no longer supports what it wrote.
    pub fn add(
        &mut self,
        number: u32,
        files: BTreeMap<String, Vec<u8>>,
        (at, author, reason): (i64, String, String),
    ) -> Result<(), EngineError> {
        let (compiled, diagnostics) = book::compile(&files, number);
        let compiled = compiled.ok_or_else(|| {
            let first = diagnostics.first().map(ToString::to_string).unwrap_or_default();
            EngineError::Form(format!("book revision {number} does not compile: {first}"))
        })?;
        let lookup = Arc::new(Lookup::new(compiled.rules.clone()));
        self.revisions
            .insert(number, Arc::new(Revision { compiled, lookup, files, at, author, reason }));
        Ok(())
    }
}
