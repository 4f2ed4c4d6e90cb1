//! Canonical bytes of an agreement: `saldo.agreement.v1`.

use super::{Agreement, Figure, Operand, Title};
use crate::canon::{Fields, Map, Value, list, strict, text, write};
use crate::error::SettleError;
use crate::period::PeriodKind;
use crate::steps::Step;
use ledger::Asset;
use ledger::time::Span;
use std::fmt;
use std::str::FromStr;

const FORMAT: &str = "saldo.agreement.v1";
const WHAT: &str = "agreement";

impl Agreement {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        write(&Value::Map(Map::from([
            ("asset".into(), text(&self.asset.code)),
            ("effective-end".into(), text(self.effective.end)),
            ("effective-start".into(), text(self.effective.start)),
            ("format".into(), text(FORMAT)),
            ("from".into(), text(&self.from)),
            ("name".into(), text(&self.name)),
            ("period".into(), text(self.period.word())),
            ("scale".into(), text(self.asset.scale)),
            ("steps".into(), list(self.steps.iter().map(Step::value))),
            ("title".into(), self.title.value()),
            ("to".into(), text(&self.to)),
            ("version".into(), text(self.version)),
            ("zone".into(), text(&self.zone)),
        ])))
    }

    /// Reads exactly what [`Agreement::encode`] writes. Whether it can rate is for
    /// [`Agreement::check`] to say.
    ///
    /// # Errors
    /// [`SettleError::NotCanonical`], [`SettleError::FormatVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self, SettleError> {
        let read = |mut fields: Fields| {
            fields.format(FORMAT)?;
            Ok(Self {
                name: fields.text("name")?,
                version: fields.parse("version")?,
                title: Title::read(fields.map("title")?)?,
                from: fields.text("from")?,
                to: fields.text("to")?,
                asset: Asset { code: fields.text("asset")?, scale: fields.parse("scale")? },
                zone: fields.text("zone")?,
                period: fields.word("period", PeriodKind::from_word)?,
                effective: Span {
                    start: fields.parse("effective-start")?,
                    end: fields.parse("effective-end")?,
                },
                steps: fields.maps("steps", Step::read)?,
            })
        };
        strict(bytes, WHAT, read, Self::encode)
    }
}

impl Title {
    pub(crate) fn value(&self) -> Value {
        Value::Map(Map::from([("en".into(), text(&self.en)), ("ko".into(), text(&self.ko))]))
    }

    pub(crate) fn read(mut fields: Fields) -> Result<Self, SettleError> {
        Ok(Self { en: fields.text("en")?, ko: fields.text("ko")? })
    }
}

impl fmt::Display for Operand {
    /// `running`, `line:ggr`, `measure:stakes`, `fixed:12.5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running => f.write_str("running"),
            Self::Line(name) => write!(f, "line:{name}"),
            Self::Measure(name) => write!(f, "measure:{name}"),
            Self::Fixed(amount) => write!(f, "fixed:{}", amount.canonical()),
        }
    }
}

impl FromStr for Operand {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once(':') {
            None if text == "running" => Ok(Self::Running),
            Some(("line", name)) => Ok(Self::Line(name.to_owned())),
            Some(("measure", name)) => Ok(Self::Measure(name.to_owned())),
            Some(("fixed", amount)) => amount.parse().map(Self::Fixed).map_err(|_| ()),
            _ => Err(()),
        }
    }
}

impl Figure {
    pub(crate) fn value(&self) -> Value {
        let mut map = Map::from([("of".to_owned(), text(&self.of))]);
        if let Some(rate) = self.rate {
            map.insert("rate".into(), text(rate.canonical()));
        }
        if let Some(to) = self.round {
            map.insert("round".into(), text(to));
        }
        Value::Map(map)
    }

    pub(crate) fn read(mut fields: Fields) -> Result<Self, SettleError> {
        Ok(Self {
            of: fields.parse("of")?,
            rate: fields.optional("rate")?,
            round: fields.optional("round")?,
        })
    }
}
