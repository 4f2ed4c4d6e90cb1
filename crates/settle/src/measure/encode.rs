//! Canonical bytes of a measure: `saldo.measure.v1`.

use super::{Cut, Measure, OWN_DIMS, Seg, Selection, Side, Sign, Term};
use crate::canon::{Fields, Map, Value, list, not_canonical, strict, text, write};
use crate::error::SettleError;
use crate::limits::{CUT_DAYS_MAX, TERMS_MAX};
use ledger::name::is_word;

const FORMAT: &str = "saldo.measure.v1";
const WHAT: &str = "measure";

impl Measure {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut map = Map::from([
            ("format".to_owned(), text(FORMAT)),
            ("name".to_owned(), text(&self.name)),
            ("terms".to_owned(), list(self.terms.iter().map(term))),
            ("title".to_owned(), self.title.value()),
        ]);
        if let Some(cut) = &self.cut {
            map.insert("cut".to_owned(), cut.value());
        }
        write(&Value::Map(map))
    }

    /// Reads exactly what [`Measure::encode`] writes.
    ///
    /// # Errors
    /// [`SettleError::NotCanonical`], [`SettleError::FormatVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self, SettleError> {
        let read = |mut fields: Fields| {
            fields.format(FORMAT)?;
            Ok(Self {
                name: fields.text("name")?,
                title: crate::Title::read(fields.map("title")?)?,
                terms: fields.maps("terms", read_term)?,
                cut: fields.optional_map("cut", Cut::read)?,
            })
        };
        strict(bytes, WHAT, read, Self::encode)
    }

    /// Whether the measure can be used.
    ///
    /// # Errors
    /// [`SettleError::MeasureShape`] with the first reason.
    pub fn check(&self) -> Result<(), SettleError> {
        let wrong = |reason: &str| {
            let (measure, reason) = (self.name.clone(), reason.to_owned());
            Err(SettleError::MeasureShape { measure, reason })
        };
        if !ledger::name::is_word(self.name.as_bytes()) {
            return wrong("its name is not a lower-case word");
        }
        if !(1..=TERMS_MAX).contains(&self.terms.len()) {
            return wrong("it has no terms, or too many");
        }
        if let Some(reason) = self.cut.as_ref().and_then(Cut::wrong) {
            return wrong(reason);
        }
        let seen_on = self.cut.iter().flat_map(|cut| &cut.seen_on);
        for term in self.terms.iter().chain(seen_on) {
            let mut dims: Vec<_> = term.template.iter().filter_map(Seg::dim).collect();
            dims.sort_unstable();
            if dims.windows(2).any(|pair| pair[0] == pair[1]) {
                return wrong("a template names a dimension twice");
            }
            let plain = |seg: &Seg| match seg {
                Seg::Literal(text) => !text.contains(':'),
                Seg::Dim(name) => ledger::name::is_word(name.as_bytes()),
                Seg::Any => true,
            };
            if !term.template.iter().all(plain) {
                return wrong("a segment has a colon, or a dimension is not a lower-case word");
            }
            if term.template.is_empty() {
                return wrong("a template is empty");
            }
        }
        Ok(())
    }
}

impl Cut {
    fn value(&self) -> Value {
        Value::Map(Map::from([
            ("by".into(), text(&self.by)),
            ("closed-by".into(), list(self.closed_by.iter().map(text))),
            ("seen-on".into(), list(self.seen_on.iter().map(term))),
            ("within-days".into(), text(self.within_days)),
        ]))
    }

    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        Ok(Self {
            by: fields.text("by")?,
            closed_by: fields.texts("closed-by")?.into_iter().collect(),
            seen_on: fields.maps("seen-on", read_term)?,
            within_days: fields.parse("within-days")?,
        })
    }

    fn wrong(&self) -> Option<&'static str> {
        let rules = [
            (
                is_word(self.by.as_bytes()) && !OWN_DIMS.contains(&self.by.as_str()),
                "rounds are told apart by no dimension of the book",
            ),
            (
                !self.closed_by.is_empty() && (1..=TERMS_MAX).contains(&self.seen_on.len()),
                "nothing closes its rounds",
            ),
            (
                (1..=CUT_DAYS_MAX).contains(&self.within_days),
                "its rounds wait for no day, or for too many",
            ),
        ];
        rules.into_iter().find(|(holds, _)| !holds).map(|(_, reason)| reason)
    }
}

fn term(term: &Term) -> Value {
    Value::Map(Map::from([
        ("side".into(), text(term.side.word())),
        ("sign".into(), text(term.sign.word())),
        ("template".into(), list(term.template.iter().map(segment))),
    ]))
}

/// A literal begins with `=`, so that no literal reads as something else.
fn segment(seg: &Seg) -> Value {
    match seg {
        Seg::Literal(literal) => text(format!("={literal}")),
        Seg::Dim(name) => text(format!("{{{name}}}")),
        Seg::Any => text("*"),
    }
}

fn read_term(mut fields: Fields) -> Result<Term, SettleError> {
    let read = |part: String| match part.as_bytes() {
        [b'=', ..] => Ok(Seg::Literal(part[1..].to_owned())),
        [b'{', .., b'}'] => Ok(Seg::Dim(part[1..part.len() - 1].to_owned())),
        b"*" => Ok(Seg::Any),
        _ => Err(not_canonical(WHAT, "field template")),
    };
    Ok(Term {
        sign: fields.word("sign", Sign::from_word)?,
        template: fields.texts("template")?.into_iter().map(read).collect::<Result<_, _>>()?,
        side: fields.word("side", Side::from_word)?,
    })
}

impl Selection {
    pub(crate) fn value(&self) -> Value {
        let dims = self.dims.iter();
        Value::Map(dims.map(|(dim, values)| (dim.clone(), list(values.iter().map(text)))).collect())
    }

    pub(crate) fn read(mut fields: Fields) -> Result<Self, SettleError> {
        let names = fields.names().into_iter();
        let dims = names.map(|dim| Ok((dim.clone(), fields.texts(&dim)?.into_iter().collect())));
        Ok(Self { dims: dims.collect::<Result<_, SettleError>>()? })
    }
}
