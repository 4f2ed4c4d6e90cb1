//! What the recomputed statements moved, added up apart from the stream road: netting reads it, and
//! the totals must have it.

use crate::batch::{BatchSum, Recomputed};
use crate::close::Closed;
use crate::control::{Command, Control};
use crate::effect::{Settled, bucket_of};
use crate::error::EngineError;
use crate::port::Position;
use ledger::Total;
use ledger::time::Bucket;
use settle::{AccountSum, Movement, Scope};
use std::collections::BTreeMap;

/// Path and asset.
type Account = (String, String);

/// What statements and holds moved, up to some position.
#[derive(Default)]
pub struct Effects {
    moved: Vec<Moved>,
    /// By agreement and period.
    settled: BTreeMap<(String, String), Settled>,
}

/// One side of one movement.
struct Moved {
    at: Position,
    bucket: Bucket,
    account: Account,
    total: Total,
}

impl Effects {
    /// Takes in a statement, where its record is there.
    pub fn settle(&mut self, period: &str, closed: &Closed, settled: Settled) {
        if closed.sequence.is_some() {
            let bucket = bucket_of(closed.span);
            self.take(&settled.movements, closed.statement_position, bucket);
        }
        let key = (settled.statement.agreement.clone(), period.to_owned());
        self.settled.insert(key, settled);
    }

    /// Takes in a hold or a release.
    pub fn hold(&mut self, control: &Control) -> Result<(), EngineError> {
        let (holding, release) = match &control.command {
            Command::Hold(holding) => (holding, false),
            Command::Release(holding) => (holding, true),
            _ => return Ok(()),
        };
        let key = (holding.agreement.clone(), holding.period.clone());
        let settled = self
            .settled
            .get(&key)
            .ok_or_else(|| EngineError::Unknown(format!("a statement of {} {}", key.0, key.1)))?;
        let movement = settled.hold(&holding.line, release);
        self.take(movement.as_slice(), Position::MAX, Bucket::of(control.at));
        Ok(())
    }

    fn take(&mut self, movements: &[Movement], at: Position, bucket: Bucket) {
        for movement in movements {
            let sides = [
                (&movement.debit, Total { debit: movement.minor, credit: 0, count: 1 }),
                (&movement.credit, Total { debit: 0, credit: movement.minor, count: 1 }),
            ];
            let moved = sides.map(|(path, total)| {
                let account = (path.clone(), movement.asset.clone());
                Moved { at, bucket, account, total }
            });
            self.moved.extend(moved);
        }
    }

    /// Whether a scope reads what statements came to.
    pub fn are_read(&self, scope: &Scope<'_>) -> bool {
        self.moved.iter().any(|moved| scope.reads(&moved.account.0, &moved.account.1))
    }

    /// What a scope reads of the statements recorded before a position.
    pub fn sums(&self, scope: &Scope<'_>, before: Position) -> Vec<AccountSum> {
        let mut sums: BTreeMap<&Account, Total> = BTreeMap::new();
        let known = self.moved.iter().filter(|moved| moved.at < before);
        for moved in known {
            let (path, asset) = &moved.account;
            let mut parts = scope.parts().iter();
            let is_read = parts.any(|part| {
                part.reads_account(path, asset) && part.span.contains(moved.bucket.start_nanos())
            });
            if is_read {
                let sum = sums.entry(&moved.account).or_default();
                sum.debit = sum.debit.saturating_add(moved.total.debit);
                sum.credit = sum.credit.saturating_add(moved.total.credit);
                sum.count += 1;
            }
        }
        let sum = |((path, asset), total): (&Account, Total)| AccountSum {
            path: path.clone(),
            asset: asset.clone(),
            total,
        };
        sums.into_iter().map(sum).collect()
    }

    /// Adds all of it to what the raw events give.
    pub fn join(self, recomputed: &mut Recomputed) -> Result<(), EngineError> {
        let mut own: BTreeMap<Account, BTreeMap<Bucket, Total>> = BTreeMap::new();
        for Moved { bucket, account, total, .. } in self.moved {
            own.entry(account).or_default().entry(bucket).or_default().add(total)?;
        }
        let many = |_| EngineError::Form("there are more accounts than can be verified".into());
        let (mut accounts, mut numbers) = (Vec::new(), Vec::new());
        let mut own = own.into_iter().peekable();
        let mut fresh = Vec::new();
        for account in std::mem::take(&mut recomputed.accounts) {
            while let Some(before) = own.next_if(|(name, _)| *name < account) {
                fresh.push((u32::try_from(accounts.len()).map_err(many)?, before.1));
                accounts.push(before.0);
            }
            let number = u32::try_from(accounts.len()).map_err(many)?;
            if let Some((_, same)) = own.next_if(|(name, _)| *name == account) {
                fresh.push((number, same));
            }
            numbers.push(number);
            accounts.push(account);
        }
        for (name, buckets) in own {
            fresh.push((u32::try_from(accounts.len()).map_err(many)?, buckets));
            accounts.push(name);
        }
        recomputed.accounts = accounts;
        recomputed.sums.iter_mut().for_each(|sum| sum.account = numbers[sum.account as usize]);
        let rows = fresh.into_iter().flat_map(|(account, buckets)| {
            buckets.into_iter().map(move |(bucket, total)| {
                let Total { debit, credit, count } = total;
                BatchSum { account, bucket, debit, credit, count }
            })
        });
        recomputed.sums.extend(rows);
        recomputed.sums.sort_by_key(|sum| (sum.account, sum.bucket));
        Ok(())
    }
}
