//! `saldo plan`: what the book on disk would do.
//!
//! JSON: `{"operator","revision","errors","warnings","diagnostics":[..],"changes":[{"what","name",
//! "how"}],"breaks":[{"what","message"}],"periods":[{"agreement","period","closed","asset",
//! "before","after","difference","lines":[{"name","before","after","difference"}],"refused"}],
//! "parties":[{"party","asset","difference"}],"left_out","read":{"groupings",
//! "sums"}}`. Amounts are decimal strings; `before`
//! and `after` are null where a book has no terms for the period, or cannot rate it.

use super::{Ended, Globals, Outcome};
use crate::args::make::Plan as Args;
use crate::errors::Failure;
use crate::output::{self, Column, Format, Plain, Rows, talk};
use node::Purpose;
use node::book::Severity;
use node::engine::EngineError;
use node::engine::plan::{PeriodPlan, Rated};
use node::ledger::Decimal;
use node::plan::{Planned, plan};
use node::settle::Statement;
use node::settle::statement::money;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Compares the books.
pub fn run(globals: &Globals, args: &Args) -> Outcome {
    let session = globals.open(Purpose::Read)?;
    let planned = plan(&session, (args.periods, args.all))?;
    let periods: Vec<Shown> = planned.plan.periods.iter().map(Shown::of).collect();
    let parties = parties(&periods)?;
    let errors = count(&planned, Severity::Error);
    match args.format {
        Plain::Json => {
            output::json(&document(&session.place.operator, &planned, &periods, &parties))?;
        }
        Plain::Text => show(&planned, &periods, &parties)?,
    }
    let refused = periods.iter().any(|period| period.refused.is_some());
    Ok(if errors > 0 || refused || !planned.breaks.is_empty() { Ended::Found } else { Ended::Done })
}

fn count(planned: &Planned, severity: Severity) -> usize {
    planned.checked.diagnostics.iter().filter(|found| found.severity == severity).count()
}

/// A period as it is shown.
struct Shown<'a> {
    plan: &'a PeriodPlan,
    asset: String,
    before: Option<&'a Statement>,
    after: Option<&'a Statement>,
    /// Why the changed book cannot rate it.
    refused: Option<&'a str>,
}

impl<'a> Shown<'a> {
    fn of(plan: &'a PeriodPlan) -> Self {
        let statement = |rated: &'a Rated| match rated {
            Rated::Statement(statement) => Some(&**statement),
            Rated::Absent | Rated::Refused(_) => None,
        };
        let (before, after) = (statement(&plan.before), statement(&plan.after));
        let asset = after.or(before).map(|found| found.asset.code.clone()).unwrap_or_default();
        let refused = match &plan.after {
            Rated::Refused(why) => Some(why.as_str()),
            _ => None,
        };
        Self { plan, asset, before, after, refused }
    }

    fn scale(&self) -> u8 {
        self.after.or(self.before).map_or(0, |found| found.asset.scale)
    }

    /// What is payable under each book, and how much more under the changed one.
    fn payable(&self) -> [Option<Decimal>; 3] {
        let payable = |statement: Option<&Statement>| statement.map(|found| found.payable);
        let (before, after) = (payable(self.before), payable(self.after));
        let zero = Decimal::ZERO;
        let more = after.unwrap_or(zero).checked_sub(before.unwrap_or(zero)).ok();
        [before, after, more]
    }

    /// Lines whose amount is not the same, in the order of the changed statement.
    fn lines(&self) -> Vec<(String, [Option<Decimal>; 3])> {
        let amounts = |statement: Option<&Statement>| -> BTreeMap<String, Decimal> {
            let lines = statement.into_iter().flat_map(|found| &found.lines);
            lines.map(|line| (line.name.clone(), line.amount)).collect()
        };
        let (before, after) = (amounts(self.before), amounts(self.after));
        let order = self.after.into_iter().chain(self.before).flat_map(|found| &found.lines);
        let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
        for name in order.map(|line| &line.name).filter(|name| seen.insert(*name)) {
            let (was, now) = (before.get(name).copied(), after.get(name).copied());
            if was != now {
                let zero = Decimal::ZERO;
                let more = now.unwrap_or(zero).checked_sub(was.unwrap_or(zero)).ok();
                found.push((name.clone(), [was, now, more]));
            }
        }
        found
    }
}

fn text(amount: Option<Decimal>, scale: u8) -> Option<String> {
    amount.map(|amount| money(amount, scale))
}

/// How much more each party receives by party and asset, with the asset's decimals.
type Parties = BTreeMap<(String, String), (Decimal, u8)>;

fn parties(periods: &[Shown<'_>]) -> Result<Parties, EngineError> {
    let overflow = |_| EngineError::Overflow;
    let mut all = Parties::new();
    for shown in periods {
        let Some(statement) = shown.after.or(shown.before) else { continue };
        let [_, _, Some(more)] = shown.payable() else { continue };
        let less = more.checked_neg().map_err(overflow)?;
        for (party, change) in [(&statement.to, more), (&statement.from, less)] {
            let key = (party.clone(), shown.asset.clone());
            let entry = all.entry(key).or_insert((Decimal::ZERO, shown.scale()));
            entry.0 = entry.0.checked_add(change).map_err(overflow)?;
        }
    }
    all.retain(|_, (more, _)| !more.is_zero());
    Ok(all)
}

fn document(operator: &str, planned: &Planned, periods: &[Shown<'_>], parties: &Parties) -> Value {
    let amounts = |[before, after, more]: [Option<Decimal>; 3], scale| {
        json!({
            "before": text(before, scale),
            "after": text(after, scale),
            "difference": text(more, scale),
        })
    };
    let merged = |mut value: Value, more: Value| {
        if let (Value::Object(into), Value::Object(more)) = (&mut value, more) {
            into.extend(more);
        }
        value
    };
    let period = |shown: &Shown<'_>| {
        let lines = shown.lines();
        let lines = lines
            .into_iter()
            .map(|(name, of)| merged(json!({ "name": name }), amounts(of, shown.scale())));
        let head = json!({
            "agreement": shown.plan.agreement,
            "period": shown.plan.period.to_string(),
            "closed": shown.plan.closed,
            "asset": shown.asset,
            "refused": shown.refused,
            "lines": lines.collect::<Vec<_>>(),
        });
        merged(head, amounts(shown.payable(), shown.scale()))
    };
    let shown_parties = parties.iter().map(|((party, asset), (more, scale))| {
        json!({ "party": party, "asset": asset, "difference": money(*more, *scale) })
    });
    json!({
        "operator": operator,
        "revision": planned.revision,
        "errors": count(planned, Severity::Error),
        "warnings": count(planned, Severity::Warning),
        "diagnostics": planned.checked.diagnostics.iter().map(ToString::to_string)
            .collect::<Vec<_>>(),
        "changes": planned.changes.iter().map(|change| {
            json!({ "what": change.what, "name": change.name, "how": change.how.word() })
        }).collect::<Vec<_>>(),
        "breaks": planned.breaks.iter().map(|found| {
            json!({ "what": found.what, "message": found.message })
        }).collect::<Vec<_>>(),
        "periods": periods.iter().map(period).collect::<Vec<_>>(),
        "parties": shown_parties.collect::<Vec<_>>(),
        "left_out": planned.plan.left_out,
        "read": {
            "groupings": planned.plan.reading.groupings,
            "sums": planned.plan.reading.sums,
        },
    })
}

fn show(planned: &Planned, periods: &[Shown<'_>], parties: &Parties) -> Result<(), Failure> {
    for found in &planned.checked.diagnostics {
        output::text(&format!("{found}\n"))?;
    }
    if planned.checked.compiled.is_none() {
        talk("the book on disk has mistakes: nothing else can be said of it");
        return Ok(());
    }
    if planned.changes.is_empty() {
        talk(format!("the book on disk says what revision {} says", planned.revision));
    }
    for change in &planned.changes {
        let (what, name, how) = (change.what, &change.name, change.how.word());
        output::text(&format!("{how:>8}  {what} {name}\n"))?;
    }
    for found in &planned.breaks {
        output::text(&format!("  breaks  {}: {}\n", found.what, found.message))?;
    }
    for shown in periods {
        if let Some(why) = shown.refused {
            let (agreement, period) = (&shown.plan.agreement, shown.plan.period);
            output::text(&format!(" refused  {agreement} {period}: {why}\n"))?;
        }
    }
    let table = money_table(periods);
    if !table.cells.is_empty() {
        table.print(Format::Table)?;
    }
    for ((party, asset), (more, scale)) in parties {
        let word = if more.is_negative() { "less" } else { "more" };
        let amount = money(*more, *scale);
        talk(format!("{party} receives {} {asset} {word}", amount.trim_start_matches('-')));
    }
    if planned.plan.left_out > 0 {
        talk(format!("{} older periods were left out: see --periods", planned.plan.left_out));
    }
    Ok(())
}

fn money_table(periods: &[Shown<'_>]) -> Rows {
    let columns = ["agreement", "period", "line"].map(Column::text).into_iter();
    let numbers = ["in force", "changed", "difference"].map(Column::number);
    let mut cells = Vec::new();
    for shown in periods {
        let scale = shown.scale();
        let mut row = |line: String, amounts: [Option<Decimal>; 3]| {
            let mut row = vec![shown.plan.agreement.clone(), shown.plan.period.to_string(), line];
            row.extend(amounts.map(|amount| text(amount, scale).unwrap_or_default()));
            cells.push(row);
        };
        let lines = shown.lines();
        if !lines.is_empty() || shown.before.is_none() || shown.after.is_none() {
            for (name, amounts) in lines {
                row(name, amounts);
            }
            row(format!("payable {}", shown.asset), shown.payable());
        }
    }
    Rows { columns: columns.chain(numbers).collect(), cells, json: Value::Null }
}
