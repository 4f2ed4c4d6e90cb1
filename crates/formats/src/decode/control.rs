//! Stated totals against the sums of the events. A difference is reported, never acted on.

use super::build::Built;
use crate::eval::{Eval, Lack};
use crate::failure::Failure;
use crate::sink::{ControlFinding, Sink, Summary};
use book::mapping::{Control, Mapping};
use ledger::Decimal;
use std::collections::BTreeMap;

/// Most groups of one control in a file: each is held until the end of the file.
const GROUPS_MAX: usize = 200_000;

/// The sums so far.
pub(super) struct Controls<'m> {
    rules: &'m [Control],
    groups: Vec<BTreeMap<String, Group>>,
}

struct Group {
    stated: Result<Decimal, String>,
    is_final: bool,
    summed: Result<Decimal, String>,
    events: u64,
    bad: u64,
    rows: (u64, u64),
}

impl<'m> Controls<'m> {
    pub(super) fn new(mapping: &'m Mapping) -> Self {
        let groups = mapping.controls.iter().map(|_| BTreeMap::new()).collect();
        Self { rules: &mapping.controls, groups }
    }

    /// A row with its events; none when it is bad.
    pub(super) fn add(&mut self, eval: &Eval<'_>, events: Option<&[Built]>) {
        for (rule, groups) in self.rules.iter().zip(&mut self.groups) {
            let key = rule.per.as_ref().map(|per| eval.template(per)).transpose();
            let key = key.map(Option::unwrap_or_default).unwrap_or_default();
            if groups.len() >= GROUPS_MAX && !groups.contains_key(&key) {
                continue;
            }
            let group = groups.entry(key).or_insert_with(|| Group::begin(rule, eval));
            group.rows.1 = eval.number;
            match events {
                Some(events) => events.iter().for_each(|event| group.event(rule, event)),
                None => group.bad += 1,
            }
        }
    }

    /// Compares every total that is final, and forgets them all.
    pub(super) fn compare(&mut self, summary: &mut Summary, sink: &mut dyn Sink) {
        for (rule, groups) in self.rules.iter().zip(&mut self.groups) {
            let full = groups.len() >= GROUPS_MAX;
            for (key, group) in std::mem::take(groups).into_iter().filter(|(_, g)| g.is_final) {
                summary.controls += 1;
                let Some(reason) = group.difference(full) else { continue };
                summary.controls_failed += 1;
                sink.control(ControlFinding {
                    control: rule.name.clone(),
                    group: key,
                    stated: group.stated.ok(),
                    summed: group.summed.unwrap_or_default(),
                    events: group.events,
                    rows: group.rows,
                    reason,
                });
            }
        }
    }
}

impl Group {
    fn begin(rule: &Control, eval: &Eval<'_>) -> Self {
        let stated = eval.amount(&rule.equals).map_err(|lack| Lack::into_failure(lack).reason);
        let is_final = rule.when.as_ref().map_or(Ok(true), |when| eval.holds(when));
        let (stated, is_final) = match is_final {
            Ok(is_final) => (stated, is_final),
            Err(Failure { reason, .. }) => (Err(reason), true),
        };
        let rows = (eval.number, eval.number);
        Self { stated, is_final, summed: Ok(Decimal::ZERO), events: 0, bad: 0, rows }
    }

    fn event(&mut self, rule: &Control, event: &Built) {
        let Some(amount) = event.amount.filter(|_| rule.kinds.contains(&event.kind)) else {
            return;
        };
        self.events += 1;
        if let Ok(summed) = self.summed {
            self.summed = summed.checked_add(amount).map_err(|error| error.to_string());
        }
    }

    fn difference(&self, full: bool) -> Option<String> {
        let bad = match self.bad {
            0 => String::new(),
            bad => format!("; {bad} rows of it could not be read"),
        };
        let reason = match (&self.stated, &self.summed) {
            (Err(reason), _) => format!("the stated total cannot be read: {reason}"),
            (_, Err(reason)) => format!("the events cannot be summed: {reason}"),
            (Ok(stated), Ok(summed)) if stated == summed => {
                return full
                    .then(|| format!("there are more than {GROUPS_MAX} totals in the file"));
            }
            (Ok(stated), Ok(summed)) => {
                format!("the file states {stated}, its events add up to {summed}")
            }
        };
        Some(reason + &bad)
    }
}
