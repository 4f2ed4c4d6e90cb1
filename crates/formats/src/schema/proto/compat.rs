//! Whether messages that an old Protobuf schema wrote are read by a new one, on the wire and
//! without a value changed or cut: stricter than the wire alone, since amounts are among them.
//!
//! A field may be added, removed or renamed; a number keeps its type or is widened; a message, a
//! required field and a member of a `oneof` stay.

use super::super::Change;
use super::Proto;
use prost_reflect::{Cardinality, FieldDescriptor, Kind, MessageDescriptor};
use std::collections::HashSet;

/// Every change that keeps `new` from reading what `old` wrote.
pub(in crate::schema) fn reads(new: &Proto, old: &Proto) -> Vec<Change> {
    let mut found = Vec::new();
    let (Some(now), Some(was)) = (new.file(), old.file()) else { return found };
    if now.package_name() != was.package_name() {
        let what =
            format!("the package was `{}` and is `{}`", was.package_name(), now.package_name());
        return vec![Change::at("#", what)];
    }
    let mut walk = Walk { seen: HashSet::new(), found: &mut found };
    let mut messages: Vec<MessageDescriptor> = was.messages().collect();
    while let Some(message) = messages.pop() {
        messages.extend(message.child_messages().filter(|child| !child.is_map_entry()));
        match new.pool.get_message_by_name(message.full_name()) {
            Some(now) => walk.message(&message, &now),
            None => {
                let path = message.full_name();
                walk.found.push(Change::at(path, "the message was removed"));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

struct Walk<'f> {
    seen: HashSet<(String, String)>,
    found: &'f mut Vec<Change>,
}

impl Walk<'_> {
    fn message(&mut self, old: &MessageDescriptor, new: &MessageDescriptor) {
        // A message that is part of others, or of itself, is compared once.
        if !self.seen.insert((old.full_name().to_owned(), new.full_name().to_owned())) {
            return;
        }
        for was in old.fields() {
            match new.get_field(was.number()) {
                Some(now) => self.field(&was, &now),
                None => self.removed(&was, new),
            }
        }
        for now in new.fields().filter(|now| old.get_field(now.number()).is_none()) {
            if now.cardinality() == Cardinality::Required {
                self.push(&now, "a required field was added");
            }
        }
        self.oneofs(old, new);
    }

    fn push(&mut self, field: &FieldDescriptor, what: impl Into<String>) {
        let path = format!("{} ({})", field.full_name(), field.number());
        self.found.push(Change::at(&path, what));
    }

    fn removed(&mut self, was: &FieldDescriptor, new: &MessageDescriptor) {
        if was.cardinality() == Cardinality::Required {
            self.push(was, "a required field was removed");
        }
        let oneof = was.containing_oneof().filter(|oneof| !oneof.is_synthetic());
        if let Some(oneof) = oneof
            && new.oneofs().any(|now| now.name() == oneof.name())
        {
            self.push(was, format!("a member of the oneof `{}` was removed", oneof.name()));
        }
    }

    fn field(&mut self, was: &FieldDescriptor, now: &FieldDescriptor) {
        let (old, new) = (was.cardinality(), now.cardinality());
        if new == Cardinality::Required && old != Cardinality::Required {
            self.push(now, "the field is required now");
        }
        if old == Cardinality::Repeated && new != Cardinality::Repeated {
            self.push(now, "the field was repeated and is single");
        }
        if was.is_map() != now.is_map() {
            return self.push(now, "a map and another field are not the same");
        }
        match (was.kind(), now.kind()) {
            (Kind::Message(old), Kind::Message(new)) => {
                let same = old.full_name() == new.full_name();
                if !same && !was.is_map() {
                    let what =
                        format!("the type was {} and is {}", old.full_name(), new.full_name());
                    return self.push(now, what);
                }
                self.message(&old, &new);
            }
            (old, new) if !is_read(&old, &new) => {
                self.push(now, format!("the type was {} and is {}", word(&old), word(&new)));
            }
            _ => {}
        }
    }

    /// Fields that could stand together and cannot any more.
    fn oneofs(&mut self, old: &MessageDescriptor, new: &MessageDescriptor) {
        for oneof in new.oneofs().filter(|oneof| !oneof.is_synthetic()) {
            let before = |field: &FieldDescriptor| {
                let was = old.get_field(field.number())?;
                let group = was.containing_oneof().filter(|group| !group.is_synthetic());
                Some(group.map(|group| group.name().to_owned()))
            };
            let were: Vec<Option<String>> = oneof.fields().filter_map(|f| before(&f)).collect();
            let first = were.first();
            let together =
                first.is_none_or(|first| first.is_some() && were.iter().all(|was| was == first));
            if were.len() > 1 && !together {
                let path = oneof.full_name();
                let what = "fields that could stand together are in one oneof now";
                self.found.push(Change::at(path, what));
            }
        }
    }
}

fn word(kind: &Kind) -> String {
    match kind {
        Kind::Message(message) => message.full_name().to_owned(),
        Kind::Enum(one) => one.full_name().to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// Whether a field of the new type reads every value of the old one.
fn is_read(old: &Kind, new: &Kind) -> bool {
    if let (Kind::Enum(old), Kind::Enum(new)) = (old, new) {
        return old.full_name() == new.full_name();
    }
    let wider: &[Kind] = match old {
        Kind::Bool => &[Kind::Int32, Kind::Int64, Kind::Uint32, Kind::Uint64],
        Kind::Int32 | Kind::Enum(_) => &[Kind::Int32, Kind::Int64],
        Kind::Uint32 => &[Kind::Int64, Kind::Uint64],
        Kind::Sint32 => &[Kind::Sint64],
        Kind::String => &[Kind::Bytes],
        _ => &[],
    };
    old == new || wider.contains(new)
}
