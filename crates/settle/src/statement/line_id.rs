//! Ids of statements and of their lines, read back from what people type.

use crate::agreement::Agreement;
use crate::measure::Selection;
use crate::period::Period;
use crate::steps::Rule;

/// What a statement's or a line's id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineId<'a> {
    /// Name of the agreement.
    pub agreement: &'a str,
    /// The period.
    pub period: Period,
    /// Version of the agreement.
    pub version: u32,
    /// Rule path of the line; `None` for the statement as a whole.
    pub path: Option<&'a str>,
}

impl<'a> LineId<'a> {
    /// Reads `agreement:period:version` or `agreement:period:version/path`; `None` for any other
    /// text.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (id, path) = match text.split_once('/') {
            Some((id, path)) => (id, Some(path)),
            None => (text, None),
        };
        let mut parts = id.split(':');
        let (agreement, period, version) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || agreement.is_empty() || path == Some("") {
            return None;
        }
        let digits = version.bytes().all(|byte| byte.is_ascii_digit());
        let version = version.parse().ok().filter(|_| digits)?;
        Some(Self { agreement, period: period.parse().ok()?, version, path })
    }
}

impl Agreement {
    /// The selection under which the step of the line with this rule path reads its measures;
    /// `None` when the agreement has no such step.
    pub fn selection_at(&self, path: &str) -> Option<Selection> {
        let (place, rest) = path.split_once("0-")?;
        let place: usize = place.parse().ok()?;
        let steps = self.steps.get(..place)?;
        let name = rest.split('/').next()?;
        steps.last().filter(|step| step.name == name)?;
        let selected = steps.iter().rev().find_map(|step| match &step.rule {
            Rule::Select(select) => Some(select.selection.clone()),
            _ => None,
        });
        Some(selected.unwrap_or_default())
    }
}
