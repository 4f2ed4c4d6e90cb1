//! A row of JSON against an Avro schema: as people write it, without the tags that Avro's own JSON
//! puts around the variant of a union; with them it is taken too.

use super::super::{Change, DEPTH_MAX};
use super::{Names, Parsed, resolved, word};
use apache_avro::schema::RecordSchema;
use serde_json::{Map, Value};

pub(super) fn check(
    schema: &Parsed,
    names: &Names<'_>,
    value: &Value,
    path: &str,
    depth: usize,
) -> Result<(), Change> {
    if depth > 2 * DEPTH_MAX {
        return Err(Change::at(path, "it nests too deep"));
    }
    let depth = depth + 1;
    let wrong = || Err(Change::at(path, format!("it is not {}", word(schema))));
    let holds = |holds: bool| if holds { Ok(()) } else { wrong() };
    match (resolved(schema, names), value) {
        (Parsed::Union(union), _) => {
            let fits = |variant: &Parsed| {
                check(variant, names, value, path, depth).is_ok() || {
                    let tagged = value.as_object().filter(|map| map.len() == 1);
                    let tagged = tagged.and_then(|map| map.get(&tag(variant)));
                    tagged.is_some_and(|value| check(variant, names, value, path, depth).is_ok())
                }
            };
            holds(union.variants().iter().any(fits))
        }
        (Parsed::Record(fields), Value::Object(map)) => record(fields, names, map, path, depth),
        (Parsed::Array(array), Value::Array(items)) => {
            items.iter().enumerate().try_for_each(|(at, item)| {
                check(&array.items, names, item, &format!("{path}/{at}"), depth)
            })
        }
        (Parsed::Map(types), Value::Object(map)) => map.iter().try_for_each(|(name, value)| {
            check(&types.types, names, value, &format!("{path}/{name}"), depth)
        }),
        (Parsed::Enum(one), Value::String(text)) => holds(one.symbols.contains(text)),
        (Parsed::Null, value) => holds(value.is_null()),
        (Parsed::Boolean, value) => holds(value.is_boolean()),
        (Parsed::Float | Parsed::Double, value) => holds(value.is_number()),
        (Parsed::Int | Parsed::Date | Parsed::TimeMillis, value) => {
            holds(value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()))
        }
        (schema, Value::Number(number)) => holds(number.is_i64() && is_long(schema)),
        (Parsed::Record(_) | Parsed::Array(_) | Parsed::Map(_) | Parsed::Enum(_), _) => wrong(),
        (schema, Value::String(_)) => holds(!is_long(schema)),
        _ => wrong(),
    }
}

fn record(
    record: &RecordSchema,
    names: &Names<'_>,
    map: &Map<String, Value>,
    path: &str,
    depth: usize,
) -> Result<(), Change> {
    let known = |name: &String| record.fields.iter().any(|field| &field.name == name);
    if let Some(name) = map.keys().find(|name| !known(name)) {
        let path = format!("{path}/{name}");
        return Err(Change::at(&path, "the record has no such field"));
    }
    for field in &record.fields {
        let path = format!("{path}/{}", field.name);
        match map.get(&field.name) {
            Some(value) => check(&field.schema, names, value, &path, depth)?,
            None if field.default.is_none() => {
                return Err(Change::at(&path, "the field is missing"));
            }
            None => {}
        }
    }
    Ok(())
}

fn is_long(schema: &Parsed) -> bool {
    matches!(
        schema,
        Parsed::Long
            | Parsed::TimeMicros
            | Parsed::TimestampMillis
            | Parsed::TimestampMicros
            | Parsed::TimestampNanos
            | Parsed::LocalTimestampMillis
            | Parsed::LocalTimestampMicros
            | Parsed::LocalTimestampNanos
    )
}

/// What Avro's own JSON puts around the variant of a union.
fn tag(schema: &Parsed) -> String {
    match schema {
        Parsed::Array(_) => "array".to_owned(),
        Parsed::Map(_) => "map".to_owned(),
        _ => schema.name().map_or_else(|| word(schema), |name| name.fullname(None)),
    }
}
