//! Accounts that the rating of an agreement does not tell apart.

use settle::measure::Term;
use settle::{Agreement, Measure};
use std::collections::{BTreeSet, HashMap};

/// Finds for each account one that counts the same for every step: no measure that is read has a
/// term that matches one of them alone, and they have the same value of every dimension that
/// something is selected or grouped by.
pub(super) struct Merger<'a> {
    names: &'a [(String, String)],
    /// With the places in their paths that are looked at.
    terms: Vec<(&'a Term, Vec<usize>)>,
    /// By what tells accounts apart: the first one found.
    classes: HashMap<Vec<u8>, u32>,
    key: Vec<u8>,
    known: HashMap<u32, u32>,
}

impl<'a> Merger<'a> {
    /// Prepares for the rating of an agreement.
    pub fn new(
        agreement: &Agreement,
        measures: &'a [Measure],
        names: &'a [(String, String)],
    ) -> Self {
        let reads = agreement.reads();
        let dims: BTreeSet<&String> = reads
            .iter()
            .flat_map(|read| read.by.iter().chain(read.selection.dims.keys()))
            .collect();
        let terms = measures.iter().flat_map(|measure| &measure.terms).map(|term| {
            let places = dims.iter().filter_map(|dim| term.position(dim)).collect();
            (term, places)
        });
        let terms = terms.collect();
        let (classes, key, known) = (HashMap::new(), Vec::new(), HashMap::new());
        Self { names, terms, classes, key, known }
    }

    /// The account that stands for this one.
    pub fn one_for(&mut self, account: u32) -> u32 {
        if let Some(one) = self.known.get(&account) {
            return *one;
        }
        let (path, asset) = &self.names[account as usize];
        self.key.clear();
        self.key.extend_from_slice(asset.as_bytes());
        for (term, places) in &self.terms {
            let matches = term.matches(path);
            self.key.push(b'\n');
            self.key.push(matches.into());
            for place in places.iter().filter(|_| matches) {
                // Paths escape line ends, as they do colons.
                let segment = path.split(':').nth(*place).unwrap_or_default();
                self.key.extend_from_slice(segment.as_bytes());
                self.key.push(b':');
            }
        }
        let one = match self.classes.get(&self.key) {
            Some(one) => *one,
            None => {
                self.classes.insert(self.key.clone(), account);
                account
            }
        };
        self.known.insert(account, one);
        one
    }
}
