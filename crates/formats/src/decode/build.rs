//! The events of one row, complete before any is handed over: a row is taken whole or not at
//! all.

use crate::Spare;
use crate::eval::when::Clock;
use crate::eval::{Eval, Lack};
use crate::failure::Failure;
use crate::sink::{Sink, Stop};
use book::mapping::{EventRule, Mapping, Template};
use ledger::{Decimal, Dim, EventRef};

/// One event, owned.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) kind: String,
    pub(super) amount: Option<Decimal>,
    id: String,
    occurred_at: i64,
    asset: Option<String>,
    /// Index of the dimension in its rule, and its value.
    dims: Vec<(usize, String)>,
    reference: Option<String>,
    reference_source: Option<String>,
    rule: usize,
}

/// The events of a row, in `out`.
pub(super) fn build(
    eval: &Eval<'_>,
    clock: &Clock<'_>,
    out: &mut Vec<Built>,
) -> Result<(), Failure> {
    out.clear();
    for (at, rule) in eval.mapping.events.iter().enumerate() {
        let applies = rule.when.as_ref().map_or(Ok(true), |when| eval.holds(when))?;
        if applies {
            out.push(event(eval, clock, rule, at)?);
        }
    }
    Ok(())
}

fn event(
    eval: &Eval<'_>,
    clock: &Clock<'_>,
    rule: &EventRule,
    at: usize,
) -> Result<Built, Failure> {
    let text = |template: &Template| eval.template(template).map_err(Lack::into_failure);
    let optional = |template: Option<&Template>| template.map(text).transpose();
    let amount = rule.amount.as_ref().map(|amount| eval.amount(amount));
    let mut dims = Vec::with_capacity(rule.dims.len());
    for (index, (_, template)) in rule.dims.iter().enumerate() {
        match eval.template(template) {
            Ok(value) => dims.push((index, value)),
            Err(Lack::Missing(_)) => {}
            Err(Lack::Bad(failure)) => return Err(failure),
        }
    }
    Ok(Built {
        kind: text(&rule.kind)?,
        amount: amount.transpose().map_err(Lack::into_failure)?,
        id: text(&rule.id)?,
        occurred_at: clock.read(&text(&rule.occurred_at)?)?,
        asset: optional(rule.asset.as_ref())?,
        dims,
        reference: optional(rule.reference.as_ref())?,
        reference_source: optional(rule.reference_source.as_ref())?,
        rule: at,
    })
}

impl Built {
    /// Hands the event over as a draft that borrows from it.
    pub(super) fn send(
        &self,
        mapping: &Mapping,
        row: u64,
        raw: &[u8],
        spare: &mut Spare,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        let mut draft = spare.take();
        draft.source = &mapping.source;
        draft.id = &self.id;
        draft.kind = &self.kind;
        draft.occurred_at = self.occurred_at;
        draft.amount = self.amount;
        draft.asset = self.asset.as_deref();
        let source = self.reference_source.as_deref().unwrap_or(&mapping.source);
        draft.reference = self.reference.as_deref().map(|id| EventRef { source, id });
        let names = &mapping.events[self.rule].dims;
        let dims = self.dims.iter().map(|(at, value)| Dim { name: &names[*at].0, value });
        draft.dims.extend(dims);
        let sent = sink.event(row, &mut draft, raw);
        spare.put(draft);
        sent
    }
}
