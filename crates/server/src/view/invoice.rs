//! Tax invoices as documents.

use api::invoices::{Amends, Invoice, InvoiceItem, Trader};
use node::NodeError;
use node::clock::show_time;
use node::engine::invoice::Issued;
use node::settle::invoice;

/// An invoice as it was issued.
///
/// # Errors
/// Where the day to issue it by is beyond the calendar.
pub fn invoice(issued: &Issued) -> Result<Invoice, NodeError> {
    let invoice = &issued.invoice;
    let (agreement, period) = issued.of.clone().unzip();
    Ok(Invoice {
        id: invoice.id.clone(),
        kind: invoice.kind.word().to_owned(),
        supplier: trader(&invoice.supplier),
        buyer: trader(&invoice.buyer),
        written: invoice.written.to_string(),
        supply: invoice.supply.to_string(),
        tax: invoice.tax.to_string(),
        total: invoice.total().to_string(),
        items: invoice.items.iter().map(item).collect(),
        amends: invoice.amends.as_ref().map(amends),
        issue_by: invoice.issue_by()?.map(|day| day.to_string()),
        agreement,
        period,
        author: issued.author.clone(),
        at: show_time(issued.at),
        position: issued.position,
    })
}

fn trader(trader: &invoice::Trader) -> Trader {
    Trader { number: trader.number.clone(), name: trader.name.clone() }
}

fn item(item: &invoice::Item) -> InvoiceItem {
    InvoiceItem {
        date: item.date.to_string(),
        name: item.name.clone(),
        quantity: item.quantity.map(|quantity| quantity.to_string()),
        price: item.price.map(|price| price.to_string()),
        supply: item.supply.to_string(),
        tax: item.tax.to_string(),
    }
}

fn amends(amends: &invoice::Amends) -> Amends {
    Amends {
        original: amends.original.clone(),
        original_written: amends.original_written.to_string(),
        reason: amends.reason.word().to_owned(),
        reason_ko: amends.reason.korean().to_owned(),
        happened: amends.happened.to_string(),
    }
}
