//! Short forms for tests: measures with given values, steps, agreements.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test
#![allow(dead_code)] // each test file uses a part of it

use ledger::time::Span;
use ledger::{Asset, Decimal, Rounding, Total};
use settle::steps::{
    Band, Bound, Cap, Deduct, Deduction, Method, Minimum, Round, Share, Sum, Tier,
};
use settle::{
    AccountSum, Agreement, Effect, Figure, Inputs, Measure, Operand, PeriodKind, RoundTo, Rule,
    Seg, SettleError, Side, Sign, Statement, Step, Term, Title, rate,
};

/// The bands of the first golden table: up to and with 5,000, 20,000, 50,000, 100,000, and above.
pub const BANDS: &[(&str, &str)] = &[
    ("<= 5000", "0.25"),
    ("<= 20000", "0.30"),
    ("<= 50000", "0.35"),
    ("<= 100000", "0.40"),
    ("", "0.50"),
];

pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// One measure per name, each the net of one account, and the sums that give the values.
pub fn given(values: &[(&str, &str)], scale: u8) -> (Vec<Measure>, Vec<AccountSum>) {
    let pairs = values.iter().map(|(name, value)| {
        let minor = dec(value).to_minor(scale).unwrap();
        let (debit, credit) = if minor < 0 { (-minor, 0) } else { (0, minor) };
        let path = format!("test:{name}");
        let total = Total { debit, credit, count: 1 };
        (measure_of(name), AccountSum { path, asset: "EUR".into(), total })
    });
    pairs.unzip()
}

pub fn measure_of(name: &str) -> Measure {
    Measure {
        name: name.into(),
        title: Title::default(),
        terms: vec![term("+", &["test", name])],
        cut: None,
    }
}

/// A term over the net; `{x}` is a dimension, `*` is any value.
pub fn term(sign: &str, template: &[&str]) -> Term {
    let seg = |text: &&str| match text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
        Some(dim) => Seg::Dim(dim.into()),
        None if *text == "*" => Seg::Any,
        None => Seg::Literal((*text).into()),
    };
    let sign = Sign::from_word(sign).unwrap();
    Term { sign, template: template.iter().map(seg).collect(), side: Side::Net }
}

pub fn agreement(steps: Vec<Step>, scale: u8) -> Agreement {
    Agreement {
        name: "provider-share".into(),
        version: 1,
        title: Title { en: "Provider share".into(), ko: "공급사 배분".into() },
        from: "house".into(),
        to: "studio-a".into(),
        asset: Asset { code: "EUR".into(), scale },
        zone: "Asia/Seoul".into(),
        period: PeriodKind::Month,
        effective: Span { start: i64::MIN, end: i64::MAX },
        steps,
        opening: std::collections::BTreeMap::new(),
        due: None,
        custom: None,
    }
}

pub fn rated(
    agreement: &Agreement,
    measures: &[Measure],
    sums: &[AccountSum],
) -> Result<Statement, SettleError> {
    let period: settle::Period = "2016-11".parse().unwrap();
    let span = period.span(&agreement.zone)?;
    rate(agreement, period, span, &Inputs::of(measures, sums))
}

/// Rates the steps over the values, and compares the lines named and the payable amount (or the
/// code of the error) by their text.
pub fn check(what: &str, scale: u8, values: &[(&str, &str)], steps: Vec<Step>, wanted: &[&str]) {
    let (measures, sums) = given(values, scale);
    let agreement = agreement(steps, scale);
    let (wanted_lines, payable) = wanted.split_at(wanted.len() - 1);
    let statement = match rated(&agreement, &measures, &sums) {
        Ok(statement) => statement,
        Err(error) => return assert_eq!(error.code(), payable[0], "{what}: {error}"),
    };
    for line in wanted_lines {
        let (name, amount) = line.split_once(' ').unwrap();
        let found = statement.lines.iter().find(|l| l.name == name);
        let found = found.unwrap_or_else(|| panic!("{what}: no line {name}"));
        assert_eq!(settle::statement::money(found.amount, scale), amount, "{what}: {name}");
    }
    assert_eq!(statement.payable.to_string(), payable[0], "{what}: payable");
    chained(&statement);
    assert_eq!(Statement::parse(&statement.body()), Ok(statement.clone()), "{what}: body");
    let decoded = Agreement::decode(&agreement.encode()).unwrap();
    assert_eq!(rated(&decoded, &measures, &sums), Ok(statement), "{what}: decoded agreement");
}

/// Every line's running amount follows from the one before, and the last one is payable.
pub fn chained(statement: &Statement) {
    let mut running = Decimal::ZERO;
    for line in &statement.lines {
        running = match line.effect {
            Effect::Set => line.amount,
            Effect::Add => running.checked_add(line.amount).unwrap(),
            Effect::Subtract => running.checked_sub(line.amount).unwrap(),
            Effect::Keep => running,
        };
        assert_eq!(line.running, running, "{}", line.path);
    }
    assert_eq!(statement.payable, running);
}

pub fn step(name: &str, rule: Rule) -> Step {
    Step { name: name.into(), title: Title::default(), label: settle::Label::default(), rule }
}

/// Reads the measure that has the step's name.
pub fn sum(name: &str) -> Step {
    step(name, Rule::Sum(Sum { measure: name.into(), effect: Effect::Set }))
}

/// `of` as encoded agreements write operands, times `rate` unless that is empty.
pub fn figure(of: &str, rate: &str) -> Figure {
    let rate = (!rate.is_empty()).then(|| dec(rate));
    Figure { of: of.parse::<Operand>().unwrap(), rate, round: None }
}

pub fn share(name: &str, of: &str, rate: &str, effect: Effect) -> Step {
    step(name, Rule::Share(Share { amount: figure(of, rate), effect }))
}

/// Deductions as `(name, of, rate, cap of, cap rate)`; no cap where `cap of` is empty.
pub fn deduct(name: &str, floor_at_zero: bool, items: &[(&str, &str, &str, &str, &str)]) -> Step {
    let item = |(name, of, rate, cap, cap_rate): &(&str, &str, &str, &str, &str)| Deduction {
        name: (*name).into(),
        title: Title::default(),
        amount: figure(of, rate),
        cap: (!cap.is_empty()).then(|| figure(cap, cap_rate)),
        carried: false,
    };
    let items = items.iter().map(item).collect();
    step(name, Rule::Deduct(Deduct { items, floor_at_zero }))
}

pub fn tier(name: &str, method: Method, bands: &[(&str, &str)]) -> Step {
    let band = |(upto, rate): &(&str, &str)| Band {
        upto: (!upto.is_empty()).then(|| upto.parse::<Bound>().unwrap()),
        rate: dec(rate),
    };
    let bands = bands.iter().map(band).collect();
    let (of, by, round, effect) = (Operand::Running, None, None, Effect::Set);
    let (per, window) = (Vec::new(), None);
    step(name, Rule::Tier(Tier { of, by, method, bands, per, window, round, effect }))
}

pub fn minimum(name: &str, of: &str) -> Step {
    step(name, Rule::Minimum(Minimum { amount: figure(of, "") }))
}

pub fn cap(name: &str, of: &str) -> Step {
    step(name, Rule::Cap(Cap { limit: figure(of, "") }))
}

pub fn round(name: &str, mode: Rounding, scale: i8) -> Step {
    step(name, Rule::Round(Round { to: RoundTo { scale, mode }, keep_residue: false }))
}

/// Lines with their signs, `+name` or `-name`.
pub fn total(name: &str, lines: &[&str]) -> Step {
    let line = |line: &&str| (Sign::from_word(&line[..1]).unwrap(), line[1..].to_owned());
    let lines = lines.iter().map(line).collect();
    step(name, Rule::Total(settle::steps::Total { lines, effect: Effect::Set }))
}

/// Rates the steps month after month from November 2016, each statement from what the one before
/// left; `months` are the values of the measures, the first statement begins with `opening`.
pub fn months(
    (steps, scale): (Vec<Step>, u8),
    opening: &[(&str, &str)],
    months: &[&[(&str, &str)]],
) -> Vec<Statement> {
    let mut one = agreement(steps, scale);
    one.opening = opening.iter().map(|(name, amount)| ((*name).to_owned(), dec(amount))).collect();
    let mut period: settle::Period = "2016-11".parse().unwrap();
    let mut left = settle::Left::default();
    let mut statements = Vec::new();
    for values in months {
        let (measures, sums) = given(values, scale);
        let span = period.span(&one.zone).unwrap();
        let inputs = Inputs { left: &left, ..Inputs::of(&measures, &sums) };
        let statement = rate(&one, period, span, &inputs).unwrap();
        chained(&statement);
        assert_eq!(Statement::parse(&statement.body()), Ok(statement.clone()), "body");
        let decoded = Agreement::decode(&one.encode()).unwrap();
        assert_eq!(rate(&decoded, period, span, &inputs), Ok(statement.clone()), "decoded");
        let body_hash = "0".repeat(64);
        left.previous = Some(settle::Previous { id: statement.id(), body_hash });
        left.balances.clone_from(&statement.closing);
        statements.push(statement);
        period = settle::Period::containing(PeriodKind::Month, span.end, &one.zone).unwrap();
    }
    statements
}

/// The amount of a line, as text with the decimals that the asset has at least.
pub fn line(statement: &Statement, name: &str) -> String {
    let found = statement.lines.iter().find(|line| line.name == name);
    let found = found.unwrap_or_else(|| panic!("{}: no line {name}", statement.period));
    settle::statement::money(found.amount, statement.asset.scale)
}

/// Of every month the lines of this name, and `payable` for what is payable.
pub fn column(statements: &[Statement], name: &str) -> Vec<String> {
    let of = |statement: &Statement| match name {
        "payable" => statement.payable.to_string(),
        _ => line(statement, name),
    };
    statements.iter().map(of).collect()
}

/// Two agreements netted, one of them the other way round.
pub fn net() -> settle::steps::Net {
    let netted = |agreement: &str, owed, reversed| settle::steps::Netted {
        agreement: agreement.into(),
        owed,
        reversed,
    };
    let both =
        [netted("a", settle::Owed::Payable, false), netted("b", settle::Owed::Receivable, true)];
    settle::steps::Net { agreements: both.into() }
}
