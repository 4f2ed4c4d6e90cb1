//! Tax invoices: made and amended by commands, then handed over to the port for them.

use crate::clock;
use crate::{NodeError, Session};
use engine::invoice::Issued;
use settle::SettleError;
use settle::invoice::{Amendment, Reason};

/// An amendment as people write it.
///
/// # Errors
/// [`SettleError::AmendShape`] for a reason, a day or an amount that is none.
pub fn amendment(
    invoice: &str,
    reason: &str,
    changed: &str,
    supply: Option<&str>,
) -> Result<Amendment, NodeError> {
    let wrong = |reason: String| {
        let invoice = invoice.to_owned();
        NodeError::from(SettleError::AmendShape { invoice, reason })
    };
    let found = Reason::ALL.iter().find(|known| known.word() == reason || known.korean() == reason);
    let words = || Reason::ALL.iter().map(|known| known.word()).collect::<Vec<_>>().join(", ");
    Ok(Amendment {
        reason: *found
            .ok_or_else(|| wrong(format!("`{reason}` is no reason; there is {}", words())))?,
        on: changed.parse().map_err(|_| wrong(format!("`{changed}` is no day: 2026-04-17")))?,
        supply: supply
            .map(|text| text.parse().map_err(|_| wrong(format!("`{text}` is not whole won"))))
            .transpose()?,
    })
}

impl Session {
    /// Makes the tax invoice of a closed period, or hands the one that is there over again;
    /// whether it is new.
    ///
    /// # Errors
    /// As `Engine::make_invoice`; a failing port.
    pub fn make_invoice(
        &mut self,
        agreement: &str,
        period: &str,
    ) -> Result<(Issued, bool), NodeError> {
        let (at, author) = (clock::now_nanos(), self.author.clone());
        let engine = &mut self.operator.engine;
        let (issued, is_new) = engine.make_invoice((agreement, period), at, &author)?;
        self.checkpoint()?;
        self.hand_over(&issued)?;
        Ok((issued, is_new))
    }

    /// Amends an issued tax invoice.
    ///
    /// # Errors
    /// As `Engine::amend_invoice`; a failing port.
    pub fn amend_invoice(
        &mut self,
        id: &str,
        amendment: &Amendment,
    ) -> Result<Vec<Issued>, NodeError> {
        let (at, author) = (clock::now_nanos(), self.author.clone());
        let issued = self.operator.engine.amend_invoice(id, amendment, at, &author)?;
        self.checkpoint()?;
        issued.iter().try_for_each(|issued| self.hand_over(issued))?;
        Ok(issued)
    }

    fn hand_over(&self, issued: &Issued) -> Result<(), NodeError> {
        let invoice = &issued.invoice;
        Ok(self.operator.invoices.hand_over(&invoice.id, &invoice.encode())?)
    }
}
