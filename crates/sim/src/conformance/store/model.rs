//! What a Store must hold, in maps: slow, and right at a glance.

use engine::port::{Commit, NewAccount, Position, Store, Table};
use ledger::Total;
use ledger::time::Bucket;
use std::collections::{BTreeMap, BTreeSet};

type Place = (i32, u32);

/// A Store that cannot be wrong.
#[derive(Clone, Default)]
pub struct Model {
    position: Position,
    checkpoint: Position,
    state: Vec<u8>,
    keys: BTreeSet<(u64, Position)>,
    accounts: Vec<NewAccount>,
    totals: BTreeMap<Place, Total>,
    /// First position, position after the last, bytes.
    blocks: Vec<(Position, Position, Vec<u8>)>,
    tiles: BTreeMap<String, Vec<u8>>,
    partial: BTreeMap<String, Vec<u8>>,
    documents: BTreeMap<(Table, Vec<u8>), Vec<u8>>,
    since: Vec<Commit>,
}

impl Model {
    /// As `Store::commit`.
    ///
    /// # Panics
    /// When a total overflows.
    pub fn commit(&mut self, commit: &Commit) {
        self.keys.extend(&commit.keys);
        self.accounts.extend(commit.accounts.iter().cloned());
        for row in &commit.totals {
            let sum = self.totals.entry((row.bucket.0, row.account)).or_default();
            sum.add(row.total).expect("totals of a test are small");
        }
        if !commit.block.is_empty() {
            self.blocks.push((self.position, commit.position, commit.block.clone()));
        }
        self.tiles.extend(commit.tiles.iter().cloned());
        for change in &commit.documents {
            let key = (change.table, change.key.clone());
            match &change.value {
                Some(value) => self.documents.insert(key, value.clone()),
                None => self.documents.remove(&key),
            };
        }
        self.position = commit.position;
        self.since.push(commit.clone());
    }

    /// As `Store::checkpoint`.
    pub fn checkpoint(&mut self, state: &[u8], partial: &[(String, Vec<u8>)]) {
        self.checkpoint = self.position;
        self.state = state.to_vec();
        self.partial = partial.iter().cloned().collect();
        self.since.clear();
    }

    /// What was committed since the last checkpoint.
    pub fn commits_since_checkpoint(&self) -> Vec<Commit> {
        self.since.clone()
    }

    /// # Panics
    /// When the Store differs.
    pub fn must_equal(&self, store: &dyn Store, when: &str) {
        if let Some(what) = self.difference(store) {
            panic!("{when}: {what}");
        }
    }

    /// What the Store says otherwise, if anything.
    pub fn difference(&self, store: &dyn Store) -> Option<String> {
        let checks: [(&str, Answer); 8] = [
            ("position", Ok(self.positions(store))),
            ("keys", self.keys_of(store)),
            ("accounts", self.accounts_of(store)),
            ("totals", self.totals_of(store)),
            ("blocks", self.blocks_of(store)),
            ("tiles", self.tiles_of(store)),
            ("documents", self.documents_of(store)),
            ("counts", self.counts_of(store)),
        ];
        checks.into_iter().find_map(|(name, answer)| match answer {
            Ok(true) => None,
            Ok(false) => Some(format!("{name} differ at {}", self.position)),
            Err(error) => Some(format!("{name}: {error}")),
        })
    }

    fn positions(&self, store: &dyn Store) -> bool {
        store.position() == self.position
            && store.checkpoint_position() == self.checkpoint
            && store.checkpoint_state() == self.state
    }

    fn keys_of(&self, store: &dyn Store) -> Answer {
        let mut hashes: Vec<_> = self.keys.iter().map(|key| key.0).collect();
        hashes.dedup();
        let mut found = Vec::new();
        store.probe(&hashes, &mut found)?;
        // Positions of other keys may be among them, so each is looked for; but only positions
        // that were ever added may be there.
        let found: BTreeSet<_> =
            found.into_iter().map(|(at, position)| (hashes[at as usize], position)).collect();
        let positions: BTreeSet<_> = self.keys.iter().map(|key| key.1).collect();
        Ok(found.is_superset(&self.keys) && found.iter().all(|key| positions.contains(&key.1)))
    }

    fn accounts_of(&self, store: &dyn Store) -> Answer {
        let mut found = Vec::new();
        let mut dense = true;
        store.accounts(&mut |id, path, asset| {
            dense &= id as usize == found.len();
            found.push(NewAccount { path: path.to_owned(), asset: asset.to_owned() });
        })?;
        Ok(dense && found == self.accounts && store.account_count() as usize == found.len())
    }

    fn totals_of(&self, store: &dyn Store) -> Answer {
        let low = self.totals.keys().map(|key| key.0).min().unwrap_or(0);
        let high = self.totals.keys().map(|key| key.0).max().unwrap_or(0);
        let middle = i32::midpoint(low, high);
        for (from, to) in [(i32::MIN, i32::MAX), (low, middle), (middle, high), (high, low)] {
            let mut sums: BTreeMap<Place, Total> = BTreeMap::new();
            store.totals(Bucket(from), Bucket(to), &mut |row| {
                let sum = sums.entry((row.bucket.0, row.account)).or_default();
                sum.add(row.total).expect("totals of a test are small");
            })?;
            let inside = self.totals.iter().filter(|(key, _)| from <= key.0 && key.0 < to);
            if !sums.iter().eq(inside) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn blocks_of(&self, store: &dyn Store) -> Answer {
        let starts = self.blocks.iter().flat_map(|block| [block.0, block.1 - 1, block.1]);
        for from in starts.chain([0, self.position]) {
            let mut found = Vec::new();
            store.blocks(from, &mut |block| {
                found.push(block.to_vec());
                true
            })?;
            let wanted = self.blocks.iter().filter(|block| block.1 > from).map(|block| &block.2);
            if !found.iter().eq(wanted) {
                return Ok(false);
            }
        }
        let mut visits = 0;
        store.blocks(0, &mut |_| {
            visits += 1;
            false
        })?;
        Ok(visits == self.blocks.len().min(1))
    }

    fn tiles_of(&self, store: &dyn Store) -> Answer {
        for (path, tile) in self.tiles.iter().chain(&self.partial) {
            if store.tile(path)?.as_ref() != Some(tile) {
                return Ok(false);
            }
        }
        Ok(store.tile("nobody/tile/0/000")?.is_none())
    }

    fn documents_of(&self, store: &dyn Store) -> Answer {
        for table in Table::ALL {
            let mut found = Vec::new();
            store.documents(table, &[], &mut |key, value| {
                found.push(((table, key.to_vec()), value.to_vec()));
                true
            })?;
            let wanted = self.documents.range((table, Vec::new())..);
            let wanted = wanted.take_while(|((other, _), _)| *other == table);
            if !found.iter().map(|(key, value)| (key, value)).eq(wanted) {
                return Ok(false);
            }
            for ((_, key), value) in &found {
                if store.document(table, key)?.as_ref() != Some(value) {
                    return Ok(false);
                }
            }
        }
        Ok(store.document(Table::Meta, b"nobody wrote this")?.is_none())
    }

    fn counts_of(&self, store: &dyn Store) -> Answer {
        for table in Table::ALL {
            let count = self.documents.keys().filter(|key| key.0 == table).count() as u64;
            if store.document_count(table)? != count {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

type Answer = Result<bool, engine::port::PortError>;
