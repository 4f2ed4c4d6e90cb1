//! Gathering the sums that agreements read, as everything posted so far has them: plain ones and
//! those over windows from totals, finer ones by one scan of the journal for all that is asked
//! together. It costs one reading of the journal however many agreements ask.

mod days;
mod fine;
mod late;
mod merge;
mod only;
mod scan;
mod selected;
mod values;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::sums::{buckets_of, grouped};
use fine::{Emitter, Fine};
pub(crate) use fine::{Grouping, KeptFine};
use ledger::Total;
use ledger::time::{Bucket, Span};
use merge::Merger;
use only::Only;
use settle::measure::Matcher;
use settle::{AccountSum, Agreement, Grain, Measure, Scope};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one agreement reads of one period.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The sums.
    pub scope: &'a Scope<'a>,
    /// The zone whose days count.
    pub zone: &'a str,
    /// Whose rating they are for, where accounts that it does not tell apart may be given as one,
    /// and in any order: fewer sums, which give the same statement.
    pub merged_for: Option<(&'a Agreement, &'a [Measure])>,
}

/// The numbers of the accounts that the parts of a scope read, by the grain of the sums.
type ByGrain = BTreeMap<Grain, (Arc<[u32]>, Span)>;

/// Totals of accounts, with the grain that they are of.
type Plain<'a> = Vec<(&'a Grain, u32, Total)>;

/// Lists of accounts that together are read over one span.
type Lists = (Vec<Arc<[u32]>>, Span);

/// What was read for several asks, to be given to each as sums.
pub(crate) struct Gathered<'a> {
    asks: &'a [Ask<'a>],
    wanted: Vec<ByGrain>,
    names: Vec<(String, String)>,
    /// By ask and grain.
    fine: Vec<BTreeMap<Grain, Arc<Fine>>>,
    /// By ask: totals of accounts, and the grain that they are of.
    plain: Vec<Plain<'a>>,
}

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Groupings that were made of events together, each by its dimensions and over its time.
    pub groupings: u64,
    /// Finer sums that came out.
    pub sums: u64,
}

impl Engine {
    /// The sums of each ask, ascending by path and asset, each once.
    ///
    /// # Errors
    /// When a port fails or a sum leaves 128 bits.
    pub fn gather(&self, asks: &[Ask<'_>]) -> Result<Vec<Vec<AccountSum>>, EngineError> {
        let gathered = self.read_for(asks)?;
        (0..asks.len()).map(|at| gathered.sums(at)).collect()
    }

    /// Reads what all asks need.
    ///
    /// # Errors
    /// When a port fails or a sum leaves 128 bits.
    pub(crate) fn read_for<'a>(&self, asks: &'a [Ask<'a>]) -> Result<Gathered<'a>, EngineError> {
        let mut names = Vec::with_capacity(self.store().account_count() as usize);
        self.store().accounts(&mut |_, path, asset| {
            names.push((path.to_owned(), asset.to_owned()));
        })?;
        let mut known = Known::default();
        let wanted: Vec<ByGrain> = asks.iter().map(|ask| known.accounts_of(ask, &names)).collect();
        let fine = self.fine_of(asks, &wanted, names.len())?;
        let plain = self.plain(asks, &wanted, names.len())?;
        Ok(Gathered { asks, wanted, names, fine, plain })
    }

    /// Sums of accounts over whole spans, from totals.
    fn plain<'a>(
        &self,
        asks: &'a [Ask<'a>],
        wanted: &[ByGrain],
        accounts: usize,
    ) -> Result<Vec<Plain<'a>>, EngineError> {
        let mut of_span: BTreeMap<(Bucket, Bucket), Vec<(usize, &Grain)>> = BTreeMap::new();
        for (at, wanted) in wanted.iter().enumerate() {
            for (grain, (_, span)) in wanted.iter().filter(|(grain, _)| grain.by.is_empty()) {
                of_span.entry(buckets_of(*span)?).or_default().push((at, grain));
            }
        }
        let mut kept = self.kept.borrow_mut();
        let mut all = vec![Vec::new(); asks.len()];
        for spans in grouped(of_span.keys().copied().collect(), accounts) {
            kept.read_totals(self.store(), &spans)?;
            for span in spans {
                for (at, grain) in of_span.get(&span).into_iter().flatten() {
                    let Some((numbers, _)) = wanted[*at].get(grain) else { continue };
                    let of = asks[*at].scope.needs().iter().map(|need| &need.grain);
                    let Some(grain) = of.into_iter().find(|found| found == grain) else { continue };
                    for account in numbers.iter() {
                        let total = kept.total(span, *account)?;
                        if total.count > 0 {
                            all[*at].push((grain, *account, total));
                        }
                    }
                }
            }
        }
        Ok(all)
    }

    /// The finer sums that each ask reads, by grain: kept from before, or scanned together.
    fn fine_of(
        &self,
        asks: &[Ask<'_>],
        wanted: &[ByGrain],
        accounts: usize,
    ) -> Result<Vec<BTreeMap<Grain, Arc<Fine>>>, EngineError> {
        let mut asked = Asked::default();
        let mut places = Vec::new();
        for (ask, wanted) in asks.iter().zip(wanted) {
            let finer = wanted.iter().filter(|(grain, _)| !grain.by.is_empty());
            let of_ask = finer.map(|(grain, (numbers, span))| {
                let mut marks = vec![false; accounts];
                numbers.iter().for_each(|account| marks[*account as usize] = true);
                let grouping = Grouping::of(grain, *span, ask.zone);
                (grain.clone(), asked.place(grouping, (marks, Only::of(ask.scope, grain))))
            });
            places.push(of_ask.collect::<Vec<_>>());
        }
        let mut found: Vec<Option<Arc<Fine>>> = asked
            .all
            .iter()
            .map(|(grouping, wanted)| self.kept.borrow().fine.find(grouping, wanted))
            .collect();
        let missing = (0..).zip(asked.all).filter(|(at, _): &(usize, _)| found[*at].is_none());
        let (by_day, by_event): (Vec<_>, Vec<_>) =
            missing.partition(|(_, (grouping, _))| grouping.is_by_day_alone());
        let mut fresh = Vec::new();
        for (at, (grouping, wanted)) in by_day {
            fresh.push((at, days::scan(self.store(), &grouping, wanted)?, grouping));
        }
        let (numbers, by_event): (Vec<usize>, Vec<_>) = by_event.into_iter().unzip();
        for (numbers, some) in
            numbers.chunks(scan::GROUPINGS_MAX).zip(by_event.chunks(scan::GROUPINGS_MAX))
        {
            let scanned = numbers.iter().zip(scan::scan(self, some)?);
            fresh.extend(scanned.map(|(at, (grouping, fine))| (*at, fine, grouping)));
        }
        for (at, fine, grouping) in fresh {
            let fine = Arc::new(fine);
            self.kept.borrow_mut().fine.keep(grouping, Arc::clone(&fine));
            found[at] = Some(fine);
        }
        let of_ask = |of_ask: Vec<(Grain, usize)>| {
            let of_ask = of_ask.into_iter();
            of_ask.filter_map(|(grain, at)| Some((grain, found[at].clone()?))).collect()
        };
        Ok(places.into_iter().map(of_ask).collect())
    }
}

/// The finer sums that are asked for, those together that cost no more together.
#[derive(Default)]
struct Asked {
    all: Vec<(Grouping, (Vec<bool>, Only))>,
}

impl Asked {
    /// The place of what has these sums. Asks for the same values have one of all their accounts,
    /// and asks for the same accounts one of all their values: neither makes sums that nobody
    /// asked for.
    fn place(&mut self, grouping: Grouping, (marks, only): (Vec<bool>, Only)) -> usize {
        let known = || self.all.iter().enumerate().filter(|(_, (known, _))| *known == grouping);
        let same_values = known().find(|(_, (_, (_, values)))| *values == only);
        let same_accounts = || known().find(|(_, (_, (accounts, _)))| *accounts == marks);
        match same_values.or_else(same_accounts).map(|(at, _)| at) {
            Some(at) => {
                let (_, (all_marks, all_only)) = &mut self.all[at];
                all_marks.iter_mut().zip(&marks).for_each(|(all, mark)| *all |= mark);
                all_only.widen(&only);
                at
            }
            None => {
                self.all.push((grouping, (marks, only)));
                self.all.len() - 1
            }
        }
    }
}

impl Gathered<'_> {
    /// How much was read.
    pub fn reading(&self) -> Reading {
        let all: BTreeMap<_, _> =
            self.fine.iter().flatten().map(|(_, fine)| (Arc::as_ptr(fine), fine.len())).collect();
        Reading { groupings: all.len() as u64, sums: all.values().map(|sums| *sums as u64).sum() }
    }

    /// The sums of the ask at a place, each once; ascending by path and asset, but for merged ones.
    ///
    /// # Errors
    /// When a sum leaves 128 bits.
    pub fn sums(&self, at: usize) -> Result<Vec<AccountSum>, EngineError> {
        let ask = &self.asks[at];
        let mut merger = ask
            .merged_for
            .map(|(agreement, measures)| Merger::new(agreement, measures, &self.names));
        let mut emitter = Emitter::new(&self.names);
        let mut merged: BTreeMap<(u32, &Grain), Total> = BTreeMap::new();
        for (grain, account, total) in &self.plain[at] {
            match &mut merger {
                None => emitter.plain(grain, *account, *total),
                Some(merger) => {
                    merged.entry((merger.one_for(*account), *grain)).or_default().add(*total)?;
                }
            }
        }
        for ((account, grain), total) in merged {
            emitter.plain(grain, account, total);
        }
        for (grain, fine) in &self.fine[at] {
            let Some((accounts, _)) = self.wanted[at].get(grain) else { continue };
            emitter.fine((fine, grain), accounts, ask.scope, merger.as_mut())?;
        }
        let mut sums = emitter.finish();
        if merger.is_none() {
            sums.sort_unstable_by(|a, b| (&a.path, &a.asset).cmp(&(&b.path, &b.asset)));
        }
        Ok(sums)
    }
}

/// Accounts that were found for a part of some ask: other periods and books ask for the same.
#[derive(Default)]
struct Known<'a> {
    found: Vec<(&'a Matcher<'a>, &'a str, Arc<[u32]>)>,
}

impl<'a> Known<'a> {
    fn accounts_of(&mut self, ask: &Ask<'a>, names: &[(String, String)]) -> ByGrain {
        let mut found: BTreeMap<Grain, Lists> = BTreeMap::new();
        for part in ask.scope.parts() {
            let grain = ask.scope.needs()[part.need].grain.clone();
            let (numbers, _) = found.entry(grain).or_insert_with(|| (Vec::new(), part.span));
            let same = |(matcher, asset, _): &&(&Matcher<'_>, &str, Arc<[u32]>)| {
                *asset == part.asset && matcher.matches_same_accounts(&part.matcher)
            };
            if let Some((.., known)) = self.found.iter().find(same) {
                numbers.push(Arc::clone(known));
                continue;
            }
            let reads =
                |(_, (path, asset)): &(u32, &(String, String))| part.reads_account(path, asset);
            let fresh: Arc<[u32]> =
                (0u32..).zip(names).filter(reads).map(|(number, _)| number).collect();
            self.found.push((&part.matcher, &part.asset, Arc::clone(&fresh)));
            numbers.push(fresh);
        }
        let one = |(grain, (lists, span)): (Grain, Lists)| {
            let mut numbers: Vec<u32> =
                lists.iter().flat_map(|list| list.iter().copied()).collect();
            numbers.sort_unstable();
            numbers.dedup();
            (grain, (numbers.into(), span))
        };
        found.into_iter().map(one).collect()
    }
}
