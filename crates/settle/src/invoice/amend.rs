//! Amended tax invoices (수정세금계산서): the closed list of reasons, and the documents that each
//! one gives (Enforcement Decree art. 70 (1)).

use super::issue::last_day_of_credit;
use super::vat::out_of_range;
use super::{InvoiceKind, Item, TaxInvoice, Vat};
use crate::error::SettleError;
use jiff::civil::Date;

/// Why a document amends another. The numbers are those of the electronic form (수정코드).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Reason {
    /// 기재사항 착오·정정: something was written wrongly.
    Correction = 1,
    /// 공급가액 변동: the price was changed afterwards.
    Change = 2,
    /// 환입: goods came back.
    Return = 3,
    /// 계약의 해제: the contract was cancelled.
    Cancel = 4,
    /// 내국신용장 사후 개설: a local letter of credit was opened after the supply.
    LetterOfCredit = 5,
    /// 착오에 의한 이중발급: the document was issued twice, or should not have been.
    Double = 6,
}

impl Reason {
    /// What the form calls it.
    pub fn korean(self) -> &'static str {
        match self {
            Self::Correction => "기재사항 착오·정정",
            Self::Change => "공급가액 변동",
            Self::Return => "환입",
            Self::Cancel => "계약의 해제",
            Self::LetterOfCredit => "내국신용장 사후 개설",
            Self::Double => "착오에 의한 이중발급",
        }
    }
}

/// What a document amends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Amends {
    /// Id of the original.
    pub original: String,
    /// The day that the original stands for.
    pub original_written: Date,
    /// Why.
    pub reason: Reason,
    /// The day on which the reason came about, or the mistake was found.
    pub happened: Date,
}

/// What happened to a supply that an issued document stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Something was written wrongly: what should stand there instead. Its id and what it amends
    /// are not looked at.
    Corrected {
        /// The day on which it was found.
        found: Date,
        /// The document as it should have been.
        right: Box<TaxInvoice>,
    },
    /// The price changed.
    Changed {
        /// The day of the change.
        on: Date,
        /// By how much the supply rises or, below zero, falls.
        supply: i128,
    },
    /// Goods came back.
    Returned {
        /// The day on which they did.
        on: Date,
        /// Their supply, above zero.
        supply: i128,
    },
    /// The contract was cancelled.
    Cancelled {
        /// The day of the cancellation.
        on: Date,
    },
    /// A local letter of credit was opened.
    CreditOpened {
        /// The day of its opening.
        on: Date,
        /// The supply that it covers, above zero.
        supply: i128,
    },
    /// The document was issued twice, or should not have been.
    Double {
        /// The day on which it was found.
        found: Date,
    },
}

impl TaxInvoice {
    /// The documents that amend this one, which stays as it is: one with the id `id`, or for a
    /// correction and a letter of credit two, `<id>-minus` and `<id>-plus`.
    ///
    /// | change | documents | written | amount |
    /// |---|---|---|---|
    /// | correction | two | as the original; as it should be | all, taken back; as it should be |
    /// | change of price | one | day of the change | the difference |
    /// | return | one | day of the return | what came back, below zero |
    /// | cancellation | one | day of the cancellation | all, below zero |
    /// | letter of credit | two | as the original | its part taken back; the same at zero tax |
    /// | double | one | as the original | all, below zero |
    ///
    /// # Errors
    /// [`SettleError::AmendShape`] for a change that this document cannot have;
    /// [`SettleError::InvoiceShape`] where the original, or what should stand there, is wrong;
    /// [`SettleError::InvoiceRange`].
    pub fn amend(&self, change: &Change, vat: Vat, id: &str) -> Result<Vec<Self>, SettleError> {
        self.check()?;
        self.admit(change)?;
        let part = |kind, supply: i128, tax: i128| {
            let name = self.items.first().map(|item| item.name.clone()).unwrap_or_default();
            let (quantity, price) = (None, None);
            let items = vec![Item { date: self.written, name, quantity, price, supply, tax }];
            Self { kind, items, supply, tax, ..self.clone() }
        };
        let tax = |supply| if self.kind == InvoiceKind::Regular { vat.on(supply) } else { Ok(0) };
        let (reason, on) = change.reason();
        let documents = match change {
            Change::Corrected { right, .. } => vec![self.negated()?, (**right).clone()],
            Change::Changed { supply, .. } => vec![part(self.kind, *supply, tax(*supply)?)],
            Change::Returned { supply, .. } => vec![part(self.kind, -supply, tax(-supply)?)],
            Change::Cancelled { .. } | Change::Double { .. } => vec![self.negated()?],
            Change::CreditOpened { supply, .. } => vec![
                part(InvoiceKind::Regular, -supply, tax(-supply)?),
                part(InvoiceKind::ZeroRated, *supply, 0),
            ],
        };
        let takes_its_day = matches!(reason, Reason::Change | Reason::Return | Reason::Cancel);
        let suffixes: &[&str] = if documents.len() == 2 { &["-minus", "-plus"] } else { &[""] };
        let finished = documents.into_iter().zip(suffixes).map(|(mut document, suffix)| {
            document.id = format!("{id}{suffix}");
            if takes_its_day {
                document.written = on;
                document.items.iter_mut().for_each(|item| item.date = on);
            }
            let original_written = self.written;
            let original = self.id.clone();
            document.amends = Some(Amends { original, original_written, reason, happened: on });
            document.check().map(|()| document)
        });
        finished.collect()
    }

    fn admit(&self, change: &Change) -> Result<(), SettleError> {
        let (_, on) = change.reason();
        let part = |supply: &i128| (1..=self.supply).contains(supply);
        let reason = match change {
            _ if on < self.written => Some("it happened before the original"),
            Change::Changed { supply: 0, .. } => Some("the price did not change"),
            Change::Returned { supply, .. } if !part(supply) => {
                Some("what came back is not part of the supply")
            }
            Change::CreditOpened { supply, .. } if !part(supply) => {
                Some("what the letter of credit covers is not part of the supply")
            }
            Change::CreditOpened { .. } if self.kind != InvoiceKind::Regular => {
                Some("the supply was not taxed at the ordinary rate")
            }
            Change::CreditOpened { .. } if on > last_day_of_credit(self.written)? => {
                Some("the letter of credit was opened too late for the half-year of the supply")
            }
            _ => None,
        };
        match reason {
            None => Ok(()),
            Some(reason) => {
                Err(SettleError::AmendShape { invoice: self.id.clone(), reason: reason.to_owned() })
            }
        }
    }

    /// The same with every amount below zero.
    fn negated(&self) -> Result<Self, SettleError> {
        let negative = |amount: i128| amount.checked_neg().ok_or_else(|| out_of_range(amount));
        let mut document = self.clone();
        document.supply = negative(self.supply)?;
        document.tax = negative(self.tax)?;
        for item in &mut document.items {
            item.supply = negative(item.supply)?;
            item.tax = negative(item.tax)?;
            let quantity = item.quantity.map(ledger::Decimal::checked_neg).transpose();
            item.quantity = quantity.map_err(|_| out_of_range(item.supply))?;
        }
        Ok(document)
    }
}

impl Change {
    /// The reason of the form, and the day that it came about or was found.
    pub fn reason(&self) -> (Reason, Date) {
        match self {
            Self::Corrected { found, .. } => (Reason::Correction, *found),
            Self::Changed { on, .. } => (Reason::Change, *on),
            Self::Returned { on, .. } => (Reason::Return, *on),
            Self::Cancelled { on } => (Reason::Cancel, *on),
            Self::CreditOpened { on, .. } => (Reason::LetterOfCredit, *on),
            Self::Double { found } => (Reason::Double, *found),
        }
    }
}
