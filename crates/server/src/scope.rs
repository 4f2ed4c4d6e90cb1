//! The bound of a party: which agreements, sources and accounts an asker sees. Every read, REST and
//! GraphQL, asks here and nowhere else.
//!
//! An agreement is seen by those who pay or are paid by it, version by version; a source by the
//! party that sends it; an account where an agreement that is seen reads it and no other
//! counterparty is named in it. The operator's own people see everything that their role may.

use node::NodeError;
use node::engine::Engine;
use node::engine::books::Revision;
use node::ledger::account::unescape;
use node::settle::measure::{Matcher, Seg, account_of};
use node::settle::{Agreement, Measure, Statement};
use std::collections::BTreeSet;

/// What of an operator one asker sees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    party: Option<String>,
}

impl Scope {
    /// What a party sees; everything where there is none.
    pub fn of(party: Option<String>) -> Self {
        Self { party }
    }

    /// The party; none for the operator's own people.
    pub fn party(&self) -> Option<&str> {
        self.party.as_deref()
    }

    /// Whether something between these two is seen.
    pub fn between(&self, from: &str, to: &str) -> bool {
        self.party().is_none_or(|party| party == from || party == to)
    }

    /// The versions of agreements of a book that are seen, in order of name and version.
    pub fn agreements<'b>(&self, revision: &'b Revision) -> impl Iterator<Item = &'b Agreement> {
        let all = revision.compiled.agreements.iter();
        all.filter(|known| self.between(&known.from, &known.to))
    }

    /// Whether an agreement with this name is seen, or was before the book in force.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn agreement(&self, engine: &Engine, name: &str) -> Result<bool, NodeError> {
        if let Some(book) = engine.state().books.current()
            && self.agreements(book).any(|known| known.name == name)
        {
            return Ok(true);
        }
        for (_, closed) in engine.closed_of(name)? {
            if self.statement(&Statement::parse(&closed.body)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a statement is seen.
    pub fn statement(&self, statement: &Statement) -> bool {
        self.between(&statement.from, &statement.to)
    }

    /// Whether a source of the book in force is seen.
    pub fn source(&self, engine: &Engine, source: &str) -> bool {
        let Ok(lookup) = engine.lookup() else { return false };
        let rules = &lookup.rules;
        let Some(known) = rules.source(source) else { return false };
        let Some(party) = self.party() else { return true };
        let sends = rules.sources[usize::from(known)].party;
        sends.is_some_and(|sends| rules.parties[usize::from(sends)].name == party)
    }

    /// Whether a source is of a counterparty whose name must not be told.
    pub fn is_of_another(&self, engine: &Engine, source: &str) -> bool {
        let Some(book) = engine.state().books.current() else { return false };
        let rules = &book.compiled.rules;
        let sends = rules.source(source).and_then(|known| rules.sources[usize::from(known)].party);
        let name = sends.map(|sends| rules.parties[usize::from(sends)].name.as_str());
        name.is_some_and(|name| self.others(book).contains(name))
    }

    /// The names that must not be told: of every counterparty that it has no agreement with.
    pub fn others<'b>(&self, revision: &'b Revision) -> BTreeSet<&'b str> {
        if self.party.is_none() {
            return BTreeSet::new();
        }
        let mut known: BTreeSet<&str> = BTreeSet::new();
        for agreement in self.agreements(revision) {
            known.extend([agreement.from.as_str(), agreement.to.as_str()]);
        }
        let own = &revision.compiled.own_parties;
        let parties = revision.compiled.rules.parties.iter().map(|party| party.name.as_str());
        let is_other = |name: &&str| {
            !known.contains(name) && !own.contains(*name) && self.party() != Some(name)
        };
        parties.filter(is_other).collect()
    }

    /// The accounts that are seen; a selection that accounts do not tell apart opens none.
    pub fn accounts<'b>(&self, revision: &'b Revision) -> Accounts<'b> {
        if self.party.is_none() {
            return Accounts { read: None, others: BTreeSet::new() };
        }
        let mut read = Vec::new();
        for agreement in self.agreements(revision) {
            for reading in agreement.reads() {
                let named = revision.compiled.measures.iter();
                let named = named.filter(|measure| measure.name == reading.measure);
                let terms = named.flat_map(|measure| &measure.terms);
                let matchers = terms.filter_map(|term| {
                    Matcher::new(term, &reading.measure, &reading.selection).ok()
                });
                read.extend(matchers.map(|matcher| (reading.asset.clone(), matcher)));
            }
        }
        Accounts { read: Some(read), others: self.others(revision) }
    }
}

/// The accounts that an asker sees.
pub struct Accounts<'b> {
    read: Option<Vec<(String, Matcher<'b>)>>,
    others: BTreeSet<&'b str>,
}

impl Accounts<'_> {
    /// Whether an account in an asset is seen.
    pub fn sees(&self, path: &str, asset: &str) -> bool {
        let Some(read) = &self.read else { return true };
        let reads = |(in_asset, matcher): &(String, Matcher<'_>)| {
            in_asset == asset && matcher.matches_account(path)
        };
        read.iter().any(reads) && !names_one_of(path, &self.others)
    }
}

/// Whether a segment of a path is one of these names.
pub fn names_one_of(path: &str, names: &BTreeSet<&str>) -> bool {
    !names.is_empty() && path.split(':').any(|part| names.contains(unescape(part).as_str()))
}

/// The path of an account of a measure with everything but its fixed words replaced by `*`.
pub fn masked(path: &str, measure: Option<&Measure>) -> String {
    let terms = measure.map(|measure| measure.terms.as_slice()).unwrap_or_default();
    let Some(term) = terms.iter().find(|term| term.matches(account_of(path).0)) else {
        return "*".to_owned();
    };
    let part = |seg: &Seg| match seg {
        Seg::Literal(text) => text.clone(),
        Seg::Dim(_) | Seg::Any => "*".to_owned(),
    };
    term.template.iter().map(part).collect::<Vec<_>>().join(":")
}
