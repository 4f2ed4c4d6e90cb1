//! Canonical bytes of a tax invoice: `saldo.tax-invoice.v1`.

use super::{Amends, InvoiceKind, Item, Reason, TaxInvoice, Trader};
use crate::canon::{Fields, Map, Value, alone, alone_read, list, text};
use crate::error::SettleError;

const FORMAT: &str = "saldo.tax-invoice.v1";

impl TaxInvoice {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut map = Map::from([
            ("buyer".to_owned(), self.buyer.value()),
            ("id".to_owned(), text(&self.id)),
            ("items".to_owned(), list(self.items.iter().map(Item::value))),
            ("kind".to_owned(), text(self.kind.word())),
            ("supplier".to_owned(), self.supplier.value()),
            ("supply".to_owned(), text(self.supply)),
            ("tax".to_owned(), text(self.tax)),
            ("total".to_owned(), text(self.total())),
            ("written".to_owned(), text(self.written)),
        ]);
        if let Some(amends) = &self.amends {
            map.insert("amends".into(), amends.value());
        }
        alone(FORMAT, Value::Map(map))
    }

    /// Reads exactly what [`TaxInvoice::encode`] writes. Whether it is in order is for
    /// [`TaxInvoice::check`] to say.
    ///
    /// # Errors
    /// [`SettleError::NotCanonical`], [`SettleError::FormatVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self, SettleError> {
        let read = |mut fields: Fields| {
            Ok(Self {
                id: fields.text("id")?,
                kind: fields.word("kind", InvoiceKind::from_word)?,
                supplier: Trader::read(fields.map("supplier")?)?,
                buyer: Trader::read(fields.map("buyer")?)?,
                written: fields.parse("written")?,
                items: fields.maps("items", Item::read)?,
                supply: fields.parse("supply")?,
                tax: fields.parse("tax")?,
                amends: if fields.has("amends") {
                    Some(Amends::read(fields.map("amends")?)?)
                } else {
                    None
                },
            })
        };
        alone_read(bytes, FORMAT, "tax invoice", read, Self::encode)
    }
}

impl Trader {
    fn value(&self) -> Value {
        Value::Map(Map::from([
            ("name".into(), text(&self.name)),
            ("number".into(), text(&self.number)),
        ]))
    }

    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        Ok(Self { number: fields.text("number")?, name: fields.text("name")? })
    }
}

impl Item {
    fn value(&self) -> Value {
        let mut map = Map::from([
            ("date".to_owned(), text(self.date)),
            ("name".to_owned(), text(&self.name)),
            ("supply".to_owned(), text(self.supply)),
            ("tax".to_owned(), text(self.tax)),
        ]);
        for (name, number) in [("quantity", self.quantity), ("price", self.price)] {
            if let Some(number) = number {
                map.insert(name.to_owned(), text(number.canonical()));
            }
        }
        Value::Map(map)
    }

    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        Ok(Self {
            date: fields.parse("date")?,
            name: fields.text("name")?,
            quantity: fields.optional("quantity")?,
            price: fields.optional("price")?,
            supply: fields.parse("supply")?,
            tax: fields.parse("tax")?,
        })
    }
}

impl Amends {
    fn value(&self) -> Value {
        Value::Map(Map::from([
            ("happened".into(), text(self.happened)),
            ("original".into(), text(&self.original)),
            ("original-written".into(), text(self.original_written)),
            ("reason".into(), text(self.reason.word())),
        ]))
    }

    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        Ok(Self {
            original: fields.text("original")?,
            original_written: fields.parse("original-written")?,
            reason: fields.word("reason", Reason::from_word)?,
            happened: fields.parse("happened")?,
        })
    }
}
