//! Whether a reader's Avro schema takes whatever a writer's may write.

use super::super::Change;
use super::{Avro, Names, Parsed, resolved, word};
use apache_avro::schema::{
    Alias, DecimalSchema, EnumSchema, FixedSchema, InnerDecimalSchema, Name, RecordSchema,
    UuidSchema,
};
use std::collections::HashSet;

/// Most comparisons: unions within unions multiply.
const STEPS_MAX: u32 = 50_000;

/// Every change that keeps `new` from reading what `old` writes.
pub(in crate::schema) fn reads(new: &Avro, old: &Avro) -> Vec<Change> {
    let mut walk = Walk { new: new.names(), old: old.names(), open: HashSet::new(), steps: 0 };
    let mut found = Vec::new();
    walk.pair(&old.root, &new.root, "#", &mut found);
    found
}

struct Walk<'a> {
    new: Names<'a>,
    old: Names<'a>,
    /// Pairs of definitions that are being compared, or were and agree.
    open: HashSet<(usize, usize)>,
    steps: u32,
}

impl<'a> Walk<'a> {
    fn pair(&mut self, old: &'a Parsed, new: &'a Parsed, path: &str, found: &mut Vec<Change>) {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return found.push(Change::at(path, "the schemas are too entangled to be compared"));
        }
        let (old, new) = (resolved(old, &self.old), resolved(new, &self.new));
        let key = (std::ptr::from_ref(old) as usize, std::ptr::from_ref(new) as usize);
        if !self.open.insert(key) {
            return;
        }
        let before = found.len();
        self.inner(old, new, path, found);
        if found.len() > before {
            self.open.remove(&key);
        }
    }

    fn inner(&mut self, old: &'a Parsed, new: &'a Parsed, path: &str, found: &mut Vec<Change>) {
        match (old, new) {
            (Parsed::Union(old), _) => {
                for variant in old.variants() {
                    self.pair(variant, new, path, found);
                }
            }
            (_, Parsed::Union(union)) => self.any(old, union.variants(), path, found),
            (Parsed::Record(old), Parsed::Record(new)) => self.record(old, new, path, found),
            (Parsed::Array(old), Parsed::Array(new)) => {
                self.pair(&old.items, &new.items, &format!("{path}/items"), found);
            }
            (Parsed::Map(old), Parsed::Map(new)) => {
                self.pair(&old.types, &new.types, &format!("{path}/values"), found);
            }
            (Parsed::Enum(old), Parsed::Enum(new)) => symbols(old, new, path, found),
            (Parsed::Decimal(old), Parsed::Decimal(new))
                if (old.precision, old.scale) != (new.precision, new.scale) =>
            {
                let what = format!(
                    "the decimal was ({},{}) and is ({},{})",
                    old.precision, old.scale, new.precision, new.scale
                );
                found.push(Change::at(path, what));
            }
            _ => plain(old, new, path, found),
        }
    }

    /// One variant of the reader must take it.
    fn any(
        &mut self,
        old: &'a Parsed,
        variants: &'a [Parsed],
        path: &str,
        found: &mut Vec<Change>,
    ) {
        let mut nearest = Vec::new();
        for variant in variants {
            let mut broken = Vec::new();
            self.pair(old, variant, path, &mut broken);
            if broken.is_empty() {
                return;
            }
            // Changes within the variant of the same name tell most.
            let deep = |changes: &[Change]| changes.iter().any(|change| change.path != path);
            if nearest.is_empty() || deep(&broken) {
                nearest = broken;
            }
        }
        if nearest.iter().any(|change: &Change| change.path != path) {
            found.append(&mut nearest);
        } else {
            let what = format!("no variant of the union takes {} any more", word(old));
            found.push(Change::at(path, what));
        }
    }

    fn record(
        &mut self,
        old: &'a RecordSchema,
        new: &'a RecordSchema,
        path: &str,
        found: &mut Vec<Change>,
    ) {
        if !same_name(&old.name, &new.name, new.aliases.as_deref()) {
            return renamed(&old.name, &new.name, path, found);
        }
        for field in &new.fields {
            let names = || [&field.name].into_iter().chain(&field.aliases);
            let was = names().find_map(|name| old.fields.iter().find(|was| &was.name == name));
            let path = format!("{path}/fields/{}", field.name);
            match was {
                Some(was) => self.pair(&was.schema, &field.schema, &path, found),
                None if field.default.is_none() => {
                    let what = format!("the field `{}` was added without a default", field.name);
                    found.push(Change::at(&path, what));
                }
                None => {}
            }
        }
    }
}

fn same_name(old: &Name, new: &Name, aliases: Option<&[Alias]>) -> bool {
    let alias = |alias: &Alias| alias.fullname(None) == old.fullname(None);
    old.name() == new.name() || aliases.is_some_and(|aliases| aliases.iter().any(alias))
}

fn renamed(old: &Name, new: &Name, path: &str, found: &mut Vec<Change>) {
    let what = format!("the type was {} and is {}", old.fullname(None), new.fullname(None));
    found.push(Change::at(path, what));
}

fn symbols(old: &EnumSchema, new: &EnumSchema, path: &str, found: &mut Vec<Change>) {
    if !same_name(&old.name, &new.name, new.aliases.as_deref()) {
        return renamed(&old.name, &new.name, path, found);
    }
    if new.default.is_some() {
        return;
    }
    for symbol in old.symbols.iter().filter(|symbol| !new.symbols.contains(symbol)) {
        let path = format!("{path}/symbols/{symbol}");
        let what = format!("the symbol `{symbol}` was removed, and there is no default");
        found.push(Change::at(&path, what));
    }
}

fn fixed(schema: &Parsed) -> Option<&FixedSchema> {
    match schema {
        Parsed::Fixed(fixed)
        | Parsed::Duration(fixed)
        | Parsed::Uuid(UuidSchema::Fixed(fixed))
        | Parsed::Decimal(DecimalSchema { inner: InnerDecimalSchema::Fixed(fixed), .. }) => {
            Some(fixed)
        }
        _ => None,
    }
}

/// The rank of what is written on the wire: a reader takes what it can be widened to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wire {
    Null,
    Boolean,
    Number(u8),
    Text,
    Other,
}

fn wire(schema: &Parsed) -> Wire {
    match schema {
        Parsed::Null => Wire::Null,
        Parsed::Boolean => Wire::Boolean,
        Parsed::Int | Parsed::Date | Parsed::TimeMillis => Wire::Number(0),
        Parsed::Long
        | Parsed::TimeMicros
        | Parsed::TimestampMillis
        | Parsed::TimestampMicros
        | Parsed::TimestampNanos
        | Parsed::LocalTimestampMillis
        | Parsed::LocalTimestampMicros
        | Parsed::LocalTimestampNanos => Wire::Number(1),
        Parsed::Float => Wire::Number(2),
        Parsed::Double => Wire::Number(3),
        Parsed::Bytes
        | Parsed::String
        | Parsed::BigDecimal
        | Parsed::Uuid(_)
        | Parsed::Decimal(DecimalSchema { inner: InnerDecimalSchema::Bytes, .. }) => Wire::Text,
        _ => Wire::Other,
    }
}

/// Types without parts; of logical ones what they are written as.
fn plain(old: &Parsed, new: &Parsed, path: &str, found: &mut Vec<Change>) {
    if let (Some(was), Some(now)) = (fixed(old), fixed(new)) {
        if !same_name(&was.name, &now.name, now.aliases.as_deref()) {
            renamed(&was.name, &now.name, path, found);
        } else if was.size != now.size {
            let what = format!("the size was {} and is {}", was.size, now.size);
            found.push(Change::at(path, what));
        }
        return;
    }
    let is_read = match (wire(old), wire(new)) {
        (Wire::Number(old), Wire::Number(new)) => old <= new,
        (Wire::Other, _) | (_, Wire::Other) => false,
        (old, new) => old == new,
    };
    if !is_read {
        let what = format!("the type was {} and is {}", word(old), word(new));
        found.push(Change::at(path, what));
    }
}
