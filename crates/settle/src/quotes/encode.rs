//! The canonical forms of quotes, of terms of exchange and of rates as found.

use super::{DateRule, Exchange, FxTerms, Leg, Pair, Quotes};
use crate::canon::{Fields, Map, Value, alone, alone_read, list, text};
use crate::error::SettleError;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

const QUOTES: &str = "saldo.quotes.v1";
const EXCHANGE: &str = "saldo.exchange.v1";
const TERMS: &str = "saldo.fx-terms.v1";

impl Quotes {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        alone(QUOTES, self.value())
    }

    /// Reads exactly what [`Quotes::encode`] writes.
    ///
    /// # Errors
    /// [`SettleError::NotCanonical`], [`SettleError::FormatVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self, SettleError> {
        alone_read(bytes, QUOTES, "set of quotes", Self::read, Self::encode)
    }

    fn value(&self) -> Value {
        let pairs = self.pairs.iter().map(|(pair, days)| {
            let rates = days.iter().map(|(day, rate)| (day.to_string(), text(rate.canonical())));
            let mut map = pair.map();
            map.insert("rates".into(), Value::Map(rates.collect()));
            Value::Map(map)
        });
        Value::Map(Map::from([("name".into(), text(&self.name)), ("pairs".into(), list(pairs))]))
    }

    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        let pairs = fields.maps("pairs", |mut fields| {
            let mut rates = fields.map("rates")?;
            let mut days = BTreeMap::new();
            for day in rates.names() {
                let date = day.parse().map_err(|_| rates.wrong(&day))?;
                days.insert(date, rates.parse(&day)?);
            }
            Ok((Pair::read(&mut fields)?, days))
        });
        Ok(Self { name: fields.text("name")?, pairs: pairs?.into_iter().collect() })
    }
}

impl Pair {
    fn map(&self) -> Map {
        Map::from([("base".into(), text(&self.base)), ("quote".into(), text(&self.quote))])
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        Ok(Self { base: fields.text("base")?, quote: fields.text("quote")? })
    }
}

impl FxTerms {
    /// The canonical bytes of the terms alone.
    pub fn encode(&self) -> Vec<u8> {
        alone(TERMS, self.value())
    }

    /// Reads exactly what [`FxTerms::encode`] writes.
    ///
    /// # Errors
    /// [`SettleError::NotCanonical`], [`SettleError::FormatVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self, SettleError> {
        alone_read(bytes, TERMS, "terms of exchange", Self::read, Self::encode)
    }

    pub(crate) fn value(&self) -> Value {
        let mut map = Map::from([
            ("age-days-max".to_owned(), text(self.age_days_max)),
            ("rule".to_owned(), text(self.rule)),
            ("source".to_owned(), text(&self.source)),
        ]);
        if let Some(pivot) = &self.pivot {
            map.insert("pivot".into(), text(pivot));
        }
        Value::Map(map)
    }

    pub(crate) fn read(mut fields: Fields) -> Result<Self, SettleError> {
        Ok(Self {
            source: fields.text("source")?,
            rule: fields.parse("rule")?,
            age_days_max: fields.parse("age-days-max")?,
            pivot: if fields.has("pivot") { Some(fields.text("pivot")?) } else { None },
        })
    }
}

impl Exchange {
    /// The canonical bytes of the rate alone.
    pub fn encode(&self) -> Vec<u8> {
        alone(EXCHANGE, self.value())
    }

    /// Reads exactly what [`Exchange::encode`] writes.
    ///
    /// # Errors
    /// [`SettleError::NotCanonical`], [`SettleError::FormatVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self, SettleError> {
        alone_read(bytes, EXCHANGE, "rate of exchange", Self::read, Self::encode)
    }

    pub(crate) fn value(&self) -> Value {
        Value::Map(Map::from([
            ("from".into(), text(&self.from)),
            ("legs".into(), list(self.legs.iter().map(Leg::value))),
            ("source".into(), text(&self.source)),
            ("to".into(), text(&self.to)),
        ]))
    }

    pub(crate) fn read(mut fields: Fields) -> Result<Self, SettleError> {
        Ok(Self {
            source: fields.text("source")?,
            from: fields.text("from")?,
            to: fields.text("to")?,
            legs: fields.maps("legs", Leg::read)?,
        })
    }
}

impl Leg {
    fn value(&self) -> Value {
        let way = if self.inverse { "divide" } else { "multiply" };
        let mut map = self.pair.map();
        map.extend([
            ("count".into(), text(self.count)),
            ("first".into(), text(self.first)),
            ("last".into(), text(self.last)),
            ("rate".into(), text(self.rate.canonical())),
            ("way".into(), text(way)),
        ]);
        Value::Map(map)
    }

    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        let way = |word: &str| match word {
            "divide" => Some(true),
            "multiply" => Some(false),
            _ => None,
        };
        Ok(Self {
            pair: Pair::read(&mut fields)?,
            inverse: fields.word("way", way)?,
            rate: fields.parse("rate")?,
            first: fields.parse("first")?,
            last: fields.parse("last")?,
            count: fields.parse("count")?,
        })
    }
}

impl fmt::Display for DateRule {
    /// `transaction`, `payment`, `average`, `close`, `month-average:2026-03`,
    /// `month-close:2026-03`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transaction => f.write_str("transaction"),
            Self::Payment => f.write_str("payment"),
            Self::Average => f.write_str("average"),
            Self::Close => f.write_str("close"),
            Self::MonthAverage(month) => write!(f, "month-average:{month}"),
            Self::MonthClose(month) => write!(f, "month-close:{month}"),
        }
    }
}

impl FromStr for DateRule {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let month = |text: &str| text.parse().map_err(|_| ());
        match text.split_once(':') {
            None if text == "transaction" => Ok(Self::Transaction),
            None if text == "payment" => Ok(Self::Payment),
            None if text == "average" => Ok(Self::Average),
            None if text == "close" => Ok(Self::Close),
            Some(("month-average", text)) => Ok(Self::MonthAverage(month(text)?)),
            Some(("month-close", text)) => Ok(Self::MonthClose(month(text)?)),
            _ => Err(()),
        }
    }
}
