//! Korean tax invoices (세금계산서) as data: what one says, by when it is issued, and how another
//! amends it. None is ever edited: an amendment is a document of its own that names the original.
//!
//! The rules are those of the Value-Added Tax Act (부가가치세법) art. 34 and of its Enforcement
//! Decree art. 70; sending is for whoever stands behind the port.

mod amend;
mod encode;
mod issue;
mod terms;
mod vat;

pub use amend::{Amends, Change, Reason};
pub use terms::{Amendment, InvoiceTerms};
pub use vat::Vat;

use crate::error::SettleError;
use crate::limits::INVOICE_ITEMS_MAX;
use jiff::civil::Date;
use ledger::Decimal;

/// One document. Amounts are whole won; below zero in documents that take back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxInvoice {
    /// The issuer's own number, unique per supplier: 1 to 64 characters.
    pub id: String,
    /// What the supply is to the tax.
    pub kind: InvoiceKind,
    /// Who supplies.
    pub supplier: Trader,
    /// Who is supplied.
    pub buyer: Trader,
    /// The day that the document stands for (작성일자), not the day of its making.
    pub written: Date,
    /// What was supplied, at least one.
    pub items: Vec<Item>,
    /// What is paid for the supply (공급가액): the sum over the items.
    pub supply: i128,
    /// The tax (세액): the sum over the items.
    pub tax: i128,
    /// What it amends, and why.
    pub amends: Option<Amends>,
}

/// What a supply is to the tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InvoiceKind {
    /// Taxed at the ordinary rate (과세).
    Regular,
    /// Taxed at zero (영세율).
    ZeroRated,
    /// Exempt (면세): the document is then a 계산서.
    Exempt,
}

/// A business, as a tax invoice names it. People's numbers have no place here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Trader {
    /// Registration number (사업자등록번호): ten digits with their check digit. Empty for a buyer
    /// that has none.
    pub number: String,
    /// Name of the business.
    pub name: String,
}

/// One line of a document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    /// The day of the supply.
    pub date: Date,
    /// What was supplied.
    pub name: String,
    /// How many, where that is said.
    pub quantity: Option<Decimal>,
    /// The price of one in won, where that is said.
    pub price: Option<Decimal>,
    /// What is paid for it.
    pub supply: i128,
    /// The tax on it.
    pub tax: i128,
}

impl TaxInvoice {
    /// Supply and tax together (합계금액). The check sees to it that it fits.
    pub fn total(&self) -> i128 {
        self.supply.saturating_add(self.tax)
    }

    /// The first mistake in the document.
    ///
    /// # Errors
    /// [`SettleError::InvoiceShape`].
    pub fn check(&self) -> Result<(), SettleError> {
        let sum = |amount: fn(&Item) -> i128| {
            self.items.iter().try_fold(0i128, |sum, item| sum.checked_add(amount(item)))
        };
        let fits = |text: &str| (1..=64).contains(&text.chars().count()) && is_plain(text);
        let untaxed = self.tax == 0 && self.items.iter().all(|item| item.tax == 0);
        let opposed = |item: &Item| item.supply.signum() * item.tax.signum() < 0;
        let amends = self.amends.as_ref();
        let rules = [
            (fits(&self.id), "its id is empty, too long, or has control characters"),
            (is_business_number(&self.supplier.number), "the supplier's number is not valid"),
            (
                self.buyer.number.is_empty() || is_business_number(&self.buyer.number),
                "the buyer's number is not valid",
            ),
            (self.supplier.number != self.buyer.number, "supplier and buyer are the same"),
            (
                is_name(&self.supplier.name) && is_name(&self.buyer.name),
                "a name is empty, too long, or has control characters",
            ),
            ((1..=INVOICE_ITEMS_MAX).contains(&self.items.len()), "it has no items, or too many"),
            (self.items.iter().all(|item| is_name(&item.name)), "an item has no proper name"),
            (sum(|item| item.supply) == Some(self.supply), "its supply is not that of its items"),
            (sum(|item| item.tax) == Some(self.tax), "its tax is not that of its items"),
            (self.supply.checked_add(self.tax).is_some(), "its total is too large"),
            (self.kind == InvoiceKind::Regular || untaxed, "what is not taxed has a tax"),
            (!self.items.iter().any(opposed), "the tax of an item is against its supply"),
            (amends.is_none_or(|amends| fits(&amends.original)), "the original has no proper id"),
            (amends.is_none_or(|amends| amends.original != self.id), "it amends itself"),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            None => Ok(()),
            Some((_, reason)) => Err(SettleError::InvoiceShape {
                invoice: self.id.clone(),
                reason: reason.to_owned(),
            }),
        }
    }
}

fn is_plain(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= 200 && is_plain(text)
}

/// Whether `number` is ten digits of which the last is the check digit of a registration number.
pub fn is_business_number(number: &str) -> bool {
    const WEIGHTS: [u32; 9] = [1, 3, 7, 1, 3, 7, 1, 3, 5];
    let digits: Option<Vec<u32>> = number.chars().map(|digit| digit.to_digit(10)).collect();
    let Some([body @ .., ninth, check]) = digits.as_deref().filter(|all| all.len() == 10) else {
        return false;
    };
    let weighted = body.iter().chain([ninth]).zip(WEIGHTS).map(|(digit, weight)| digit * weight);
    // The ninth digit counts with the tens of its product once more.
    let sum = weighted.sum::<u32>() + ninth * 5 / 10;
    (10 - sum % 10) % 10 == *check
}
