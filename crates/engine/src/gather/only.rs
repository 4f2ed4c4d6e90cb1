//! For which values of finer dimensions sums are asked: a scan leaves the others out.

use ledger::account::unescape;
use settle::{Grain, Scope};
use std::collections::{BTreeMap, BTreeSet};

/// By dimension the values that count; a dimension that is not named counts with every value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Only {
    pub dims: BTreeMap<String, BTreeSet<Box<[u8]>>>,
}

impl Only {
    /// What a scope reads at a grain, at least.
    pub fn of(scope: &Scope<'_>, grain: &Grain) -> Self {
        let mut parts = scope
            .parts()
            .iter()
            .filter(|part| scope.needs()[part.need].grain == *grain)
            .map(|part| {
                let selected = part.matcher.finer().map(|(dim, values)| {
                    let bytes = |value: &String| unescape(value).into_bytes().into_boxed_slice();
                    (dim.to_owned(), values.iter().map(bytes).collect())
                });
                Self { dims: selected.collect() }
            });
        let mut all = parts.next().unwrap_or_default();
        parts.for_each(|part| all.widen(&part));
        all
    }

    /// Lets what another one counts count as well.
    pub fn widen(&mut self, other: &Self) {
        self.dims.retain(|dim, values| match other.dims.get(dim) {
            Some(more) => {
                values.extend(more.iter().cloned());
                true
            }
            None => false,
        });
    }

    /// Whether everything that `other` counts counts here.
    pub fn holds(&self, other: &Self) -> bool {
        self.dims
            .iter()
            .all(|(dim, values)| other.dims.get(dim).is_some_and(|asked| asked.is_subset(values)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(dims: &[(&str, &[&str])]) -> Only {
        let values = |values: &[&str]| values.iter().map(|v| v.as_bytes().into()).collect();
        Only { dims: dims.iter().map(|(dim, of)| ((*dim).to_owned(), values(of))).collect() }
    }

    #[test]
    fn what_two_ask_for_holds_what_each_asks_for() {
        for (a, b, both) in [
            (only(&[("x", &["1"])]), only(&[("x", &["2"])]), only(&[("x", &["1", "2"])])),
            (only(&[("x", &["1"])]), only(&[]), only(&[])),
            (only(&[]), only(&[("x", &["1"])]), only(&[])),
            (only(&[("x", &["1"]), ("y", &["3"])]), only(&[("y", &[])]), only(&[("y", &["3"])])),
        ] {
            let mut all = a.clone();
            all.widen(&b);
            assert_eq!(all, both, "{a:?} {b:?}");
            assert!(all.holds(&a) && all.holds(&b), "{a:?} {b:?}");
            assert_eq!(a.holds(&both), a == both, "{a:?} {b:?}");
        }
    }
}
