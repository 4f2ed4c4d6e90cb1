//! `saldo measure`: a measure of the book for a period, in any zone, by any dimension.
//!
//! JSON: `[{"asset","value","count","by":{}}]`; CSV has one column for each dimension asked for,
//! then asset, value and count.

use super::{Ended, Globals, Outcome};
use crate::args::ask::Measure;
use crate::output::{Column, Rows, amount};
use node::settle::Period;
use node::{Purpose, Session};
use serde_json::{Map, json};

/// Shows the measure.
pub fn run(globals: &Globals, args: &Measure) -> Outcome {
    let period: Period = args.period.parse()?;
    let session = globals.open(Purpose::Read)?;
    let zone = args.zone.clone().unwrap_or_else(|| book_zone(&session));
    let span = period.span(&zone)?;
    let by: Vec<&str> = args.by.iter().map(String::as_str).collect();
    let engine = &session.operator.engine;
    let found = engine.measure(&args.name, span, &by)?;
    let (mut cells, mut json) = (Vec::new(), Vec::new());
    for row in &found {
        let value = amount(row.value, engine.asset_scale(&row.asset));
        let by: Map<_, _> = row.by.iter().map(|(dim, v)| (dim.clone(), json!(v))).collect();
        json.push(json!({
            "asset": row.asset, "value": value, "count": row.count, "by": by,
        }));
        let values = row.by.iter().map(|(_, value)| value.clone());
        cells.push(values.chain([row.asset.clone(), value, row.count.to_string()]).collect());
    }
    let dims = args.by.iter().map(|dim| Column::text(dim.as_str()));
    let own = [Column::text("asset"), Column::number("value"), Column::number("count")];
    Rows { columns: dims.chain(own).collect(), cells, json: json.into() }.print(args.format)?;
    Ok(Ended::Done)
}

fn book_zone(session: &Session) -> String {
    let books = &session.operator.engine.state().books;
    books.current().map_or_else(|| "UTC".to_owned(), |book| book.compiled.zone.clone())
}
