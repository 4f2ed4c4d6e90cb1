//! Which account sums an agreement reads: the rows that a statement's sums root covers, no others.

use std::collections::BTreeMap;

use settle::measure::Matcher;
use settle::{Agreement, Measure, Operand, Rule, Selection, SettleError, Step};

/// The accounts that any step of an agreement reads under its selection, in the agreement's asset.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    asset: &'a str,
    matchers: Vec<Matcher<'a>>,
}

impl<'a> Scope<'a> {
    /// Walks the steps. `measures` must have at least those that the steps name.
    ///
    /// # Errors
    /// [`SettleError::MeasureUnknown`], [`SettleError::DimUnknown`].
    pub fn new(agreement: &'a Agreement, measures: &'a [Measure]) -> Result<Self, SettleError> {
        let by_name: BTreeMap<&str, &Measure> =
            measures.iter().map(|measure| (measure.name.as_str(), measure)).collect();
        let nothing = Selection::default();
        let (mut selection, mut matchers) = (&nothing, Vec::new());
        for step in &agreement.steps {
            if let Rule::Select(select) = &step.rule {
                selection = &select.selection;
            }
            for name in measures_of(step) {
                let measure = by_name.get(name).ok_or_else(|| SettleError::MeasureUnknown {
                    step: step.name.clone(),
                    measure: name.to_owned(),
                })?;
                for term in &measure.terms {
                    matchers.push(Matcher::new(term, &measure.name, selection)?);
                }
            }
        }
        Ok(Self { asset: &agreement.asset.code, matchers })
    }

    /// The accounts that the measures of an agreement match whatever its selections: more than it
    /// reads.
    ///
    /// # Errors
    /// [`SettleError::DimUnknown`], which no selection at all cannot cause.
    pub fn unselected(
        agreement: &'a Agreement,
        measures: &'a [Measure],
    ) -> Result<Self, SettleError> {
        let (nothing, mut matchers) = (Selection::default(), Vec::new());
        for measure in measures {
            for term in &measure.terms {
                matchers.push(Matcher::new(term, &measure.name, &nothing)?);
            }
        }
        Ok(Self { asset: &agreement.asset.code, matchers })
    }

    /// Whether the agreement reads the sum of this account in this asset.
    pub fn reads(&self, path: &str, asset: &str) -> bool {
        asset == self.asset && self.matchers.iter().any(|matcher| matcher.matches(path))
    }
}

fn measures_of(step: &Step) -> Vec<&str> {
    let mut operands = Vec::new();
    match &step.rule {
        Rule::Select(_) | Rule::Round(_) => {}
        Rule::Sum(sum) => return vec![&sum.measure],
        Rule::Deduct(deduct) => {
            for item in &deduct.items {
                operands.push(&item.amount.of);
                operands.extend(item.cap.iter().map(|cap| &cap.of));
            }
        }
        Rule::Tier(tier) => {
            operands.push(&tier.of);
            operands.extend(&tier.by);
        }
        Rule::Share(share) => operands.push(&share.amount.of),
        Rule::Minimum(minimum) => operands.push(&minimum.amount.of),
        Rule::Cap(cap) => operands.push(&cap.limit.of),
    }
    let names = operands.into_iter().filter_map(|operand| match operand {
        Operand::Measure(name) => Some(name.as_str()),
        Operand::Running | Operand::Line(_) | Operand::Fixed(_) => None,
    });
    names.collect()
}
