//! `saldo totals`: debits, credits and counts per account.
//!
//! JSON: `[{"account","asset","debit","credit","count"}]`, ascending by account and asset; CSV has
//! the same columns.

use super::{Ended, Globals, Outcome};
use crate::args::ask::Totals;
use crate::output::{Column, Rows, amount};
use node::Purpose;
use node::clock::parse_time;
use node::ledger::account::Pattern;
use serde_json::json;

/// Shows the totals.
pub fn run(globals: &Globals, args: &Totals) -> Outcome {
    let from = args.from.as_deref().map(parse_time).transpose()?;
    let to = args.to.as_deref().map(parse_time).transpose()?;
    let session = globals.open(Purpose::Read)?;
    let engine = &session.operator.engine;
    let pattern = args.account.as_deref().map(Pattern::new);
    let sums = engine.totals(pattern.as_ref(), from, to)?;
    let (mut cells, mut json) = (Vec::new(), Vec::new());
    for sum in &sums {
        let scale = engine.asset_scale(&sum.asset);
        let (debit, credit) = (amount(sum.total.debit, scale), amount(sum.total.credit, scale));
        json.push(json!({
            "account": sum.path,
            "asset": sum.asset,
            "debit": debit,
            "credit": credit,
            "count": sum.total.count,
        }));
        let count = sum.total.count.to_string();
        cells.push(vec![sum.path.clone(), sum.asset.clone(), debit, credit, count]);
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
