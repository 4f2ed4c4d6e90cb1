//! Gathering the sums that agreements read, as everything posted so far has them: plain ones and
//! those over windows from totals, finer ones by one scan of the journal for all that is asked
//! together. It costs one reading of the journal however many agreements ask.

mod days;
mod fine;
mod late;
mod scan;
mod values;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::sums::buckets_of;
use fine::Fine;
pub(crate) use fine::{Grouping, KeptFine};
use settle::{AccountSum, Grain, Scope};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one agreement reads of one period.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The sums.
    pub scope: &'a Scope<'a>,
    /// The zone whose days count.
    pub zone: &'a str,
}

/// The numbers of the accounts that the parts of a scope read, by the grain of the sums.
type ByGrain = BTreeMap<Grain, (Vec<u32>, ledger::time::Span)>;

impl Engine {
    /// The sums of each ask, ascending by path and asset, each once.
    ///
    /// # Errors
    /// When a port fails or a sum leaves 128 bits.
    pub fn gather(&self, asks: &[Ask<'_>]) -> Result<Vec<Vec<AccountSum>>, EngineError> {
        let mut names = Vec::with_capacity(self.store().account_count() as usize);
        self.store().accounts(&mut |_, path, asset| {
            names.push((path.to_owned(), asset.to_owned()));
        })?;
        let wanted: Vec<ByGrain> = asks.iter().map(|ask| accounts_of(ask, &names)).collect();
        let fine = self.fine_of(asks, &wanted, names.len())?;
        let mut all = Vec::with_capacity(asks.len());
        for (ask, wanted) in asks.iter().zip(&wanted) {
            let mut sums = Vec::new();
            for (grain, (accounts, span)) in wanted {
                if grain.by.is_empty() {
                    self.plain(grain, accounts, *span, &names, &mut sums)?;
                    continue;
                }
                let grouping = Grouping::of(grain, *span, ask.zone);
                if let Some(fine) = fine.get(&grouping) {
                    let before = sums.len();
                    fine.push(grain, accounts, &names, &mut sums);
                    if selects(ask.scope, grain) {
                        let mut finer = sums.split_off(before);
                        finer.retain(|sum| ask.scope.reads(&sum.path, &sum.asset));
                        sums.append(&mut finer);
                    }
                }
            }
            sums.sort_unstable_by(|a, b| (&a.path, &a.asset).cmp(&(&b.path, &b.asset)));
            all.push(sums);
        }
        Ok(all)
    }

    /// Sums of accounts over one span, from totals.
    fn plain(
        &self,
        grain: &Grain,
        accounts: &[u32],
        span: ledger::time::Span,
        names: &[(String, String)],
        sums: &mut Vec<AccountSum>,
    ) -> Result<(), EngineError> {
        let totals = self.kept.borrow_mut().totals(self.store(), buckets_of(span)?)?;
        for account in accounts {
            let total = totals.get(*account as usize).copied().unwrap_or_default();
            if total.count > 0 {
                let (path, asset) = &names[*account as usize];
                let mut path = path.clone();
                grain.push(&mut path, &[]);
                sums.push(AccountSum { path, asset: asset.clone(), total });
            }
        }
        Ok(())
    }

    /// Every finer grouping that is asked for: kept from before, or scanned together.
    fn fine_of(
        &self,
        asks: &[Ask<'_>],
        wanted: &[ByGrain],
        accounts: usize,
    ) -> Result<BTreeMap<Grouping, Arc<Fine>>, EngineError> {
        let mut asked: BTreeMap<Grouping, Vec<bool>> = BTreeMap::new();
        for (ask, wanted) in asks.iter().zip(wanted) {
            for (grain, (numbers, span)) in wanted.iter().filter(|(grain, _)| !grain.by.is_empty())
            {
                let marks = asked.entry(Grouping::of(grain, *span, ask.zone)).or_default();
                marks.resize(accounts, false);
                numbers.iter().for_each(|account| marks[*account as usize] = true);
            }
        }
        let mut found = BTreeMap::new();
        asked.retain(|grouping, marks| match self.kept.borrow().fine.find(grouping, marks) {
            Some(fine) => {
                found.insert(grouping.clone(), fine);
                false
            }
            None => true,
        });
        let (by_day, by_event): (Vec<_>, Vec<_>) =
            asked.into_iter().partition(|(grouping, _)| grouping.is_by_day_alone());
        let mut fresh = Vec::new();
        for (grouping, marks) in by_day {
            fresh.push((grouping.clone(), days::scan(self.store(), &grouping, marks)?));
        }
        for some in by_event.chunks(scan::GROUPINGS_MAX) {
            fresh.extend(scan::scan(self, some)?);
        }
        for (grouping, fine) in fresh {
            let fine = Arc::new(fine);
            self.kept.borrow_mut().fine.keep(grouping.clone(), Arc::clone(&fine));
            found.insert(grouping, fine);
        }
        Ok(found)
    }
}

fn accounts_of(ask: &Ask<'_>, names: &[(String, String)]) -> ByGrain {
    let mut found = ByGrain::new();
    for part in ask.scope.parts() {
        let grain = ask.scope.needs()[part.need].grain.clone();
        let (numbers, _) = found.entry(grain).or_insert_with(|| (Vec::new(), part.span));
        let reads = |(_, (path, asset)): &(u32, &(String, String))| part.reads_account(path, asset);
        numbers.extend((0u32..).zip(names).filter(reads).map(|(number, _)| number));
    }
    for (numbers, _) in found.values_mut() {
        numbers.sort_unstable();
        numbers.dedup();
    }
    found
}

/// Whether any need of this grain counts only some values of the finer dimensions.
fn selects(scope: &Scope<'_>, grain: &Grain) -> bool {
    let needs = scope.needs().iter().filter(|need| need.grain == *grain);
    needs.into_iter().any(|need| need.selection.dims.keys().any(|dim| grain.by.contains(dim)))
}
