//! P4: a batch whose debits and credits differ is refused, and nothing of it is committed.

use super::Step;
use crate::engine::{Engine, Secrets};
use crate::error::EngineError;
use crate::port::{
    AccountId, Commit, Fetched, Frame, Log, LogReader, PortError, Position, Store, Table, TotalRow,
};
use ledger::Total;
use ledger::time::Bucket;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Two accounts in euro and one in won; it only counts what is committed.
#[derive(Default)]
struct Counting(Arc<AtomicUsize>);

const ACCOUNTS: [(&str, &str); 3] = [("a", "EUR"), ("b", "EUR"), ("c", "KRW")];

impl Store for Counting {
    fn position(&self) -> Position {
        0
    }
    fn checkpoint_position(&self) -> Position {
        0
    }
    fn checkpoint_state(&self) -> Vec<u8> {
        Vec::new()
    }
    fn probe(&self, _: &[u64], _: &mut Vec<(u32, Position)>) -> Result<(), PortError> {
        Ok(())
    }
    fn commit(&mut self, _: Commit) -> Result<(), PortError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
    fn checkpoint_due(&self) -> bool {
        false
    }
    fn checkpoint(&mut self, _: &[u8], _: &[(String, Vec<u8>)]) -> Result<(), PortError> {
        Ok(())
    }
    fn account_count(&self) -> u32 {
        3
    }
    fn accounts(&self, visit: &mut dyn FnMut(AccountId, &str, &str)) -> Result<(), PortError> {
        (0..).zip(ACCOUNTS).for_each(|(id, (path, asset))| visit(id, path, asset));
        Ok(())
    }
    fn totals(&self, _: Bucket, _: Bucket, _: &mut dyn FnMut(TotalRow)) -> Result<(), PortError> {
        Ok(())
    }
    fn blocks(&self, _: Position, _: &mut dyn FnMut(&[u8]) -> bool) -> Result<(), PortError> {
        Ok(())
    }
    fn tile(&self, _: &str) -> Result<Option<Vec<u8>>, PortError> {
        Ok(None)
    }
    fn document(&self, _: Table, _: &[u8]) -> Result<Option<Vec<u8>>, PortError> {
        Ok(None)
    }
    fn documents(
        &self,
        _: Table,
        _: &[u8],
        _: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), PortError> {
        Ok(())
    }
    fn document_count(&self, _: Table) -> Result<u64, PortError> {
        Ok(0)
    }
    fn stored_bytes(&self) -> Result<Vec<(&'static str, u64)>, PortError> {
        Ok(Vec::new())
    }
}

/// A Log without a record; nothing here reads one.
struct Empty;

impl Log for Empty {
    fn append(&self, _: &[Frame]) -> Result<Position, PortError> {
        Ok(0)
    }
    fn flush(&self) -> Result<Position, PortError> {
        Ok(0)
    }
    fn end(&self) -> Position {
        0
    }
    fn durable_end(&self) -> Position {
        0
    }
    fn reader(&self, _: Position) -> Result<Box<dyn LogReader>, PortError> {
        unreachable!("nothing is read")
    }
    fn fetch(&self, _: Position, _: &mut Vec<u8>, _: &mut Vec<u8>) -> Result<Fetched, PortError> {
        unreachable!("nothing is fetched")
    }
}

/// Finishes a batch that adds these debits (above zero) and credits (below) to accounts; what is
/// said of it, and how many commits the Store has seen.
fn finish(effects: &[(AccountId, i32, i128)]) -> (Result<(), EngineError>, usize) {
    let commits = Arc::new(AtomicUsize::new(0));
    let secrets = Secrets { index: [1; 16], blinds: [2; 32] };
    let store = Box::new(Counting(Arc::clone(&commits)));
    let mut engine = Engine::open("house", secrets, Arc::new(Empty), store).unwrap();
    let mut step = Step::new(&mut engine, 7);
    for (account, bucket, amount) in effects {
        let of = if *amount < 0 { Total::of_credit } else { Total::of_debit };
        step.scratch.deltas.add(*account, Bucket(*bucket), of(amount.abs())).unwrap();
    }
    let ended = step.finish(8);
    (ended, commits.load(Ordering::Relaxed))
}

#[test]
fn an_unbalanced_batch_is_refused_and_nothing_is_committed() {
    for (name, effects, said) in [
        ("a debit alone", vec![(0, 0, 5)], "EUR by"),
        ("a unit more", vec![(0, 0, 500), (1, 0, -499)], "EUR by"),
        ("two assets that together balance", vec![(0, 0, 5), (2, 0, -5)], "at position 7"),
        ("the second asset", vec![(0, 0, 5), (1, 0, -5), (2, 0, -1)], "KRW by"),
        ("one account in two buckets", vec![(1, 0, 3), (1, 9, -2)], "EUR by"),
    ] {
        let (ended, commits) = finish(&effects);
        let Err(error) = ended else { panic!("{name}: it was taken") };
        assert_eq!(error.code(), "E5102", "{name}: {error}");
        assert!(error.to_string().contains(said), "{name}: {error}");
        assert_eq!(commits, 0, "{name}");
    }
    let (ended, commits) = finish(&[(0, 0, 5), (1, 4, -3), (1, 9, -2)]);
    ended.unwrap();
    assert_eq!(commits, 1, "what balances is committed");
}
