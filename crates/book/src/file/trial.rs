//! `tests:` of an agreement: given these measures, the statement says this.

use crate::diagnostic::{Placed, Reporter};
use crate::read::Named;
use crate::scalar::Exact;
use crate::trial::{Given, Trial, Wanted};
use std::collections::BTreeMap;

crate::record! {
    /// A test of the terms. `saldo check` runs every one.
    pub struct TrialSpec {
        /// What it shows, in a few words.
        pub name: Placed<String>,
        /// The version of the terms; the last one where nothing is said.
        pub version: Option<Placed<u32>> = default,
        /// The period that is settled: `2026-03`.
        pub period: Placed<String>,
        /// Balances that the statement before left, by name.
        pub opening: Named<Placed<Exact>> = default,
        /// What the measures are. A measure that is not given is zero.
        pub given: Vec<Placed<GivenSpec>> = default,
        /// What the statement must say.
        pub expect: ExpectSpec,
    }
}

crate::record! {
    /// A part of a measure.
    pub struct GivenSpec {
        /// Its name.
        pub measure: Placed<String>,
        /// Its value.
        pub value: Placed<Exact>,
        /// What it is in; what the agreement is settled in where nothing is said.
        pub asset: Option<Placed<String>> = default,
        /// Postings that it stands on; 1 where nothing is said.
        pub count: Option<u32> = default,
        /// Whose it is, where the terms select or go by dimensions. Of a dimension by which the
        /// terms select one value only, that value; each part is an event of its own otherwise.
        pub dims: Named<String> = default,
        /// Whether it is of an earlier period of the same window.
        pub earlier: bool = default,
    }
}

crate::record! {
    /// What a statement must say; what is not named may be anything.
    pub struct ExpectSpec {
        /// The amount payable.
        pub payable: Option<Placed<Exact>> = default,
        /// Amounts of lines, by name.
        pub lines: Named<Placed<Exact>> = default,
        /// Balances at the end, by name; 0 for none.
        pub closing: Named<Placed<Exact>> = default,
    }
}

impl TrialSpec {
    /// The test, ready to be run on the agreement of this file.
    pub fn compile(&self, agreement: &str, reporter: &Reporter<'_>) -> Trial {
        let wanted = |names: &Named<Placed<Exact>>| -> Vec<Wanted> {
            let pairs = names.sound();
            let wanted = pairs.map(|(name, amount)| Wanted {
                name: name.value.clone(),
                amount: amount.value.0,
                place: amount.place,
            });
            wanted.collect()
        };
        let payable = self.expect.payable.as_ref().map(|amount| Wanted {
            name: "payable".to_owned(),
            amount: amount.value.0,
            place: amount.place,
        });
        let opening = self.opening.sound();
        Trial {
            file: reporter.file().to_owned(),
            place: self.name.place,
            name: self.name.value.clone(),
            agreement: agreement.to_owned(),
            version: self.version.as_ref().map(|version| version.value),
            period: self.period.clone(),
            opening: opening.map(|(name, amount)| (name.value.clone(), amount.value.0)).collect(),
            given: self.given.iter().map(|given| given.value.compile()).collect(),
            payable,
            lines: wanted(&self.expect.lines),
            closing: wanted(&self.expect.closing),
        }
    }
}

impl GivenSpec {
    fn compile(&self) -> Given {
        let dims = self.dims.sound();
        let dims: BTreeMap<String, String> =
            dims.map(|(name, value)| (name.value.clone(), value.clone())).collect();
        Given {
            measure: self.measure.clone(),
            value: self.value.value.0,
            place: self.value.place,
            asset: self.asset.as_ref().map(|asset| asset.value.clone()),
            count: u64::from(self.count.unwrap_or(1)),
            dims,
            earlier: self.earlier,
        }
    }
}
