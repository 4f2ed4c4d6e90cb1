//! Schemas of what sources send: JSON Schema, Avro, Protobuf. Read, told apart, compared, and
//! used to check a row.
//!
//! Nothing is fetched: a schema stands on its own text and on the references that it is given.
//! What counts as a change that breaks is said in the module of each kind; where two schemas
//! cannot be compared in bounded time the answer is that they differ.

mod avro;
mod json;
mod level;
mod proto;
mod text;
mod upcast;

pub use level::{Direction, Level};
pub use upcast::{Upcast, upcast};

use crate::jcs;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// Most bytes of a schema's text: real ones have a few thousand, and all of it is held in memory.
pub const TEXT_BYTES_MAX: usize = 512 << 10;
/// Most levels of nesting: whatever walks a schema may do so by recursion.
pub const DEPTH_MAX: usize = 64;
/// Most schemas that one stands on, through any number of references.
pub const REFERENCES_MAX: usize = 100;

/// The language that a schema is written in. Numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Avro.
    Avro = 1,
    /// JSON Schema.
    Json = 2,
    /// Protobuf.
    Protobuf = 3,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Json, Self::Protobuf, Self::Avro];

    /// Its name on the wire: `AVRO`, `JSON`, `PROTOBUF`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Avro => "AVRO",
            Self::Json => "JSON",
            Self::Protobuf => "PROTOBUF",
        }
    }

    /// The kind of a name on the wire.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The kind of a stored number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }
}

/// Why a text is no schema: one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SchemaError(pub String);

impl SchemaError {
    fn of(what: impl fmt::Display) -> Self {
        Self(what.to_string())
    }
}

/// One difference that breaks: what could be written before cannot be read any more. Or, for a
/// row, one way in which it is not what its schema says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where: a JSON pointer from `#`, or the full name of a Protobuf message or field.
    pub path: String,
    /// What, as a sentence without its end; of a row it never tells the value.
    pub what: String,
}

impl Change {
    fn at(path: &str, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), what: what.into() }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.what)
    }
}

/// Another schema that one stands on, and the name under which its text speaks of it.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The name: of a JSON Schema a URI, of Protobuf what it imports, of Avro the named type.
    pub name: String,
    /// The schema.
    pub schema: Arc<Schema>,
}

/// A schema that was read.
#[derive(Debug)]
pub struct Schema {
    /// Its kind.
    pub kind: Kind,
    /// Its text as given.
    pub text: String,
    /// What it stands on.
    pub references: Vec<Reference>,
    form: Form,
}

#[derive(Debug)]
enum Form {
    Json(Box<json::Json>),
    Avro(Box<avro::Avro>),
    Protobuf(Box<proto::Proto>),
}

impl Schema {
    /// Reads a schema.
    ///
    /// # Errors
    /// [`SchemaError`]: it is too large or too deep, is not of its kind, or stands on something
    /// that is not among `references`.
    pub fn parse(kind: Kind, text: &str, references: Vec<Reference>) -> Result<Self, SchemaError> {
        if text.len() > TEXT_BYTES_MAX {
            let what = format!("a schema has at most {TEXT_BYTES_MAX} bytes, this {}", text.len());
            return Err(SchemaError(what));
        }
        let known = all(&references)?;
        let form = match kind {
            Kind::Json => Form::Json(Box::new(json::Json::parse(text, &known)?)),
            Kind::Avro => Form::Avro(Box::new(avro::Avro::parse(text, &known)?)),
            Kind::Protobuf => Form::Protobuf(Box::new(proto::Proto::parse(text, &known)?)),
        };
        Ok(Self { kind, text: text.to_owned(), references, form })
    }

    /// What tells it from other schemas of its kind with the same references: of JSON and Avro the
    /// text without space between its tokens, of Protobuf its descriptor.
    pub fn canonical(&self) -> String {
        match &self.form {
            Form::Json(_) | Form::Avro(_) => text::minify(&self.text),
            Form::Protobuf(proto) => proto.serialized(),
        }
    }

    /// What order of fields, space, escapes and zeros do not change: of JSON and Avro the text as
    /// RFC 8785 writes it, of Protobuf the descriptor.
    ///
    /// # Errors
    /// A number has more digits than that form keeps, so that the schema would be another; two
    /// fields of an object have one name.
    pub fn normalized(&self) -> Result<String, SchemaError> {
        match &self.form {
            Form::Json(_) | Form::Avro(_) => match jcs::canonical(&self.text) {
                Ok(form) if form.is_exact => Ok(form.text),
                Ok(_) => {
                    let what = "a number in it has more digits than its normal form keeps";
                    Err(SchemaError::of(what))
                }
                Err(what) => Err(SchemaError(what)),
            },
            Form::Protobuf(proto) => Ok(proto.serialized()),
        }
    }

    /// Whether whatever `writer` allows can be read by this one: every change that prevents it.
    pub fn reads(&self, writer: &Self) -> Vec<Change> {
        match (&self.form, &writer.form) {
            (Form::Json(new), Form::Json(old)) => json::reads(new, old),
            (Form::Avro(new), Form::Avro(old)) => avro::reads(new, old),
            (Form::Protobuf(new), Form::Protobuf(old)) => proto::reads(new, old),
            _ => {
                let what =
                    format!("the kind changed from {} to {}", writer.kind.word(), self.kind.word());
                vec![Change::at("#", what)]
            }
        }
    }

    /// Checks a row.
    ///
    /// # Errors
    /// Where and how it is not what the schema says; it tells no value.
    pub fn check(&self, row: &Value) -> Result<(), Change> {
        match &self.form {
            Form::Json(json) => json.check(row),
            Form::Avro(avro) => avro.check(row),
            Form::Protobuf(proto) => proto.check(row),
        }
    }

    /// The other form of a Protobuf schema: its `FileDescriptorProto` in base64. Nothing for the
    /// other kinds.
    pub fn serialized(&self) -> Option<String> {
        match &self.form {
            Form::Protobuf(proto) => Some(proto.serialized()),
            _ => None,
        }
    }
}

/// A name and the schema that it means.
pub(crate) type Known<'a> = (&'a str, &'a Schema);

/// Everything that these references lead to, each name once.
fn all(references: &[Reference]) -> Result<Vec<Known<'_>>, SchemaError> {
    let mut known: Vec<Known<'_>> = Vec::new();
    let mut next: Vec<&Reference> = references.iter().rev().collect();
    while let Some(Reference { name, schema }) = next.pop() {
        match known.iter().find(|(other, _)| other == name) {
            Some((_, other)) if other.text == schema.text => continue,
            Some(_) => {
                return Err(SchemaError(format!("two schemas are referred to as `{name}`")));
            }
            None => known.push((name, schema)),
        }
        if known.len() > REFERENCES_MAX {
            return Err(SchemaError(format!("it stands on more than {REFERENCES_MAX} others")));
        }
        next.extend(schema.references.iter().rev());
    }
    Ok(known)
}
