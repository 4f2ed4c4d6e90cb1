//! Korean tax invoices of closed periods.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An issued tax invoice. Amounts are whole won.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invoice {
    /// Its id.
    pub id: String,
    /// `tax` or `exempt`, as the law names documents.
    pub kind: String,
    /// Who supplies.
    pub supplier: Trader,
    /// Who buys.
    pub buyer: Trader,
    /// The day it is written on.
    pub written: String,
    /// What is supplied, before tax.
    pub supply: String,
    /// The tax.
    pub tax: String,
    /// Both together.
    pub total: String,
    /// What it consists of.
    pub items: Vec<InvoiceItem>,
    /// What it amends.
    pub amends: Option<Amends>,
    /// The last day to issue it.
    pub issue_by: Option<String>,
    /// The agreement, of an original.
    pub agreement: Option<String>,
    /// The period, of an original.
    pub period: Option<String>,
    /// Who made it.
    pub author: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Position of the command that made it.
    pub position: u64,
}

/// A side of a tax invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Trader {
    /// Registration number.
    pub number: String,
    /// Name.
    pub name: String,
}

/// An item of a tax invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvoiceItem {
    /// The day of supply.
    pub date: String,
    /// What was supplied.
    pub name: String,
    /// How much of it.
    pub quantity: Option<String>,
    /// The price of one.
    pub price: Option<String>,
    /// Before tax.
    pub supply: String,
    /// The tax.
    pub tax: String,
}

/// What an invoice amends, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Amends {
    /// The original.
    pub original: String,
    /// The day the original was written on.
    pub original_written: String,
    /// Why.
    pub reason: String,
    /// Why, as the law names it.
    pub reason_ko: String,
    /// The day it came about.
    pub happened: String,
}
