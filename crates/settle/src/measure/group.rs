//! Adding account sums up to a measure, in groups.

use super::cut::on_day;
use super::grain::{DAY, account_of, part_of};
use super::{AccountSum, Cut, Grain, Matcher, Measure, MeasureRow, Selection, Side, Sign, Term};
use crate::error::SettleError;
use jiff::civil::Date;
use ledger::account::unescape;

/// What a step reads: a measure, under a selection, of sums of one grain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Need {
    /// Name of the measure.
    pub measure: String,
    /// Code of the asset.
    pub asset: String,
    /// Which accounts.
    pub selection: Selection,
    /// Of which sums.
    pub grain: Grain,
    /// For a measure with a [`Cut`](super::Cut): the first day that counts, and the first after.
    pub days: Option<(Date, Date)>,
}

impl Need {
    /// What reading `measure` in groups of `by` takes: a dimension that one of its terms lacks
    /// makes the sums finer than accounts.
    pub fn of(
        measure: &Measure,
        asset: &str,
        selection: &Selection,
        (by, window): (&[String], Option<(i64, i64)>),
        days: Option<(Date, Date)>,
    ) -> Self {
        let lacked = |dim: &&String| measure.terms.iter().any(|term| term.position(dim).is_none());
        let mut finer: Vec<String> =
            selection.dims.keys().chain(by).filter(lacked).cloned().collect();
        finer.extend(measure.cut.iter().flat_map(Cut::dims).map(str::to_owned));
        finer.sort_unstable();
        finer.dedup();
        Self {
            measure: measure.name.clone(),
            asset: asset.to_owned(),
            selection: selection.clone(),
            grain: Grain { by: finer, window },
            days,
        }
    }
}

/// The measure of these account sums, in one row per asset and per group: the groups are the
/// values of the dimensions `by`. Rows come in order of group, then asset; a group without
/// accounts has no row. The order and the splitting of the sums do not matter.
///
/// # Errors
/// [`SettleError::DimUnknown`] when a term does not have a dimension selected or grouped by,
/// [`SettleError::MeasureRange`] when a sum leaves 128 bits, [`SettleError::SumNegative`].
pub fn measure(
    measure: &Measure,
    sums: &[AccountSum],
    selection: &Selection,
    by: &[&str],
) -> Result<Vec<MeasureRow>, SettleError> {
    measure_at(measure, sums, (selection, &Grain::default()), by)
}

/// [`measure`] of the sums of one grain; others in the list do not take part.
///
/// # Errors
/// As of [`measure`].
pub fn measure_at(
    measure: &Measure,
    sums: &[AccountSum],
    (selection, grain): (&Selection, &Grain),
    by: &[&str],
) -> Result<Vec<MeasureRow>, SettleError> {
    group(measure, sums.iter(), (selection, grain), by)
}

/// What a need reads of these sums, in groups: for a cut measure only what counts on its days.
///
/// # Errors
/// As of [`measure`].
pub fn measure_of(
    measure: &Measure,
    sums: &[AccountSum],
    need: &Need,
    by: &[&str],
) -> Result<Vec<MeasureRow>, SettleError> {
    if measure.cut.is_none() {
        return measure_at(measure, sums, (&need.selection, &need.grain), by);
    }
    let counted = super::counted(measure, sums, need)?;
    let of = (&need.selection, &need.grain);
    if !by.contains(&DAY) {
        return group(measure, counted.into_iter().map(|(sum, _)| sum), of, by);
    }
    let dated = counted.into_iter().map(|(sum, day)| on_day(sum, day));
    group(measure, dated.collect::<Vec<_>>().iter(), of, by)
}

fn group<'s>(
    measure: &Measure,
    sums: impl Iterator<Item = &'s AccountSum>,
    (selection, grain): (&Selection, &Grain),
    by: &[&str],
) -> Result<Vec<MeasureRow>, SettleError> {
    let terms = prepare(measure, (selection, grain), by)?;
    // What counts, each with the place of its group's values in one list.
    let (mut keys, mut counting): (Vec<&str>, Vec<Counting<'_>>) = (Vec::new(), Vec::new());
    let (mut last, mut matching) = (None, Vec::new());
    for (at, sum) in sums.enumerate() {
        let (account, rest) = account_of(&sum.path);
        // Sums of one account mostly come together.
        if last != Some(account) {
            last = Some(account);
            let matches = |prepared: &&Prepared<'_>| prepared.matcher.matches_account(account);
            matching = terms.iter().filter(matches).collect();
        }
        for prepared in &matching {
            if prepared.matcher.matches_rest(rest) {
                counting.push(Counting { term: prepared.term, sum, at, key: keys.len() });
                keys.extend(prepared.places.iter().filter_map(|place| match place {
                    Place::Segment(at) => account.split(':').nth(*at),
                    Place::Finer(dim) => part_of(rest, dim),
                }));
                keys.push(&sum.asset);
            }
        }
    }
    let key = |of: &Counting<'_>| &keys[of.key..=of.key + by.len()];
    counting.sort_by(|a, b| key(a).cmp(key(b)));
    let rows = counting.chunk_by(|a, b| key(a) == key(b)).map(|same| {
        let mut group = Group::default();
        for Counting { term, sum, at, .. } in same {
            group.add(term, sum, *at, measure)?;
        }
        group.row(key(&same[0]), by, measure)
    });
    rows.collect()
}

/// A sum that counts under a term.
struct Counting<'a> {
    term: &'a Term,
    sum: &'a AccountSum,
    at: usize,
    /// Where its group's values begin.
    key: usize,
}

struct Prepared<'a> {
    term: &'a Term,
    matcher: Matcher<'a>,
    /// Where the values are that the groups are named by.
    places: Vec<Place<'a>>,
}

enum Place<'a> {
    /// A segment of the account path.
    Segment(usize),
    /// What follows the account path.
    Finer(&'a str),
}

fn prepare<'a>(
    measure: &'a Measure,
    (selection, grain): (&Selection, &Grain),
    by: &[&'a str],
) -> Result<Vec<Prepared<'a>>, SettleError> {
    let prepare = |term: &'a Term| {
        let matcher = Matcher::at(term, &measure.name, selection, grain)?;
        let place = |dim: &&'a str| match term.position(dim) {
            Some(at) => Ok(Place::Segment(at)),
            None if grain.by.iter().any(|finer| finer == dim) => Ok(Place::Finer(dim)),
            None => Err(SettleError::DimUnknown {
                measure: measure.name.clone(),
                dim: (*dim).to_owned(),
            }),
        };
        let places = by.iter().map(place).collect::<Result<_, _>>()?;
        Ok(Prepared { term, matcher, places })
    };
    measure.terms.iter().map(prepare).collect()
}

/// What is added and what is taken away are kept apart: both only grow, so that whether they
/// fit does not depend on the order of the sums.
#[derive(Default)]
struct Group {
    plus: i128,
    minus: i128,
    count: u64,
    /// One more than the place of the sum that was counted last: a sum counts once, however
    /// many terms match it.
    counted: usize,
}

impl Group {
    fn add(
        &mut self,
        term: &Term,
        sum: &AccountSum,
        at: usize,
        measure: &Measure,
    ) -> Result<(), SettleError> {
        let range = || SettleError::MeasureRange { measure: measure.name.clone() };
        let total = sum.total;
        if total.debit < 0 || total.credit < 0 {
            return Err(SettleError::SumNegative { account: sum.path.clone() });
        }
        let (up, down) = match term.side {
            Side::Debit => (total.debit, 0),
            Side::Credit => (total.credit, 0),
            Side::Net => (total.credit, total.debit),
        };
        let (up, down) = if term.sign == Sign::Plus { (up, down) } else { (down, up) };
        self.plus = self.plus.checked_add(up).ok_or_else(range)?;
        self.minus = self.minus.checked_add(down).ok_or_else(range)?;
        if self.counted != at + 1 {
            self.counted = at + 1;
            self.count = self.count.checked_add(total.count).ok_or_else(range)?;
        }
        Ok(())
    }

    fn row(self, key: &[&str], by: &[&str], measure: &Measure) -> Result<MeasureRow, SettleError> {
        // The key is the groups' segments and then the asset.
        let (asset, values) = key.split_last().unwrap_or((&"", &[]));
        let by = by.iter().zip(values).map(|(dim, part)| ((*dim).to_owned(), unescape(part)));
        let value = self.plus.checked_sub(self.minus);
        let range = || SettleError::MeasureRange { measure: measure.name.clone() };
        Ok(MeasureRow {
            by: by.collect(),
            asset: (*asset).to_owned(),
            value: value.ok_or_else(range)?,
            count: self.count,
        })
    }
}
