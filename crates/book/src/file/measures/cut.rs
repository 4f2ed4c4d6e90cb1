//! `cut`: a measure whose events count when the round closes that they belong to.

use super::{Accounts, Formula, MeasuresFile};
use crate::code;
use crate::compile::Scope;
use crate::diagnostic::{Placed, Reporter};
use ledger::rules::{Dimension, Kind, Reference, Segment, Template, TimeBasis};
use settle::limits::CUT_DAYS_MAX;
use settle::measure::Cut;
use settle::{Seg, Side, Sign, Term};
use std::collections::{BTreeMap, BTreeSet};

/// Days that an event waits where nothing is said: the longest month.
const WITHIN_DAYS: u32 = 31;

crate::record! {
    /// All events of a round count on the day on which it closes; what comes after, on its own
    /// day.
    pub struct CutSpec {
        /// The dimension that tells rounds apart; what lacks it counts on its own day.
        pub by: Placed<String>,
        /// The kinds of events that close a round.
        pub closed_by: Placed<Vec<Placed<String>>>,
        /// Days that an event waits for the close of its round; 31 where nothing is said. Then it
        /// counts on the last of them.
        pub within_days: Option<Placed<u32>> = default,
    }
}

/// The cut of a measure with these terms.
pub(super) fn compile(
    spec: &Placed<CutSpec>,
    terms: &[Term],
    accounts: &Accounts<'_>,
    scope: &Scope,
    reporter: &mut Reporter<'_>,
) -> Option<Cut> {
    let CutSpec { by, closed_by, within_days } = &spec.value;
    let known = scope.dims.check(by, reporter);
    let days = within_days.as_ref().map_or(WITHIN_DAYS, |days| days.value);
    let fits = u16::try_from(days).ok().filter(|days| (1..=CUT_DAYS_MAX).contains(days));
    if fits.is_none() {
        let place = within_days.as_ref().map_or(spec.place, |days| days.place);
        let message = format!("an event waits for 1 to {CUT_DAYS_MAX} days");
        reporter.error(code::OUT_OF_BOUNDS, place, message, "");
    }
    if closed_by.value.is_empty() {
        reporter.error(code::EMPTY, closed_by.place, "no kind closes a round", "");
    }
    let named = closed_by.value.iter();
    let named: Vec<_> = named.filter(|kind| scope.kinds.check(kind, reporter)).collect();
    let templates = accounts.templates?;
    let mut seen_on = BTreeSet::new();
    for name in &named {
        let kind = accounts.kinds.iter().find(|kind| kind.name == name.value);
        match kind.and_then(|kind| seen(kind, terms, templates, accounts.dims)) {
            Some(term) => {
                seen_on.insert(term);
            }
            None => {
                let message = format!("`{}` has no posting at its own time", name.value);
                let hint = "a round closes when something is posted: not with a cancel, and not \
                            with a posting at the original's time";
                reporter.error(code::POSTINGS_MISPLACED, name.place, message, hint);
            }
        }
    }
    let closed_by = named.into_iter().map(|kind| kind.value.clone()).collect();
    let (by, seen_on) = (by.value.clone(), seen_on.into_iter().collect());
    known.then_some(Cut { by, closed_by, seen_on, within_days: fits? })
}

/// An account that the kind posts to at its own time: one that the measure reads anyway, if any.
fn seen(kind: &Kind, terms: &[Term], templates: &[Template], dims: &[Dimension]) -> Option<Term> {
    if matches!(kind.reference, Reference::Cancels(_)) {
        return None;
    }
    let sides = kind.legs.iter().flat_map(|leg| [leg.credit, leg.debit]);
    let sides = sides.filter_map(|side| templates.get(usize::from(side)));
    let own: Vec<&Template> =
        sides.filter(|template| template.basis == TimeBasis::Occurred).collect();
    let read = |template: &&&Template| terms.iter().any(|term| meets(term, template, dims));
    let found = own.iter().find(read).or(own.first())?;
    let template = found.segments.iter().map(|segment| seg(segment, dims)).collect();
    Some(Term { sign: Sign::Plus, template, side: Side::Net })
}

/// Whether the term may read accounts of the template.
fn meets(term: &Term, template: &Template, dims: &[Dimension]) -> bool {
    let mut pairs = term.template.iter().zip(&template.segments);
    term.template.len() == template.segments.len()
        && pairs.all(|pair| match pair {
            (Seg::Literal(a), Segment::Literal(b)) => a == b,
            (Seg::Dim(_), Segment::Literal(_)) => false,
            (Seg::Dim(name), other) => *name == super::segment_name(other, dims),
            (Seg::Any | Seg::Literal(_), _) => true,
        })
}

fn seg(segment: &Segment, dims: &[Dimension]) -> Seg {
    match segment {
        Segment::Literal(text) => Seg::Literal(text.clone()),
        other => Seg::Dim(super::segment_name(other, dims).to_owned()),
    }
}

/// Reports formulas that are made of a cut measure: its terms alone would lose the cut.
pub(super) fn no_parts(
    file: &MeasuresFile,
    formulas: &BTreeMap<String, (&Placed<String>, Formula)>,
    reporter: &mut Reporter<'_>,
) {
    let cut = file.measures.sound().filter(|(_, spec)| spec.cut.is_some());
    let cut: BTreeSet<&str> = cut.map(|(name, _)| name.value.as_str()).collect();
    for (text, formula) in formulas.values() {
        if let Some((_, name)) = formula.iter().find(|(_, name)| cut.contains(name.as_str())) {
            let message = format!("`{name}` is cut and cannot be part of a formula");
            let hint = "give the `cut` to the measure of the formula, and take it from the parts";
            reporter.error(code::BAD_FORMULA, text.place, message, hint);
        }
    }
}
