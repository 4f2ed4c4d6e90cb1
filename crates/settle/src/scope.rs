//! Which account sums an agreement reads: those that a close keeps and a proof commits to.

use crate::agreement::Agreement;
use crate::error::SettleError;
use crate::measure::{Matcher, Measure};

/// The accounts that any step of an agreement reads under its selection, in the agreement's
/// asset. Rating these sums and no others gives the same statement.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    asset: &'a str,
    matchers: Vec<Matcher<'a>>,
}

impl<'a> Scope<'a> {
    /// Prepares the scope. `measures` has at least those that the agreement reads.
    ///
    /// # Errors
    /// [`SettleError::MeasureUnknown`], [`SettleError::DimUnknown`].
    pub fn new(agreement: &'a Agreement, measures: &'a [Measure]) -> Result<Self, SettleError> {
        let mut matchers = Vec::new();
        for (name, selection) in agreement.reads() {
            let found = measures.iter().find(|measure| measure.name == name);
            let measure = found.ok_or_else(|| SettleError::MeasureUnknown {
                step: agreement.name.clone(),
                measure: name,
            })?;
            for term in &measure.terms {
                matchers.push(Matcher::new(term, &measure.name, &selection)?);
            }
        }
        Ok(Self { asset: &agreement.asset.code, matchers })
    }

    /// Whether the agreement reads the sum of this account in this asset.
    pub fn reads(&self, path: &str, asset: &str) -> bool {
        asset == self.asset && self.matchers.iter().any(|matcher| matcher.matches(path))
    }
}
