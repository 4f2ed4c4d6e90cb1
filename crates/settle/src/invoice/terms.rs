//! What an agreement says of its invoices, and the changes that people ask for.

use super::{Change, InvoiceKind, Item, Reason, TaxInvoice, Trader, Vat};
use crate::error::SettleError;
use crate::period::local_day;
use crate::statement::Statement;
use jiff::civil::Date;
use ledger::Decimal;

/// How the statements of an agreement are invoiced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoiceTerms {
    /// Who supplies.
    pub supplier: Trader,
    /// Who is supplied.
    pub buyer: Trader,
    /// What the supply is to the tax.
    pub kind: InvoiceKind,
    /// What was supplied, in the words of the document.
    pub item: String,
    /// The line of the statement that states the supply; its payable amount where none is named.
    pub line: Option<String>,
    /// Whether the amount includes the tax.
    pub tax_included: bool,
    /// IANA name of the zone whose last day of the period the document stands for.
    pub zone: String,
}

impl InvoiceTerms {
    /// The document for a statement, written on the last day of its period.
    ///
    /// # Errors
    /// [`SettleError::InvoiceShape`] where the statement comes to nothing to invoice, or not to
    /// whole won; [`SettleError::InvoiceRange`].
    pub fn invoice(&self, statement: &Statement, vat: Vat) -> Result<TaxInvoice, SettleError> {
        let id = format!("{}-{}", statement.agreement, statement.period);
        let wrong = |reason: String| SettleError::InvoiceShape { invoice: id.clone(), reason };
        let amount = self.amount(statement).map_err(wrong)?;
        let (supply, tax) = match (self.kind, self.tax_included) {
            (InvoiceKind::Regular, true) => vat.within(amount)?,
            (InvoiceKind::Regular, false) => (amount, vat.on(amount)?),
            _ => (amount, 0),
        };
        let written = local_day(statement.span.end.saturating_sub(1), &self.zone)?;
        let (quantity, price) = (None, None);
        let item = Item { date: written, name: self.item.clone(), quantity, price, supply, tax };
        let invoice = TaxInvoice {
            id: id.clone(),
            kind: self.kind,
            supplier: self.supplier.clone(),
            buyer: self.buyer.clone(),
            written,
            items: vec![item],
            supply,
            tax,
            amends: None,
        };
        invoice.check().map(|()| invoice)
    }

    fn amount(&self, statement: &Statement) -> Result<i128, String> {
        if statement.asset.code != "KRW" {
            return Err(format!("it is in {}, and not in won", statement.asset.code));
        }
        let amount = match &self.line {
            None => statement.payable,
            Some(name) => {
                let line = statement.lines.iter().find(|line| line.name == *name);
                line.ok_or_else(|| format!("the statement has no line {name}"))?.amount
            }
        };
        let won = amount.to_minor(0);
        let won = won.map_err(|_| format!("{amount} is not whole won; round it before"))?;
        if won <= 0 { Err(format!("{won} is nothing to invoice")) } else { Ok(won) }
    }
}

/// A change of an issued document, as people ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// Why.
    pub reason: Reason,
    /// The day on which it came about, or the mistake was found.
    pub on: Date,
    /// By how much the supply rises or, below zero, falls; for a letter of credit the supply that
    /// it covers. Not for what takes all back.
    pub supply: Option<i128>,
}

impl Amendment {
    /// What this is to an issued document.
    ///
    /// # Errors
    /// [`SettleError::AmendShape`] where an amount is missing or has no place;
    /// [`SettleError::InvoiceRange`].
    pub fn change(&self, original: &TaxInvoice, vat: Vat) -> Result<Change, SettleError> {
        let wrong = |reason: &str| {
            let (invoice, reason) = (original.id.clone(), reason.to_owned());
            Err(SettleError::AmendShape { invoice, reason })
        };
        let on = self.on;
        Ok(match (self.reason, self.supply) {
            (Reason::Cancel, None) => Change::Cancelled { on },
            (Reason::Double, None) => Change::Double { found: on },
            (Reason::Cancel | Reason::Double, Some(_)) => {
                return wrong("all of it is taken back, so that no amount is said");
            }
            (_, None) => return wrong("by how much the supply changes is not said"),
            (Reason::Change, Some(supply)) => Change::Changed { on, supply },
            (Reason::Return, Some(supply)) if supply < 0 => {
                Change::Returned { on, supply: supply.saturating_neg() }
            }
            (Reason::Return, Some(_)) => return wrong("what came back is below zero"),
            (Reason::LetterOfCredit, Some(supply)) => Change::CreditOpened { on, supply },
            (Reason::Correction, Some(supply)) => {
                let right = Box::new(original.with_supply(supply, vat)?);
                Change::Corrected { found: on, right }
            }
        })
    }
}

impl TaxInvoice {
    /// The same with another supply, on its first item.
    fn with_supply(&self, more: i128, vat: Vat) -> Result<Self, SettleError> {
        let range = || super::vat::out_of_range(more);
        let mut right = self.clone();
        right.supply = self.supply.checked_add(more).ok_or_else(range)?;
        let tax = if self.kind == InvoiceKind::Regular { vat.on(right.supply)? } else { 0 };
        let more_tax = tax.checked_sub(self.tax).ok_or_else(range)?;
        right.tax = tax;
        if let Some(item) = right.items.first_mut() {
            item.supply = item.supply.checked_add(more).ok_or_else(range)?;
            item.tax = item.tax.checked_add(more_tax).ok_or_else(range)?;
            (item.quantity, item.price) = (None::<Decimal>, None);
        }
        Ok(right)
    }
}
