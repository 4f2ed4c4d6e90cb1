//! Canonical bytes of a measure: `saldo.measure.v1`.

use super::{Measure, Seg, Selection, Side, Sign, Term};
use crate::canon::{Fields, Map, Value, list, not_canonical, strict, text, write};
use crate::error::SettleError;
use crate::limits::TERMS_MAX;

const FORMAT: &str = "saldo.measure.v1";
const WHAT: &str = "measure";

impl Measure {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        write(&Value::Map(Map::from([
            ("format".into(), text(FORMAT)),
            ("name".into(), text(&self.name)),
            ("terms".into(), list(self.terms.iter().map(term))),
            ("title".into(), self.title.value()),
        ])))
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
        for term in &self.terms {
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
