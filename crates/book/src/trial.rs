//! Tests of agreements, run as a close would rate them: only where the figures come from differs.

use crate::code;
use crate::compile::Compiled;
use crate::diagnostic::{Diagnostic, Place, Placed, Reporter};
use ledger::account::push_escaped;
use ledger::time::Span;
use ledger::{Asset, Decimal, Total};
use settle::measure::EVENT;
use settle::{
    AccountSum, Agreement, Grain, Inputs, Left, Measure, Outside, Period, Seg, Side, Sign,
    Statement, Term,
};
use std::collections::{BTreeMap, BTreeSet};

/// One test of an agreement.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The file that it stands in.
    pub file: String,
    /// Where.
    pub place: Place,
    /// What it shows.
    pub name: String,
    /// Name of the agreement.
    pub agreement: String,
    /// Version of the terms; `None` for the last.
    pub version: Option<u32>,
    /// The period that is settled.
    pub period: Placed<String>,
    /// Balances that the statement before left.
    pub opening: BTreeMap<String, Decimal>,
    /// Parts of measures.
    pub given: Vec<Given>,
    /// The amount payable, where it is expected.
    pub payable: Option<Wanted>,
    /// Amounts of lines by name.
    pub lines: Vec<Wanted>,
    /// Balances at the end by name.
    pub closing: Vec<Wanted>,
}

/// A part of a measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// Name of the measure.
    pub measure: Placed<String>,
    /// Its value.
    pub value: Decimal,
    /// Where the value stands.
    pub place: Place,
    /// Code of the asset; `None` for the agreement's.
    pub asset: Option<String>,
    /// Postings that it stands on.
    pub count: u64,
    /// Values of dimensions.
    pub dims: BTreeMap<String, String>,
    /// Whether it is of an earlier period of the same window.
    pub earlier: bool,
}

/// A figure that is expected.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// Of a line or a balance.
    pub name: String,
    /// The amount.
    pub amount: Decimal,
    /// Where it stands.
    pub place: Place,
}

/// Runs every test of the book: how many there are, and what fails.
pub fn run(book: &Compiled, outside: &dyn Outside) -> (usize, Vec<Diagnostic>) {
    let mut found = Vec::new();
    for trial in &book.trials {
        let mut reporter = Reporter::new(&trial.file, &mut found);
        match trial.rate(book, outside) {
            Ok(statement) => trial.compare(&statement, &mut reporter),
            Err((place, why)) => {
                let message = format!("the test \"{}\" cannot be run: {why}", trial.name);
                reporter.error(code::TRIAL_BROKEN, place, message, code::TRIAL_BROKEN.hint);
            }
        }
    }
    (book.trials.len(), found)
}

/// Why a test cannot be run, and where.
type Broken = (Place, String);

impl Trial {
    fn rate(&self, book: &Compiled, outside: &dyn Outside) -> Result<Statement, Broken> {
        let agreement = self.agreement(book)?;
        let at_period = |error: settle::SettleError| (self.period.place, error.to_string());
        let period: Period = self.period.value.parse().map_err(at_period)?;
        let span = agreement.span(period).map_err(at_period)?;
        let (measures, sums) = self.figures(book, agreement, span)?;
        let left = Left { balances: self.opening.clone(), ..Left::default() };
        let inputs = Inputs { measures: &measures, sums: &sums, left: &left, outside };
        let rated = settle::rate(agreement, period, span, &inputs);
        rated.map_err(|error| (self.place, error.to_string()))
    }

    fn agreement<'a>(&self, book: &'a Compiled) -> Result<&'a Agreement, Broken> {
        let named = book.agreements.iter().filter(|agreement| agreement.name == self.agreement);
        let mut of_version =
            named.filter(|agreement| self.version.is_none_or(|wanted| wanted == agreement.version));
        // Agreements come by version: the last one is the latest.
        let found = of_version.next_back();
        found.ok_or_else(|| (self.place, "there is no such version of the terms".to_owned()))
    }

    /// Measures of the same names whose accounts have every dimension that is asked for, and the
    /// sums that give the values.
    fn figures(
        &self,
        book: &Compiled,
        agreement: &Agreement,
        span: Span,
    ) -> Result<(Vec<Measure>, Vec<AccountSum>), Broken> {
        let mut asked: BTreeMap<String, Asked> = BTreeMap::new();
        for read in agreement.reads() {
            let window = agreement.window(read.window, span);
            let window = window.map_err(|error| (self.place, error.to_string()))?;
            let of = asked.entry(read.measure.clone()).or_default();
            of.windows.insert(window);
            of.dims.extend(read.by.iter().map(|dim| (dim.clone(), BTreeSet::new())));
            for (dim, values) in &read.selection.dims {
                of.dims.entry(dim.clone()).or_default().extend(values.iter().cloned());
            }
        }
        let measures = asked.iter().map(|(name, of)| of.measure(name)).collect();
        let mut sums = Vec::new();
        for (at, given) in self.given.iter().enumerate() {
            let Some(of) = asked.get(&given.measure.value) else {
                let why = format!("no step reads the measure `{}`", given.measure.value);
                return Err((given.measure.place, why));
            };
            let asset = given.asset(book, agreement)?;
            of.sums(given, at, asset, &mut sums)?;
        }
        Ok((measures, sums))
    }

    fn compare(&self, statement: &Statement, reporter: &mut Reporter<'_>) {
        let mut check = |wanted: &Wanted, found: Option<Decimal>| {
            if found == Some(wanted.amount) {
                return;
            }
            let says = found.map_or("is not on the statement".to_owned(), |found| {
                format!("is {}", found.canonical())
            });
            let message = format!(
                "the test \"{}\" fails: {} {says}, expected {}",
                self.name,
                wanted.name,
                wanted.amount.canonical()
            );
            reporter.error(code::TRIAL_FAILED, wanted.place, message, code::TRIAL_FAILED.hint);
        };
        if let Some(wanted) = &self.payable {
            check(wanted, Some(statement.payable));
        }
        for wanted in &self.lines {
            let line = statement.lines.iter().find(|line| line.name == wanted.name);
            check(wanted, line.map(|line| line.amount));
        }
        for wanted in &self.closing {
            let left = statement.closing.get(&wanted.name).copied();
            check(wanted, Some(left.unwrap_or(Decimal::ZERO)));
        }
    }
}

/// What the steps ask of one measure.
#[derive(Default)]
struct Asked {
    /// Dimensions, with the values that are selected.
    dims: BTreeMap<String, BTreeSet<String>>,
    windows: BTreeSet<Option<(i64, i64)>>,
}

impl Asked {
    fn measure(&self, name: &str) -> Measure {
        let mut template = vec![Seg::Literal("given".to_owned()), Seg::Literal(name.to_owned())];
        template.extend(self.dims.keys().map(|dim| Seg::Dim(dim.clone())));
        let terms = vec![Term { sign: Sign::Plus, template, side: Side::Net }];
        Measure { name: name.to_owned(), title: settle::Title::default(), terms, cut: None }
    }

    fn sums(
        &self,
        given: &Given,
        at: usize,
        asset: &Asset,
        sums: &mut Vec<AccountSum>,
    ) -> Result<(), Broken> {
        let mut path = format!("given:{}", given.measure.value);
        for (dim, selected) in &self.dims {
            path.push(':');
            let own = format!("{at:06}");
            let only = (selected.len() == 1).then(|| selected.first()).flatten();
            match (given.dims.get(dim), only) {
                (Some(value), _) | (None, Some(value)) => push_escaped(&mut path, value),
                (None, None) if dim == EVENT => path.push_str(&own),
                (None, None) => {
                    let why = format!("the terms go by `{dim}`: say it under `dims`");
                    return Err((given.measure.place, why));
                }
            }
        }
        let minor = given
            .value
            .to_minor(asset.scale)
            .map_err(|_| (given.place, format!("{} has no such decimals", asset.code)))?;
        let (debit, credit) = if minor < 0 { (-minor, 0) } else { (0, minor) };
        let total = Total { debit, credit, count: given.count };
        for window in &self.windows {
            if window.is_none() && given.earlier {
                continue;
            }
            let mut path = path.clone();
            Grain { by: Vec::new(), window: *window }.push(&mut path, &[]);
            sums.push(AccountSum { path, asset: asset.code.clone(), total });
        }
        Ok(())
    }
}

impl Given {
    fn asset<'a>(&self, book: &'a Compiled, agreement: &'a Agreement) -> Result<&'a Asset, Broken> {
        let Some(code) = &self.asset else { return Ok(&agreement.asset) };
        let found = book.rules.assets.iter().find(|asset| asset.code == *code);
        found.ok_or_else(|| (self.place, format!("the asset `{code}` is not declared")))
    }
}
