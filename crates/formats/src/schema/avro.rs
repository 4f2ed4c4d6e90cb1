//! Avro schemas.
//!
//! Names are resolved before two schemas are compared, so that a type which stands in a referred
//! schema is looked at too; a reader must be able to take whatever the writer may write.

mod compat;
mod value;

pub(super) use compat::reads;

use super::{Change, Form, Known, SchemaError, text};
use apache_avro::Schema as Parsed;
use serde_json::Value;
use std::collections::HashMap;

/// An Avro schema that was read.
#[derive(Debug)]
pub(super) struct Avro {
    root: Parsed,
    /// Schemas that it refers to.
    others: Vec<Parsed>,
}

/// Named types by their full names.
type Names<'a> = HashMap<String, &'a Parsed>;

impl Avro {
    pub(super) fn parse(text: &str, known: &[Known<'_>]) -> Result<Self, SchemaError> {
        text::bounded(text)?;
        let mut texts: Vec<&str> = Vec::new();
        for (_, schema) in known {
            let is_new = !texts.contains(&schema.text.as_str());
            if matches!(schema.form, Form::Avro(_)) && is_new {
                texts.push(&schema.text);
            }
        }
        let (root, others) = Parsed::parse_str_with_list(text, texts).map_err(SchemaError::of)?;
        let avro = Self { root, others };
        let names = avro.names();
        match dangling(&avro.root, &names) {
            Some(name) => Err(SchemaError(format!("the type `{name}` is not known"))),
            None => Ok(avro),
        }
    }

    fn names(&self) -> Names<'_> {
        let mut names = Names::new();
        for schema in [&self.root].into_iter().chain(&self.others) {
            collect(schema, &mut names);
        }
        names
    }

    pub(super) fn check(&self, row: &Value) -> Result<(), Change> {
        value::check(&self.root, &self.names(), row, "#", 0)
    }
}

/// The schemas that stand within one.
fn within(schema: &Parsed) -> Vec<&Parsed> {
    match schema {
        Parsed::Array(array) => vec![&array.items],
        Parsed::Map(map) => vec![&map.types],
        Parsed::Union(union) => union.variants().iter().collect(),
        Parsed::Record(record) => record.fields.iter().map(|field| &field.schema).collect(),
        _ => Vec::new(),
    }
}

fn collect<'a>(schema: &'a Parsed, names: &mut Names<'a>) {
    if let Some(name) = schema.name()
        && !matches!(schema, Parsed::Ref { .. })
    {
        names.insert(name.fullname(None), schema);
    }
    within(schema).into_iter().for_each(|schema| collect(schema, names));
}

fn dangling(schema: &Parsed, names: &Names<'_>) -> Option<String> {
    match schema {
        Parsed::Ref { name } => {
            let name = name.fullname(None);
            (!names.contains_key(&name)).then_some(name)
        }
        _ => within(schema).into_iter().find_map(|schema| dangling(schema, names)),
    }
}

/// The definition that a schema means.
fn resolved<'a>(schema: &'a Parsed, names: &Names<'a>) -> &'a Parsed {
    match schema {
        Parsed::Ref { name } => names.get(&name.fullname(None)).copied().unwrap_or(schema),
        _ => schema,
    }
}

/// What people call the type of a schema.
fn word(schema: &Parsed) -> String {
    match schema {
        Parsed::Null => "null".into(),
        Parsed::Boolean => "boolean".into(),
        Parsed::Int => "int".into(),
        Parsed::Long => "long".into(),
        Parsed::Float => "float".into(),
        Parsed::Double => "double".into(),
        Parsed::Bytes => "bytes".into(),
        Parsed::String => "string".into(),
        Parsed::Array(_) => "an array".into(),
        Parsed::Map(_) => "a map".into(),
        Parsed::Union(_) => "a union".into(),
        Parsed::Record(record) => format!("the record {}", record.name.fullname(None)),
        Parsed::Enum(one) => format!("the enum {}", one.name.fullname(None)),
        Parsed::Fixed(one) => format!("the fixed {}", one.name.fullname(None)),
        Parsed::Ref { name } => format!("the type {}", name.fullname(None)),
        Parsed::Decimal(_) | Parsed::BigDecimal => "a decimal".into(),
        Parsed::Uuid(_) => "a UUID".into(),
        Parsed::Date => "a date".into(),
        Parsed::TimeMillis | Parsed::TimeMicros => "a time of day".into(),
        Parsed::Duration(_) => "a duration".into(),
        _ => "a timestamp".into(),
    }
}
