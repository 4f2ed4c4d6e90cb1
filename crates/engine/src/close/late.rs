//! Which closed periods late facts changed: what was posted after the last close of their
//! agreement with a time that they read.

use super::chain::Link;
use crate::block::Block;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::{Position, TotalRow};
use ledger::time::Bucket;
use settle::Scope;
use std::collections::BTreeSet;

/// What was posted late since a position, kept until something is posted: closing several
/// agreements reads the journal for it once.
#[derive(Debug, Default)]
pub struct KeptLate {
    known: Option<Known>,
}

#[derive(Debug)]
struct Known {
    /// From this position on,
    since: Position,
    /// in buckets before this one.
    before: Bucket,
    rows: BTreeSet<Late>,
}

/// Where something was posted: by the record or command at a position, in a bucket of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Late {
    by: Position,
    account: u32,
    bucket: Bucket,
}

impl KeptLate {
    /// Takes in what the command at `by` posted.
    pub fn note(&mut self, rows: &[TotalRow], by: Position) {
        let Some(known) = &mut self.known else { return };
        let (since, before) = (known.since, known.before);
        let late = rows.iter().filter(|row| by >= since && row.bucket < before);
        known.rows.extend(late.map(|row| Late { by, account: row.account, bucket: row.bucket }));
    }

    /// Forgets it.
    pub fn forget(&mut self) {
        self.known = None;
    }
}

/// For each closed period whether its sums are others than at the last close of the agreement.
pub(super) fn changed(
    engine: &Engine,
    links: &[Link],
    scopes: &[Scope<'_>],
) -> Result<Vec<bool>, EngineError> {
    let mut changed = vec![false; links.len()];
    let Some(since) = links.iter().map(|link| link.closed.position).max() else {
        return Ok(changed);
    };
    let ends = scopes.iter().flat_map(|scope| scope.parts().iter().map(|part| part.span.end));
    let before = Bucket::of(ends.max().unwrap_or(i64::MIN));
    let rows = rows(engine, since, before)?;
    if rows.is_empty() {
        return Ok(changed);
    }
    let accounts: BTreeSet<u32> = rows.iter().map(|late| late.account).collect();
    let mut names = Vec::new();
    engine.store().accounts(&mut |account, path, asset| {
        if accounts.contains(&account) {
            names.push((account, path.to_owned(), asset.to_owned()));
        }
    })?;
    for (scope, changed) in scopes.iter().zip(&mut changed) {
        *changed = scope.parts().iter().any(|part| {
            let mut read = names.iter().filter(|(_, path, asset)| part.reads_account(path, asset));
            read.any(|(account, ..)| {
                let inside = |late: &Late| part.span.contains(late.bucket.start_nanos());
                rows.iter().any(|late| late.account == *account && inside(late))
            })
        });
    }
    Ok(changed)
}

fn rows(engine: &Engine, since: Position, before: Bucket) -> Result<Vec<Late>, EngineError> {
    let mut kept = engine.kept.borrow_mut();
    let known = &mut kept.late.known;
    if known.as_ref().is_none_or(|known| known.since > since || known.before < before) {
        // As much as any agreement could ask for next.
        let closed = engine.all_closed_without_sums()?;
        let mut last = std::collections::BTreeMap::<&str, Position>::new();
        for (agreement, _, closed) in &closed {
            let at = last.entry(agreement).or_default();
            *at = closed.position.max(*at);
        }
        let since = last.into_values().chain([since]).min().unwrap_or(since);
        let ends = closed.iter().map(|(.., closed)| Bucket::of(closed.span.end));
        let before = ends.chain([before]).max().unwrap_or(before);
        *known = Some(Known { since, before, rows: read(engine, since, before)? });
    }
    let rows = known.as_ref().map(|known| &known.rows).into_iter().flatten();
    Ok(rows.filter(|late| late.by >= since && late.bucket < before).copied().collect())
}

fn read(engine: &Engine, since: Position, before: Bucket) -> Result<BTreeSet<Late>, EngineError> {
    let (mut rows, mut failed) = (BTreeSet::new(), None);
    let mut walk = |bytes: &[u8]| -> Result<(), EngineError> {
        if Block::bounds_of(bytes)?.0 >= before {
            return Ok(());
        }
        let block = Block::decode(bytes)?;
        for row in block.postings().filter(|_| block.first >= since) {
            for (account, bucket) in
                [(row.debit, row.debit_bucket), (row.credit, row.credit_bucket)]
            {
                if bucket < before {
                    rows.insert(Late { by: block.first, account, bucket });
                }
            }
        }
        Ok(())
    };
    engine.store().blocks(since, &mut |bytes| {
        failed = walk(bytes).err();
        failed.is_none()
    })?;
    failed.map_or(Ok(rows), Err)
}
