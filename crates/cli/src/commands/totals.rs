//! `saldo totals`: debits, credits and counts per account.
//!
//! JSON: `[{"account","asset","debit","credit","count"}]`, ascending by account and asset; CSV has
//! the same columns.

use super::{Ended, Globals, Outcome};
use crate::args::ask::Totals;
use crate::errors::Failure;
use crate::output::{Column, Rows};
use node::Purpose;
use node::clock::{parse_time, show_time};
use node::engine::live::Asked;
use node::ledger::account::Pattern;
use node::ledger::time::Bucket;
use serde_json::json;
use server::view::totals as view;

/// Shows the totals.
pub fn run(globals: &Globals, args: &Totals) -> Outcome {
    let from = args.from.as_deref().map(parse_time).transpose()?;
    let to = args.to.as_deref().map(parse_time).transpose()?;
    let session = globals.open(Purpose::Read)?;
    let engine = &session.operator.engine;
    let pattern = args.account.as_deref().map(Pattern::new);
    let asked = Asked { pattern: pattern.as_ref(), ..Asked::default() };
    let sums = engine.totals(&asked, from, to).map_err(|error| {
        let off = [from, to].into_iter().flatten().find(|nanos| !Bucket::is_boundary(*nanos));
        let failure = Failure::from(error);
        match off {
            Some(nanos) => failure.hinted(quarters(nanos)),
            None => failure,
        }
    })?;
    let (mut cells, mut json) = (Vec::new(), Vec::new());
    for sum in &sums {
        let row = view::row(engine, &sum.path, &sum.asset, sum.total);
        json.push(json!(&row));
        cells.push(vec![row.account, row.asset, row.debit, row.credit, row.count.to_string()]);
    }
    let columns = vec![
        Column::text("account"),
        Column::text("asset"),
        Column::number("debit"),
        Column::number("credit"),
        Column::number("count"),
    ];
    Rows { columns, cells, json: json.into() }.print(args.format)?;
    Ok(Ended::Done)
}

/// The quarters of an hour around a time between two.
fn quarters(nanos: i64) -> String {
    let before = Bucket::of(nanos);
    let after = Bucket(before.0.saturating_add(1));
    let [before, after] = [before, after].map(|bucket| show_time(bucket.start_nanos()));
    format!("The nearest are {before} and {after}.")
}
