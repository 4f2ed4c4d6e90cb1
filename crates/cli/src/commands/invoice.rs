//! `saldo invoice`: Korean tax invoices of closed periods, and what amends them.
//!
//! JSON of each: `{"id","kind","supplier":{"number","name"},"buyer":{"number","name"},"written",
//! "supply","tax","total","items":[{"date","name","quantity","price","supply","tax"}],"amends":
//! {"original","original_written","reason","reason_ko","happened"},"issue_by","agreement","period",
//! "author","at","position"}`; `make` and `show` give one, `amend` and `list` an array.

use super::{Ended, Globals, Outcome};
use crate::args::invoice::Invoice;
use crate::errors::Failure;
use crate::output::{self, Column, Format, Rows, talk};
use node::clock::show_time;
use node::engine::invoice::Issued;
use node::settle::invoice::{Amends, Item, Trader};
use node::{NodeError, Purpose};
use serde_json::{Value, json};

/// Makes, amends, lists or shows.
pub fn run(globals: &Globals, args: &Invoice) -> Outcome {
    match args {
        Invoice::Make { agreement, period, format } => {
            let mut session = globals.open(Purpose::Change)?;
            let (issued, is_new) = session.make_invoice(agreement, period)?;
            let id = &issued.invoice.id;
            talk(if is_new { format!("made {id}") } else { format!("{id} was made before") });
            one(&issued, *format)
        }
        Invoice::Amend { invoice, reason, changed, supply_change, format } => {
            let supply = supply_change.as_deref();
            let amendment = node::invoice::amendment(invoice, reason, changed, supply)?;
            let mut session = globals.open(Purpose::Change)?;
            let issued = session.amend_invoice(invoice, &amendment)?;
            talk(format!("{invoice} stays as it is; {} amends it", ids(&issued)));
            several(&issued, *format)
        }
        Invoice::List { format } => {
            let session = globals.open(Purpose::Read)?;
            several(&session.operator.engine.invoices()?, *format)
        }
        Invoice::Show { invoice, format } => {
            let session = globals.open(Purpose::Read)?;
            one(&session.operator.engine.invoice(invoice)?, *format)
        }
    }
}

fn ids(issued: &[Issued]) -> String {
    let ids: Vec<&str> = issued.iter().map(|issued| issued.invoice.id.as_str()).collect();
    ids.join(" and ")
}

fn one(issued: &Issued, format: Format) -> Outcome {
    if format == Format::Json {
        output::json(&document(issued)?)?;
        return Ok(Ended::Done);
    }
    several(std::slice::from_ref(issued), format)
}

fn several(all: &[Issued], format: Format) -> Outcome {
    let words = ["id", "written", "issue_by", "kind", "supplier", "buyer"].map(Column::text);
    let numbers = ["supply", "tax", "total"].map(Column::number);
    let columns = words.into_iter().chain(numbers);
    let columns = columns.chain(["amends", "reason"].map(Column::text)).collect();
    let cells = all.iter().map(cells).collect::<Result<_, _>>()?;
    let json = all.iter().map(document).collect::<Result<_, _>>()?;
    Rows { columns, cells, json: Value::Array(json) }.print(format)?;
    Ok(Ended::Done)
}

fn issue_by(issued: &Issued) -> Result<Option<String>, Failure> {
    let day = issued.invoice.issue_by().map_err(NodeError::from)?;
    Ok(day.map(|day| day.to_string()))
}

fn cells(issued: &Issued) -> Result<Vec<String>, Failure> {
    let invoice = &issued.invoice;
    let amends = invoice.amends.as_ref();
    Ok(vec![
        invoice.id.clone(),
        invoice.written.to_string(),
        issue_by(issued)?.unwrap_or_default(),
        invoice.kind.word().to_owned(),
        invoice.supplier.name.clone(),
        invoice.buyer.name.clone(),
        invoice.supply.to_string(),
        invoice.tax.to_string(),
        invoice.total().to_string(),
        amends.map(|amends| amends.original.clone()).unwrap_or_default(),
        amends.map(|amends| amends.reason.word().to_owned()).unwrap_or_default(),
    ])
}

fn document(issued: &Issued) -> Result<Value, Failure> {
    let invoice = &issued.invoice;
    let (agreement, period) = issued.of.clone().unzip();
    Ok(json!({
        "id": invoice.id,
        "kind": invoice.kind.word(),
        "supplier": trader(&invoice.supplier),
        "buyer": trader(&invoice.buyer),
        "written": invoice.written.to_string(),
        "supply": invoice.supply.to_string(),
        "tax": invoice.tax.to_string(),
        "total": invoice.total().to_string(),
        "items": invoice.items.iter().map(item).collect::<Vec<_>>(),
        "amends": invoice.amends.as_ref().map(amends),
        "issue_by": issue_by(issued)?,
        "agreement": agreement,
        "period": period,
        "author": issued.author,
        "at": show_time(issued.at),
        "position": issued.position,
    }))
}

fn trader(trader: &Trader) -> Value {
    json!({ "number": trader.number, "name": trader.name })
}

fn item(item: &Item) -> Value {
    json!({
        "date": item.date.to_string(),
        "name": item.name,
        "quantity": item.quantity.map(|quantity| quantity.to_string()),
        "price": item.price.map(|price| price.to_string()),
        "supply": item.supply.to_string(),
        "tax": item.tax.to_string(),
    })
}

fn amends(amends: &Amends) -> Value {
    json!({
        "original": amends.original,
        "original_written": amends.original_written.to_string(),
        "reason": amends.reason.word(),
        "reason_ko": amends.reason.korean(),
        "happened": amends.happened.to_string(),
    })
}
