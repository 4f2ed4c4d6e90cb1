//! Short forms for tests of steps that go by groups, keep balances or ask outside.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test
#![allow(dead_code)] // each test file uses a part of it

use crate::common::{agreement, chained, dec, measure_of};
use ledger::{Asset, Total};
use settle::{AccountSum, Agreement, Inputs, Left, Measure, Nothing, Outside, SettleError};
use settle::{Statement, Step, rate};
use std::collections::{BTreeMap, BTreeSet};

/// A rating to be tried: more of it than most tests need.
pub struct Case<'a> {
    pub period: &'a str,
    /// Asset of the agreement, and its decimals.
    pub asset: (&'a str, u8),
    /// `(measure, finer part, amount)`, the finer part such as `*day=2016-11-03`; an amount may
    /// be followed by its asset: `12.50 USD`.
    pub rows: &'a [(&'a str, &'a str, &'a str)],
    pub opening: &'a [(&'a str, &'a str)],
    pub outside: &'a dyn Outside,
}

impl Default for Case<'_> {
    fn default() -> Self {
        let (asset, rows, opening) = (("EUR", 2), &[][..], &[][..]);
        Self { period: "2016-11", asset, rows, opening, outside: &Nothing }
    }
}

/// The decimals that the tests give assets.
pub fn scale_of(asset: &str) -> u8 {
    if asset == "KRW" { 0 } else { 2 }
}

impl Case<'_> {
    pub fn sums(&self) -> (Vec<Measure>, Vec<AccountSum>) {
        let mut names = BTreeSet::new();
        let sum = |(name, finer, amount): &(&str, &str, &str)| {
            names.insert((*name).to_owned());
            let (amount, asset) = amount.split_once(' ').unwrap_or((amount, self.asset.0));
            let minor = dec(amount).to_minor(scale_of(asset)).unwrap();
            let (debit, credit) = if minor < 0 { (-minor, 0) } else { (0, minor) };
            let total = Total { debit, credit, count: 1 };
            AccountSum { path: format!("test:{name}{finer}"), asset: asset.into(), total }
        };
        let sums = self.rows.iter().map(sum).collect();
        let measures = names.iter().map(|name| measure_of(name)).collect();
        (measures, sums)
    }

    pub fn agreement(&self, steps: Vec<Step>) -> Agreement {
        let mut made = agreement(steps, self.asset.1);
        made.asset = Asset { code: self.asset.0.into(), scale: self.asset.1 };
        made.opening = balances(self.opening);
        made
    }

    /// Rates, with measures that no row has declared as well.
    pub fn rated(&self, agreement: &Agreement, left: &Left) -> Result<Statement, SettleError> {
        let (mut measures, sums) = self.sums();
        for name in agreement.measures() {
            if measures.iter().all(|measure| measure.name != name) {
                measures.push(measure_of(&name));
            }
        }
        let period: settle::Period = self.period.parse().unwrap();
        let span = period.span(&agreement.zone)?;
        let outside = self.outside;
        let inputs = Inputs { measures: &measures, sums: &sums, left, outside };
        rate(agreement, period, span, &inputs)
    }

    /// Rates the steps, and compares the lines named, the balances after `=`, and the payable
    /// amount (or the code of the error). `a 1.00` is a line, `=a 1.00` a closing balance.
    pub fn check(&self, what: &str, steps: Vec<Step>, wanted: &[&str]) -> Option<Statement> {
        self.check_after(what, steps, &Left::default(), wanted)
    }

    pub fn check_after(
        &self,
        what: &str,
        steps: Vec<Step>,
        left: &Left,
        wanted: &[&str],
    ) -> Option<Statement> {
        let agreement = self.agreement(steps);
        let (lines, payable) = wanted.split_at(wanted.len() - 1);
        let statement = match self.rated(&agreement, left) {
            Ok(statement) => statement,
            Err(error) => {
                assert_eq!(error.code(), payable[0], "{what}: {error}");
                return None;
            }
        };
        let listed = || statement.lines.iter().map(|l| format!("{} {}", l.name, l.amount));
        for line in lines {
            let (name, amount) = line.rsplit_once(' ').unwrap();
            if let Some(name) = name.strip_prefix('=') {
                let found = statement.closing.get(name).copied().unwrap_or_default();
                assert_eq!(found.canonical(), dec(amount).canonical(), "{what}: balance {name}");
                continue;
            }
            let found = statement.lines.iter().find(|l| l.name == name);
            let found = found.unwrap_or_else(|| {
                panic!("{what}: no line {name} in {:#?}", listed().collect::<Vec<_>>())
            });
            assert_eq!(found.amount.canonical(), dec(amount).canonical(), "{what}: {name}");
        }
        let shown = listed().collect::<Vec<_>>();
        assert_eq!(statement.payable.to_string(), payable[0], "{what}: payable of {shown:#?}");
        chained(&statement);
        let paths: BTreeSet<_> = statement.lines.iter().map(|line| &line.path).collect();
        assert_eq!(paths.len(), statement.lines.len(), "{what}: paths are unique");
        assert_eq!(Statement::parse(&statement.body()), Ok(statement.clone()), "{what}: body");
        let decoded = Agreement::decode(&agreement.encode()).unwrap();
        assert_eq!(decoded, agreement, "{what}: decoded agreement");
        Some(statement)
    }
}

pub fn balances(given: &[(&str, &str)]) -> BTreeMap<String, ledger::Decimal> {
    given.iter().map(|(name, amount)| ((*name).to_owned(), dec(amount))).collect()
}

/// What a statement leaves for the next one.
pub fn left_by(statement: &Statement) -> Left {
    let previous = settle::Previous { id: statement.id(), body_hash: "0".repeat(64) };
    let balances = statement.closing.clone();
    Left { previous: Some(previous), balances, corrections: Vec::new() }
}
