//! Canonical fields of what only some statements have: the statement before, classes of lines,
//! exchange rates.

use super::{Label, Previous, money};
use crate::calendar::Due;
use crate::canon::{Fields, Map, Value, text};
use crate::error::SettleError;
use crate::outside::{QuoteAsk, QuoteUsed};
use ledger::Asset;

impl Previous {
    pub(super) fn value(&self) -> Value {
        Value::Map(Map::from([
            ("body-hash".into(), text(&self.body_hash)),
            ("id".into(), text(&self.id)),
        ]))
    }

    pub(super) fn read_or_none(fields: &mut Fields) -> Result<Option<Self>, SettleError> {
        if !fields.has("previous") {
            return Ok(None);
        }
        let mut given = fields.map("previous")?;
        Ok(Some(Self { id: given.text("id")?, body_hash: given.text("body-hash")? }))
    }
}

impl Label {
    pub(crate) fn value(&self) -> Value {
        Value::Map(Map::from([
            ("subtype".into(), text(&self.subkind)),
            ("type".into(), text(&self.kind)),
        ]))
    }

    /// The field `label`, which may be absent.
    pub(crate) fn read_or_none(fields: &mut Fields) -> Result<Self, SettleError> {
        if !fields.has("label") {
            return Ok(Self::default());
        }
        let mut given = fields.map("label")?;
        Ok(Self { kind: given.text("type")?, subkind: given.text("subtype")? })
    }
}

impl QuoteUsed {
    pub(super) fn value(&self) -> Value {
        let QuoteAsk { source, base, quote, on, through } = &self.ask;
        let mut map = Map::from([
            ("base".into(), text(base)),
            ("from".into(), text(&self.from)),
            ("on".into(), text(on)),
            ("quote".into(), text(quote)),
            ("rate".into(), text(self.rate.canonical())),
            ("source".into(), text(source)),
        ]);
        if !through.is_empty() {
            map.insert("through".into(), text(through));
        }
        Value::Map(map)
    }

    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        let ask = QuoteAsk {
            source: fields.text("source")?,
            base: fields.text("base")?,
            quote: fields.text("quote")?,
            on: fields.text("on")?,
            through: fields.optional("through")?.unwrap_or_default(),
        };
        Ok(Self { ask, rate: fields.parse("rate")?, from: fields.text("from")? })
    }

    pub(super) fn read_all(fields: &mut Fields) -> Result<Vec<Self>, SettleError> {
        if fields.has("quotes") { fields.maps("quotes", Self::read) } else { Ok(Vec::new()) }
    }
}

pub(super) fn read_asset(fields: &mut Fields) -> Result<Option<Asset>, SettleError> {
    if !fields.has("asset") {
        return Ok(None);
    }
    Ok(Some(Asset { code: fields.text("asset")?, scale: fields.parse("scale")? }))
}

/// A day and what is due on it.
pub(super) fn due_value(due: &Due, scale: u8) -> Value {
    Value::Map(Map::from([
        ("amount".into(), text(money(due.amount, scale))),
        ("date".into(), text(due.date)),
    ]))
}

pub(super) fn read_due(fields: &mut Fields) -> Result<Vec<Due>, SettleError> {
    let read = |mut fields: Fields| {
        Ok(Due { date: fields.parse("date")?, amount: fields.parse("amount")? })
    };
    if fields.has("due") { fields.maps("due", read) } else { Ok(Vec::new()) }
}
