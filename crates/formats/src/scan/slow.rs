//! The slow road: `serde_json` splits the line into its members, each is then read by itself.
//! It allocates, and it finds the reason.

use super::META_DEPTH_MAX;
use super::field::{Fields, Span};
use crate::failure::Failure;
use crate::time::rfc3339;
use ledger::Decimal;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Reads a line that is one event and nothing else.
pub(super) fn read(
    line: &str,
    arena: &mut String,
    dims: &mut Vec<(Span, Span)>,
) -> Result<Fields, Failure> {
    let Members(members) = serde_json::from_str(line).map_err(|error| {
        if error.is_data() {
            Failure::unreadable("the line is not a JSON object")
        } else {
            Failure::unreadable(format!("the line is not JSON from column {}", error.column()))
        }
    })?;
    let mut reader = Reader { arena, dims, fields: Fields::default() };
    for (at, (key, value)) in members.iter().enumerate() {
        if members[..at].iter().any(|(earlier, _)| earlier == key) && known(key) {
            return Err(Failure::form(format!("the field `{key}` is given twice")));
        }
        reader.field(key, value)?;
    }
    Ok(reader.fields)
}

fn known(key: &str) -> bool {
    let fields = ["source", "id", "kind", "occurred_at", "amount", "asset", "dims", "ref", "meta"];
    fields.contains(&key)
}

struct Reader<'b> {
    arena: &'b mut String,
    dims: &'b mut Vec<(Span, Span)>,
    fields: Fields,
}

impl Reader<'_> {
    fn field(&mut self, key: &str, value: &RawValue) -> Result<(), Failure> {
        match key {
            "source" => self.fields.source = Some(self.text(key, value)?),
            "id" => self.fields.id = Some(self.text(key, value)?),
            "kind" => self.fields.kind = Some(self.text(key, value)?),
            "asset" => self.fields.asset = Some(self.text(key, value)?),
            "occurred_at" => {
                let nanos = rfc3339(string(key, value)?.as_bytes());
                self.fields.occurred_at = Some(nanos.ok_or_else(|| {
                    Failure::form("`occurred_at` is not an RFC 3339 time with an offset")
                })?);
            }
            "amount" => {
                let amount = Decimal::parse(string(key, value)?.as_bytes());
                self.fields.amount = Some(amount.map_err(|error| {
                    Failure::form(format!("`amount` is not a plain decimal: {error}"))
                })?);
            }
            "dims" => {
                for (name, value) in &object(key, value)?.0 {
                    let name = self.keep(name)?;
                    let value = self.text("dims", value)?;
                    self.dims.push((name, value));
                }
            }
            "ref" if value.get().starts_with('"') => {
                self.fields.ref_id = Some(self.text(key, value)?);
            }
            "ref" => self.reference(value)?,
            "meta" => return check_depth(value.get()),
            _ => {
                // The name itself may be a person's, when a table was turned on its side.
                return Err(Failure::new(
                    ledger::Reject::FieldUnknown,
                    "a field that is not part of an event is given",
                ));
            }
        }
        Ok(())
    }

    fn reference(&mut self, value: &RawValue) -> Result<(), Failure> {
        for (key, value) in &object("ref", value)?.0 {
            let span = self.text("ref", value)?;
            let place = match key.as_ref() {
                "source" => &mut self.fields.ref_source,
                "id" => &mut self.fields.ref_id,
                _ => return Err(Failure::form("`ref` has a field that is not `source` or `id`")),
            };
            if place.replace(span).is_some() {
                return Err(Failure::form("`ref` has a field twice"));
            }
        }
        match self.fields.ref_id {
            Some(_) => Ok(()),
            None => Err(Failure::form("`ref` has no `id`")),
        }
    }

    fn text(&mut self, key: &str, value: &RawValue) -> Result<Span, Failure> {
        let text = string(key, value)?;
        self.keep(&text)
    }

    fn keep(&mut self, text: &str) -> Result<Span, Failure> {
        let start = self.arena.len();
        self.arena.push_str(text);
        Span::of_arena(start, self.arena).ok_or_else(|| Failure::unreadable("the line is too long"))
    }
}

fn string(key: &str, value: &RawValue) -> Result<String, Failure> {
    if !value.get().starts_with('"') {
        return Err(Failure::form(format!("`{key}` is not a JSON string")));
    }
    serde_json::from_str(value.get())
        .map_err(|_| Failure::unreadable(format!("`{key}` is not a readable JSON string")))
}

fn object<'v>(key: &str, value: &'v RawValue) -> Result<Members<'v>, Failure> {
    if !value.get().starts_with('{') {
        return Err(Failure::form(format!("`{key}` is not a JSON object")));
    }
    serde_json::from_str(value.get())
        .map_err(|_| Failure::unreadable(format!("`{key}` is not a readable JSON object")))
}

fn check_depth(json: &str) -> Result<(), Failure> {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > META_DEPTH_MAX {
            let reason = format!("`meta` is nested more than {META_DEPTH_MAX} deep");
            return Err(Failure::form(reason));
        }
    }
    Ok(())
}

/// An object's members in their order, repeated keys included.
struct Members<'l>(Vec<(String, &'l RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}
