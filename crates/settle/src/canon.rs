//! The one canonical form of agreements, measures and statement bodies: JSON of strings, lists
//! and maps only, keys ascending by bytes, no space, control characters as `\u00xx`.

mod fields;
mod read;

pub(crate) use fields::{Fields, Map, list, text};
pub(crate) use read::read;

use crate::error::SettleError;
use std::collections::BTreeMap;

/// A canonical document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    List(Vec<Value>),
    Map(BTreeMap<String, Value>),
}

/// The bytes of a document.
pub(crate) fn write(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    push(&mut out, value);
    out
}

fn push(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Text(text) => push_text(out, text),
        Value::List(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                push(out, item);
            }
            out.push(b']');
        }
        Value::Map(pairs) => {
            out.push(b'{');
            for (at, (key, item)) in pairs.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                push_text(out, key);
                out.push(b':');
                push(out, item);
            }
            out.push(b'}');
        }
    }
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..=0x1f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Reads bytes with `decode`, and refuses them unless `encode` gives the same bytes again: so
/// every document has one form, and nothing in it is passed over.
pub(crate) fn strict<T>(
    bytes: &[u8],
    what: &'static str,
    decode: impl FnOnce(Fields) -> Result<T, SettleError>,
    encode: impl FnOnce(&T) -> Vec<u8>,
) -> Result<T, SettleError> {
    let value = decode(Fields::of(read(bytes, what)?, what)?)?;
    let again = encode(&value);
    if again == bytes {
        return Ok(value);
    }
    let same = again.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    Err(not_canonical(what, format!("byte {same}")))
}

/// The bytes of a map that is a document of its own, with its format.
pub(crate) fn alone(format: &str, value: Value) -> Vec<u8> {
    let mut value = value;
    if let Value::Map(map) = &mut value {
        map.insert("format".to_owned(), text(format));
    }
    write(&value)
}

/// Reads what [`alone`] wrote.
pub(crate) fn alone_read<T>(
    bytes: &[u8],
    format: &str,
    what: &'static str,
    decode: impl FnOnce(Fields) -> Result<T, SettleError>,
    encode: impl FnOnce(&T) -> Vec<u8>,
) -> Result<T, SettleError> {
    let read = |mut fields: Fields| {
        fields.format(format)?;
        decode(fields)
    };
    strict(bytes, what, read, encode)
}

pub(crate) fn not_canonical(what: &str, at: impl Into<String>) -> SettleError {
    SettleError::NotCanonical { what: what.to_owned(), at: at.into() }
}
