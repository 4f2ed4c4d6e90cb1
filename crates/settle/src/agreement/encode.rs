//! Canonical bytes of an agreement: `saldo.agreement.v1`.

use super::{Agreement, Figure, Operand, Title, Window};
use crate::calendar::DueTerms;
use crate::canon::{Fields, Map, Value, list, strict, text, write};
use crate::error::SettleError;
use crate::period::{CustomCalendar, PeriodKind};
use crate::steps::Step;
use ledger::time::Span;
use ledger::{Asset, Decimal};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

const FORMAT: &str = "saldo.agreement.v1";
const WHAT: &str = "agreement";

impl Agreement {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut map = Map::from([
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
        ]);
        if !self.opening.is_empty() {
            map.insert("opening".into(), balances(&self.opening));
        }
        if let Some(due) = &self.due {
            map.insert("due".into(), due.value());
        }
        if let Some(custom) = &self.custom {
            map.insert("periods".into(), custom.value());
        }
        write(&Value::Map(map))
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
                opening: read_balances(&mut fields, "opening")?,
                due: fields.optional_map("due", DueTerms::read)?,
                custom: fields.optional_map("periods", CustomCalendar::read)?,
            })
        };
        strict(bytes, WHAT, read, Self::encode)
    }
}

/// Amounts by name.
pub(crate) fn balances(balances: &BTreeMap<String, Decimal>) -> Value {
    let pair = |(name, amount): (&String, &Decimal)| (name.clone(), text(amount.canonical()));
    Value::Map(balances.iter().map(pair).collect())
}

/// Reads what [`balances`] writes; nothing where the field is absent.
pub(crate) fn read_balances(
    fields: &mut Fields,
    name: &str,
) -> Result<BTreeMap<String, Decimal>, SettleError> {
    if !fields.has(name) {
        return Ok(BTreeMap::new());
    }
    let mut given = fields.map(name)?;
    let names = given.names().into_iter();
    names.map(|name| Ok((name.clone(), given.parse(&name)?))).collect()
}

impl fmt::Display for Window {
    /// `period`, `agreement`, or the word of a kind of period.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Period => f.write_str("period"),
            Self::Within(kind) => f.write_str(kind.word()),
            Self::Agreement => f.write_str("agreement"),
            Self::Days(first, last) => write!(f, "{first}..{last}"),
        }
    }
}

impl FromStr for Window {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "period" => Ok(Self::Period),
            "agreement" => Ok(Self::Agreement),
            _ => match text.split_once("..") {
                Some((first, last)) => {
                    let date = |text: &str| text.parse().map_err(|_| ());
                    Ok(Self::Days(date(first)?, date(last)?))
                }
                None => PeriodKind::from_word(text).map(Self::Within).ok_or(()),
            },
        }
    }
}

impl Title {
    pub(crate) fn value(&self) -> Value {
        Value::Map(Map::from([("en".into(), text(&self.en)), ("ko".into(), text(&self.ko))]))
    }

    pub(crate) fn read(mut fields: Fields) -> Result<Self, SettleError> {
        Ok(Self { en: fields.text("en")?, ko: fields.text("ko")? })
    }

    /// The field `title`, which may be absent.
    pub(crate) fn read_or_none(fields: &mut Fields) -> Result<Self, SettleError> {
        if fields.has("title") { Self::read(fields.map("title")?) } else { Ok(Self::default()) }
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
