//! The body of a statement: canonical bytes, `saldo.statement.v1`. It holds no clock and no random
//! id, and does not depend on the order in which anything arrived.

use super::extra::{due_value, read_asset, read_due};
use super::{Effect, Label, Line, LineKind, Previous, Reading, Statement};
use crate::agreement::{Title, balances, read_balances};
use crate::canon::{Fields, Map, Value, list, strict, text, write};
use crate::error::SettleError;
use crate::outside::QuoteUsed;
use crate::period::Period;
use ledger::time::Span;
use ledger::{Asset, Decimal};

const FORMAT: &str = "saldo.statement.v1";
const WHAT: &str = "statement";

/// `agreement:period:version`: what is hashed for a statement's id, and begins its lines' ids.
pub(crate) fn statement_id(agreement: &str, period: Period, version: u32) -> String {
    format!("{agreement}:{period}:{version}")
}

impl Statement {
    /// `agreement:period:version`, as `provider-share:2016-11:1`.
    pub fn id(&self) -> String {
        statement_id(&self.agreement, self.period, self.version)
    }

    /// The line with this rule path.
    pub fn line(&self, path: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.path == path)
    }

    /// The canonical bytes: every amount a string, with the asset's decimals where these suffice
    /// and without trailing zeros otherwise.
    pub fn body(&self) -> Vec<u8> {
        let lines = self.lines.iter().map(|line| line.value(self.asset.scale));
        let mut map = Map::from([
            ("agreement".into(), text(&self.agreement)),
            ("asset".into(), text(&self.asset.code)),
            ("end".into(), text(self.span.end)),
            ("format".into(), text(FORMAT)),
            ("from".into(), text(&self.from)),
            ("id".into(), text(self.id())),
            ("lines".into(), list(lines)),
            ("payable".into(), text(money(self.payable, self.asset.scale))),
            ("period".into(), text(self.period)),
            ("scale".into(), text(self.asset.scale)),
            ("start".into(), text(self.span.start)),
            ("to".into(), text(&self.to)),
            ("version".into(), text(self.version)),
        ]);
        for (name, of) in [("opening", &self.opening), ("closing", &self.closing)] {
            if !of.is_empty() {
                map.insert(name.into(), balances(of));
            }
        }
        if let Some(previous) = &self.previous {
            map.insert("previous".into(), previous.value());
        }
        if !self.due.is_empty() {
            let scale = self.asset.scale;
            map.insert("due".into(), list(self.due.iter().map(|due| due_value(due, scale))));
        }
        if !self.quotes.is_empty() {
            map.insert("quotes".into(), list(self.quotes.iter().map(QuoteUsed::value)));
        }
        write(&Value::Map(map))
    }

    /// Reads exactly what [`Statement::body`] writes. Whether the figures follow from the
    /// agreement is for a second rating to say.
    ///
    /// # Errors
    /// [`SettleError::NotCanonical`], [`SettleError::FormatVersion`].
    pub fn parse(bytes: &[u8]) -> Result<Self, SettleError> {
        let read = |mut fields: Fields| {
            fields.format(FORMAT)?;
            let mut statement = Self {
                agreement: fields.text("agreement")?,
                version: fields.parse("version")?,
                period: fields.parse("period")?,
                span: Span { start: fields.parse("start")?, end: fields.parse("end")? },
                from: fields.text("from")?,
                to: fields.text("to")?,
                asset: Asset { code: fields.text("asset")?, scale: fields.parse("scale")? },
                previous: Previous::read_or_none(&mut fields)?,
                opening: read_balances(&mut fields, "opening")?,
                lines: fields.maps("lines", Line::read)?,
                closing: read_balances(&mut fields, "closing")?,
                quotes: QuoteUsed::read_all(&mut fields)?,
                due: read_due(&mut fields)?,
                payable: fields.parse("payable")?,
            };
            let id = statement.id();
            for line in &mut statement.lines {
                line.id = format!("{id}/{}", line.path);
            }
            Ok(statement)
        };
        strict(bytes, WHAT, read, Self::body)
    }
}

/// An amount as bodies print it.
pub fn money(amount: Decimal, scale: u8) -> String {
    let short = amount.canonical();
    short.rescale(scale).unwrap_or(short).to_string()
}

impl Line {
    fn value(&self, scale: u8) -> Value {
        let scale = self.asset.as_ref().map_or(scale, |asset| asset.scale);
        let notes = self.notes.iter().map(|(name, note)| (name.clone(), text(note)));
        let mut map = Map::from([
            ("amount".into(), text(money(self.amount, scale))),
            ("effect".into(), text(self.effect.word())),
            ("id".into(), text(&self.id)),
            ("kind".into(), text(self.kind.word())),
            ("name".into(), text(&self.name)),
            ("path".into(), text(&self.path)),
            ("running".into(), text(money(self.running, scale))),
        ]);
        if let Some(base) = self.base {
            map.insert("base".into(), text(money(base, scale)));
        }
        if let Some(rate) = self.rate {
            map.insert("rate".into(), text(rate.canonical()));
        }
        if self.title != Title::default() {
            map.insert("title".into(), self.title.value());
        }
        if self.label != Label::default() {
            map.insert("label".into(), self.label.value());
        }
        if let Some(asset) = &self.asset {
            map.insert("asset".into(), text(&asset.code));
            map.insert("scale".into(), text(asset.scale));
        }
        if let Some(quantity) = self.quantity {
            map.insert("quantity".into(), text(quantity.canonical()));
        }
        if !self.readings.is_empty() {
            let readings = self.readings.iter().map(|reading| reading.value(scale));
            map.insert("readings".into(), list(readings));
        }
        if !self.notes.is_empty() {
            map.insert("notes".into(), Value::Map(notes.collect()));
        }
        Value::Map(map)
    }

    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        let mut notes = std::collections::BTreeMap::new();
        if fields.has("notes") {
            let mut given = fields.map("notes")?;
            for name in given.names() {
                let note = given.text(&name)?;
                notes.insert(name, note);
            }
        }
        let readings = fields.has("readings").then(|| fields.maps("readings", Reading::read));
        Ok(Self {
            id: fields.text("id")?,
            path: fields.text("path")?,
            kind: fields.word("kind", LineKind::from_word)?,
            name: fields.text("name")?,
            title: Title::read_or_none(&mut fields)?,
            label: Label::read_or_none(&mut fields)?,
            asset: read_asset(&mut fields)?,
            quantity: fields.optional("quantity")?,
            base: fields.optional("base")?,
            rate: fields.optional("rate")?,
            amount: fields.parse("amount")?,
            effect: fields.word("effect", Effect::from_word)?,
            running: fields.parse("running")?,
            readings: readings.transpose()?.unwrap_or_default(),
            notes,
        })
    }
}

impl Reading {
    fn value(&self, scale: u8) -> Value {
        Value::Map(Map::from([
            ("count".into(), text(self.count)),
            ("measure".into(), text(&self.measure)),
            ("value".into(), text(money(self.value, scale))),
        ]))
    }

    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        Ok(Self {
            measure: fields.text("measure")?,
            value: fields.parse("value")?,
            count: fields.parse("count")?,
        })
    }
}
