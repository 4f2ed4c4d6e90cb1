//! `saldo invoice`: Korean tax invoices of closed periods, and what amends them.
//!
//! JSON of each: `{"id","kind","supplier":{"number","name"},"buyer":{"number","name"},"written",
//! "supply","tax","total","items":[{"date","name","quantity","price","supply","tax"}],"amends":
//! {"original","original_written","reason","reason_ko","happened"},"issue_by","agreement","period",
//! "author","at","position"}`; `make` and `show` give one, `amend` and `list` an array.

use super::remote::once;
use super::{Ended, Globals, Outcome};
use crate::args::invoice::Invoice;
use crate::output::{self, Column, Format, Rows, talk};
use api::address::escaped;
use api::client::{Client, Query};
use api::commands::{AmendInvoice, Given, NewInvoice};
use api::invoices::Invoice as Shown;
use node::engine::invoice::Issued;
use node::{NodeError, Purpose};
use serde_json::json;
use server::view::invoice::invoice;

/// Where a service has them.
const PATH: &str = "/v1/invoices";

/// Makes, amends, lists or shows.
pub fn run(globals: &Globals, args: &Invoice) -> Outcome {
    match args {
        Invoice::Make { agreement, period, format } => {
            let mut session = globals.open(Purpose::Change)?;
            let (issued, is_new) = session.make_invoice(agreement, period)?;
            let id = &issued.invoice.id;
            talk(if is_new { format!("made {id}") } else { format!("{id} was made before") });
            one(invoice(&issued)?, *format)
        }
        Invoice::Amend { invoice, reason, changed, supply_change, format } => {
            let supply = supply_change.as_deref();
            let amendment = node::invoice::amendment(invoice, reason, changed, supply)?;
            let mut session = globals.open(Purpose::Change)?;
            let issued = session.amend_invoice(invoice, &amendment)?;
            let issued = shown(&issued)?;
            talk(format!("{invoice} stays as it is; {} amends it", ids(&issued)));
            several(&issued, *format)
        }
        Invoice::List { format } => {
            let session = globals.open(Purpose::Read)?;
            several(&shown(&session.operator.engine.invoices()?)?, *format)
        }
        Invoice::Show { invoice: id, format } => {
            let session = globals.open(Purpose::Read)?;
            one(invoice(&session.operator.engine.invoice(id)?)?, *format)
        }
    }
}

/// The same of a service: what is made or amended is told by the position of its command.
pub fn remote(client: &Client, args: &Invoice) -> Outcome {
    let all = || client.get::<Vec<Shown>>(PATH, &Query::new());
    match args {
        Invoice::Make { agreement, period, format } => {
            let new = NewInvoice { agreement: agreement.clone(), period: period.clone() };
            let given: Given = client.command(PATH, &once()?, &new)?;
            let made = all()?.into_iter().filter(|invoice| invoice.position == given.position);
            several(&made.collect::<Vec<_>>(), *format)
        }
        Invoice::Amend { invoice, reason, changed, supply_change, format } => {
            let (reason, changed) = (reason.clone(), changed.clone());
            let asked = AmendInvoice { reason, changed, supply_change: supply_change.clone() };
            let path = format!("{PATH}/{}/amend", escaped(invoice));
            let given: Given = client.command(&path, &once()?, &asked)?;
            let made = all()?.into_iter().filter(|invoice| invoice.position == given.position);
            let made: Vec<Shown> = made.collect();
            talk(format!("{invoice} stays as it is; {} amends it", ids(&made)));
            several(&made, *format)
        }
        Invoice::List { format } => several(&all()?, *format),
        Invoice::Show { invoice, format } => {
            one(client.get(&format!("{PATH}/{}", escaped(invoice)), &Query::new())?, *format)
        }
    }
}

fn shown(issued: &[Issued]) -> Result<Vec<Shown>, NodeError> {
    issued.iter().map(invoice).collect()
}

fn ids(issued: &[Shown]) -> String {
    let ids: Vec<&str> = issued.iter().map(|invoice| invoice.id.as_str()).collect();
    ids.join(" and ")
}

fn one(invoice: Shown, format: Format) -> Outcome {
    if format == Format::Json {
        output::json(&json!(invoice))?;
        return Ok(Ended::Done);
    }
    several(&[invoice], format)
}

fn several(all: &[Shown], format: Format) -> Outcome {
    let words = ["id", "written", "issue_by", "kind", "supplier", "buyer"].map(Column::text);
    let numbers = ["supply", "tax", "total"].map(Column::number);
    let columns = words.into_iter().chain(numbers);
    let columns = columns.chain(["amends", "reason"].map(Column::text)).collect();
    let cells = all.iter().map(cells).collect();
    Rows { columns, cells, json: json!(all) }.print(format)?;
    Ok(Ended::Done)
}

fn cells(invoice: &Shown) -> Vec<String> {
    let amends = invoice.amends.as_ref();
    vec![
        invoice.id.clone(),
        invoice.written.clone(),
        invoice.issue_by.clone().unwrap_or_default(),
        invoice.kind.clone(),
        invoice.supplier.name.clone(),
        invoice.buyer.name.clone(),
        invoice.supply.clone(),
        invoice.tax.clone(),
        invoice.total.clone(),
        amends.map(|amends| amends.original.clone()).unwrap_or_default(),
        amends.map(|amends| amends.reason.clone()).unwrap_or_default(),
    ]
}
