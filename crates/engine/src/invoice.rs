//! Tax invoices of closed periods, and what amends them: commands like any other, so that they are
//! in the Log, are leaves of its tree, and can be made again from the statement and the book. An
//! issued document is never edited.

use crate::control::{Command, Control};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::{FrameKind, Position, Table};
use crate::wire::{BadBytes, Reader, Writer};
use settle::Statement;
use settle::invoice::{Amendment, Reason, TaxInvoice, Vat};

/// What the keys of documents begin with.
const PREFIX: &[u8] = b"invoice:";

/// An issued document, with the command that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// Position of the command.
    pub position: Position,
    /// When it was given, nanoseconds UTC.
    pub at: i64,
    /// Who gave it.
    pub author: String,
    /// Agreement and period, of an original.
    pub of: Option<(String, String)>,
    /// The document.
    pub invoice: TaxInvoice,
}

/// The key of a document.
pub(crate) fn key(id: &str) -> Vec<u8> {
    [PREFIX, id.as_bytes()].concat()
}

/// What is kept of a document: version, position of the command, the command.
pub(crate) fn value(position: Position, record: &[u8]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.u8(1).u64(position).blob(record);
    writer.bytes
}

impl Issued {
    fn decode(id: &str, value: &[u8]) -> Result<(Self, Vec<u8>), EngineError> {
        let mut reader = Reader::new(value);
        if reader.u8()? != 1 {
            return Err(BadBytes.into());
        }
        let (position, record) = (reader.u64()?, reader.blob()?.to_vec());
        reader.end()?;
        let Control { at, author, command } = Control::decode(&record)?;
        let (of, documents) = match command {
            Command::Invoice { agreement, period, document, .. } => {
                (Some((agreement, period)), vec![document])
            }
            Command::Amend { documents, .. } => (None, documents),
            _ => return Err(BadBytes.into()),
        };
        for document in documents {
            let invoice = TaxInvoice::decode(&document)?;
            if invoice.id == id {
                return Ok((Self { position, at, author, of, invoice }, record));
            }
        }
        Err(BadBytes.into())
    }
}

impl Engine {
    /// Every issued document, in order of the commands that made them.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn invoices(&self) -> Result<Vec<Issued>, EngineError> {
        Ok(self.invoice_records()?.into_iter().map(|(issued, _)| issued).collect())
    }

    /// The document with this id.
    ///
    /// # Errors
    /// [`EngineError::Unknown`].
    pub fn invoice(&self, id: &str) -> Result<Issued, EngineError> {
        let found = self.store().document(Table::Meta, &key(id))?;
        let unknown =
            || EngineError::Unknown(format!("no tax invoice {id}; `saldo invoice list` has all"));
        Issued::decode(id, &found.ok_or_else(unknown)?).map(|(issued, _)| issued)
    }

    /// Makes the tax invoice of a closed period, or gives the one that was made before; whether it
    /// is new.
    ///
    /// # Errors
    /// [`EngineError::Unknown`] when the period is not closed or the agreement is not invoiced;
    /// when the statement comes to nothing to invoice; a failing port.
    pub fn make_invoice(
        &mut self,
        (agreement, period): (&str, &str),
        at: i64,
        author: &str,
    ) -> Result<(Issued, bool), EngineError> {
        let of = Some((agreement.to_owned(), period.to_owned()));
        if let Some(found) = self.invoices()?.into_iter().find(|issued| issued.of == of) {
            return Ok((found, false));
        }
        let current = self.state().books.current();
        let revision = current.map_or(0, |current| current.lookup.rules.revision);
        let invoice = self.invoice_of(agreement, period, revision)?;
        let command = Command::Invoice {
            agreement: agreement.to_owned(),
            period: period.to_owned(),
            revision,
            document: invoice.encode(),
        };
        self.command(Control { at, author: author.to_owned(), command }.encode())?;
        Ok((self.invoice(&invoice.id)?, true))
    }

    /// Amends an issued document; what amends it.
    ///
    /// # Errors
    /// [`EngineError::Unknown`]; when the document cannot have the change; a failing port.
    pub fn amend_invoice(
        &mut self,
        id: &str,
        amendment: &Amendment,
        at: i64,
        author: &str,
    ) -> Result<Vec<Issued>, EngineError> {
        let documents = self.amended(id, amendment, None)?;
        let command = Command::Amend {
            invoice: id.to_owned(),
            reason: amendment.reason as u8,
            on: amendment.on.to_string(),
            supply: amendment.supply.map(|supply| supply.to_string()).unwrap_or_default(),
            documents: documents.iter().map(TaxInvoice::encode).collect(),
        };
        self.command(Control { at, author: author.to_owned(), command }.encode())?;
        documents.iter().map(|document| self.invoice(&document.id)).collect()
    }

    /// Whether the documents of a command are what follows from statement, book and original, at
    /// the moment before it is carried out.
    pub(crate) fn invoice_follows(&self, command: &Command) -> Result<(), EngineError> {
        self.follows(command, None)
    }

    /// Compares what is kept of invoices with their commands in the Log, and these with what
    /// follows from statements; each difference in one sentence, and how many were compared.
    ///
    /// # Errors
    /// When a port fails.
    pub(crate) fn verify_invoices(&self) -> Result<(u64, Vec<String>), EngineError> {
        let records = self.invoice_records()?;
        let mut differences = Vec::new();
        let (mut header, mut logged) = (Vec::new(), Vec::new());
        for (issued, record) in &records {
            let id = &issued.invoice.id;
            let found = self.log().fetch(issued.position, &mut header, &mut logged)?;
            if found.kind != FrameKind::Control || logged != *record {
                differences
                    .push(format!("tax invoice {id}: what is kept is not what was recorded"));
                continue;
            }
            let command = Control::decode(record)?.command;
            if let Err(error) = self.follows(&command, Some(issued.position)) {
                differences.push(format!("tax invoice {id}: {error}"));
            }
        }
        Ok((records.len() as u64, differences))
    }

    fn invoice_records(&self) -> Result<Vec<(Issued, Vec<u8>)>, EngineError> {
        let (mut found, mut failed) = (Vec::new(), None);
        self.store().documents(Table::Meta, PREFIX, &mut |key, value| {
            let Some(id) = key.strip_prefix(PREFIX) else { return false };
            match Issued::decode(&String::from_utf8_lossy(id), value) {
                Ok(issued) => found.push(issued),
                Err(error) => failed = Some(error),
            }
            failed.is_none()
        })?;
        found.sort_by(|(a, _), (b, _)| {
            (a.position, &a.invoice.id).cmp(&(b.position, &b.invoice.id))
        });
        failed.map_or(Ok(found), Err)
    }

    fn follows(&self, command: &Command, before: Option<Position>) -> Result<(), EngineError> {
        let (recorded, made) = match command {
            Command::Invoice { agreement, period, revision, document } => {
                let made = self.invoice_of(agreement, period, *revision)?;
                (vec![document.clone()], vec![made])
            }
            Command::Amend { invoice, reason, on, supply, documents } => {
                let amendment = Amendment {
                    reason: reason_of(*reason)?,
                    on: on.parse().map_err(|_| BadBytes)?,
                    supply: match supply.as_str() {
                        "" => None,
                        supply => Some(supply.parse().map_err(|_| BadBytes)?),
                    },
                };
                (documents.clone(), self.amended(invoice, &amendment, before)?)
            }
            _ => return Err(BadBytes.into()),
        };
        let made: Vec<Vec<u8>> = made.iter().map(TaxInvoice::encode).collect();
        if made == recorded {
            return Ok(());
        }
        Err(EngineError::Conflict("a tax invoice that does not follow from its statement".into()))
    }

    /// The document of a closed period, as a book revision says it is invoiced.
    fn invoice_of(
        &self,
        agreement: &str,
        period: &str,
        revision: u32,
    ) -> Result<TaxInvoice, EngineError> {
        let closed = self.closed(agreement, period)?.ok_or_else(|| {
            let what =
                format!("{agreement} is not closed for {period}; `saldo close {period}` closes it");
            EngineError::Unknown(what)
        })?;
        let terms = self.state().books.get(revision)?.compiled.invoices.get(agreement);
        let terms = terms.ok_or_else(|| {
            EngineError::Unknown(format!("{agreement} has no `invoice` in the book"))
        })?;
        Ok(terms.invoice(&Statement::parse(&closed.body)?, Vat::korean())?)
    }

    /// What amends a document, as it would be after those that were made before a position.
    fn amended(
        &self,
        id: &str,
        amendment: &Amendment,
        before: Option<Position>,
    ) -> Result<Vec<TaxInvoice>, EngineError> {
        let original = self.invoice(id)?.invoice;
        let is_earlier = |issued: &Issued| {
            let amends = issued.invoice.amends.as_ref();
            amends.is_some_and(|amends| amends.original == id)
                && before.is_none_or(|before| issued.position < before)
        };
        let all = self.invoices()?;
        let earlier: Vec<&Issued> = all.iter().filter(|issued| is_earlier(issued)).collect();
        let mut commands: Vec<Position> = earlier.iter().map(|issued| issued.position).collect();
        commands.dedup();
        let change = amendment.change(&original, Vat::korean())?;
        let number = commands.len() + 1;
        let documents = original.amend(&change, Vat::korean(), &format!("{id}-a{number}"))?;
        let supplies = earlier.iter().map(|issued| issued.invoice.supply);
        let supplies = supplies.chain(documents.iter().map(|document| document.supply));
        let left = supplies.fold(original.supply, i128::saturating_add);
        if left.signum() * original.supply.signum() < 0 {
            let reason = "with what amended it before, more would be taken back than was supplied";
            let (invoice, reason) = (id.to_owned(), reason.to_owned());
            return Err(settle::SettleError::AmendShape { invoice, reason }.into());
        }
        Ok(documents)
    }
}

fn reason_of(number: u8) -> Result<Reason, EngineError> {
    let mut all = Reason::ALL.iter();
    Ok(*all.find(|reason| **reason as u8 == number).ok_or(BadBytes)?)
}
