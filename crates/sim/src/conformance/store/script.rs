//! Random lives of a Store.

use crate::rng::Rng;
use engine::port::{Commit, DocumentChange, NewAccount, Table, TotalRow};
use ledger::Total;
use ledger::time::Bucket;

/// One thing that happens to a Store.
#[derive(Clone, Debug)]
pub enum Step {
    /// As `Store::commit`.
    Commit(Commit),
    /// As `Store::checkpoint`.
    Checkpoint {
        /// The engine's state.
        state: Vec<u8>,
        /// Tiles that are not full.
        partial: Vec<(String, Vec<u8>)>,
    },
}

struct Life<'a> {
    rng: &'a mut Rng,
    position: u64,
    accounts: u32,
    tiles: u64,
}

/// `steps` steps, about every fourth a checkpoint.
pub fn script(rng: &mut Rng, steps: usize) -> Vec<Step> {
    let mut life = Life { rng, position: 0, accounts: 0, tiles: 0 };
    (0..steps).map(|_| life.step()).collect()
}

impl Life<'_> {
    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let byte = self.rng.next_u64().to_le_bytes()[0];
        (0..length).map(|at| byte.wrapping_add(at.to_le_bytes()[0])).collect()
    }

    fn step(&mut self) -> Step {
        if self.rng.chance(1, 4) {
            let state = self.bytes(40);
            let path = format!("stream/tile/0/{:03}.p/{}", self.tiles, self.rng.between(1, 255));
            let partial = vec![(path, self.bytes(96))];
            return Step::Checkpoint { state, partial };
        }
        let first = self.position;
        self.position += self.rng.between(1, 40);
        let mut commit = Commit { position: self.position, ..Commit::default() };
        for position in first..self.position {
            // Few hashes, so that some keys share one.
            let hash = crate::rng::mix(self.rng.below(500));
            commit.keys.push((hash, position));
        }
        for _ in 0..self.rng.below(3) {
            let path = format!("play:p{}:game", self.accounts);
            commit.accounts.push(NewAccount { path, asset: "KRW".to_owned() });
            self.accounts += 1;
        }
        self.totals(&mut commit);
        if self.rng.chance(3, 4) {
            let length = self.rng.index(3000) + 1;
            commit.block = self.bytes(length);
        }
        for _ in 0..self.rng.below(3) {
            let tile = self.bytes(8192);
            commit.tiles.push((format!("stream/tile/0/{:03}", self.tiles), tile));
            self.tiles += 1;
        }
        self.documents(&mut commit);
        Step::Commit(commit)
    }

    fn totals(&mut self, commit: &mut Commit) {
        for account in 0..self.accounts {
            if self.rng.chance(1, 2) {
                let bucket = i32::try_from(self.rng.below(9)).unwrap_or(0) - 4;
                let debit = i128::from(self.rng.next_u64()) * i128::from(self.rng.below(1 << 40));
                let credit = i128::from(self.rng.below(1000));
                let total = Total { debit, credit, count: self.rng.between(1, 300) };
                commit.totals.push(TotalRow { bucket: Bucket(bucket), account, total });
            }
        }
    }

    fn documents(&mut self, commit: &mut Commit) {
        for _ in 0..self.rng.below(12) {
            let Some(&table) = self.rng.pick(&Table::ALL) else { return };
            let key = self.rng.below(20).to_be_bytes().to_vec();
            let length = self.rng.index(300);
            let value = self.rng.chance(3, 4).then(|| self.bytes(length));
            commit.documents.push(DocumentChange { table, key, value });
        }
    }
}
