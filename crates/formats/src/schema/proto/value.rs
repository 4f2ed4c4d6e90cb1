//! A row of JSON against a Protobuf message, by Protobuf's own mapping to JSON.

use super::super::{Change, DEPTH_MAX};
use prost_reflect::{Cardinality, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::Value;

pub(super) fn check(
    message: &MessageDescriptor,
    row: &Value,
    path: &str,
    depth: usize,
) -> Result<(), Change> {
    if depth > DEPTH_MAX {
        return Err(Change::at(path, "it nests too deep"));
    }
    if message.full_name().starts_with("google.protobuf.") {
        return Ok(()); // each of the well-known types has a form of its own
    }
    let Some(map) = row.as_object() else {
        return Err(Change::at(path, "it is not an object"));
    };
    for (name, value) in map {
        let path = format!("{path}/{name}");
        let field = message.get_field_by_json_name(name);
        let field = field.or_else(|| message.get_field_by_name(name));
        let field = field.ok_or_else(|| Change::at(&path, "the message has no such field"))?;
        if !value.is_null() {
            whole(&field, value, &path, depth)?;
        }
    }
    let missing = message.fields().find(|field| {
        let given = map.contains_key(field.json_name()) || map.contains_key(field.name());
        field.cardinality() == Cardinality::Required && !given
    });
    missing.map_or(Ok(()), |field| {
        Err(Change::at(&format!("{path}/{}", field.json_name()), "the field is missing"))
    })
}

fn whole(field: &FieldDescriptor, value: &Value, path: &str, depth: usize) -> Result<(), Change> {
    if field.is_map() {
        let entry = field.kind().as_message().map(MessageDescriptor::map_entry_value_field);
        let (Some(entry), Some(map)) = (entry, value.as_object()) else {
            return Err(Change::at(path, "it is not an object"));
        };
        return map
            .iter()
            .try_for_each(|(key, value)| single(&entry, value, &format!("{path}/{key}"), depth));
    }
    if field.is_list() {
        let items = value.as_array().ok_or_else(|| Change::at(path, "it is not an array"))?;
        return items
            .iter()
            .enumerate()
            .try_for_each(|(at, item)| single(field, item, &format!("{path}/{at}"), depth));
    }
    single(field, value, path, depth)
}

fn single(field: &FieldDescriptor, value: &Value, path: &str, depth: usize) -> Result<(), Change> {
    // Integers of 64 bits are texts in this mapping, and numbers are taken too.
    let text = value.as_str();
    let signed = || value.as_i64().or_else(|| text?.parse::<i64>().ok());
    let unsigned = || value.as_u64().or_else(|| text?.parse::<u64>().ok());
    let holds = match field.kind() {
        Kind::Message(message) => return check(&message, value, path, depth + 1),
        Kind::Double | Kind::Float => {
            value.is_number() || text.is_some_and(|text| text.parse::<f64>().is_ok())
        }
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
            signed().is_some_and(|number| i32::try_from(number).is_ok())
        }
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => signed().is_some(),
        Kind::Uint32 | Kind::Fixed32 => {
            unsigned().is_some_and(|number| u32::try_from(number).is_ok())
        }
        Kind::Uint64 | Kind::Fixed64 => unsigned().is_some(),
        Kind::Bool => value.is_boolean(),
        Kind::String | Kind::Bytes => text.is_some(),
        Kind::Enum(one) => {
            text.is_some_and(|text| one.get_value_by_name(text).is_some()) || value.is_i64()
        }
    };
    if holds {
        return Ok(());
    }
    let word = format!("{:?}", field.kind()).to_lowercase();
    let word = if matches!(field.kind(), Kind::Enum(_)) { "a name of the enum" } else { &word };
    Err(Change::at(path, format!("it is not {word}")))
}
