//! An event as a line of JSON, and as the truth that the oracle is told.

use super::event::{Event, Fault};
use super::field::{ASSETS, Draw, Meta, Role, Shape, Values};
use super::options::WorldOptions;
use super::text::{push_amount, push_hex, push_number, push_time};
use crate::oracle::{self, Fact, Truth};
use crate::rng::mix;

const HOUR_NS: i64 = 3_600_000_000_000;
/// More decimals than a book gives an asset of any field.
const TOO_MANY_DECIMALS: u32 = 6;

/// Writes events of one field, and says what they mean.
#[derive(Clone, Copy)]
pub(super) struct Writer<'a> {
    pub shape: &'static Shape,
    pub sources: &'a [String],
}

impl Writer<'_> {
    /// Appends the line of `event`, without an end of line.
    pub fn push_line(self, out: &mut Vec<u8>, event: &Event) {
        let start = out.len();
        let kind = match event.fault {
            Some(Fault::UnknownKind) => "unheard-of",
            _ => self.shape.kinds[event.kind].name,
        };
        push_all(out, &["{\"source\":\"", self.source(event), "\",\"id\":\""]);
        self.push_id(out, event.id);
        push_all(out, &["\",\"kind\":\"", kind, "\",\"occurred_at\":\""]);
        push_time_of(out, event);
        out.extend_from_slice(b"\",\"amount\":");
        push_amount_of(out, event);
        let asset = match event.fault {
            Some(Fault::UnknownAsset) => "ZZZ",
            _ => ASSETS[usize::from(event.asset)].code,
        };
        push_all(out, &[",\"asset\":\"", asset, "\",\"dims\":{"]);
        self.push_dims(out, event);
        out.push(b'}');
        if let Some(reference) = event.reference {
            out.extend_from_slice(b",\"ref\":\"");
            self.push_id(out, reference);
            out.push(b'"');
        }
        self.push_meta(out, event);
        out.push(b'}');
        if event.fault == Some(Fault::CutOff) {
            out.truncate(start + (out.len() - start) * 3 / 5);
        }
    }

    /// What `event` means.
    pub fn truth(self, event: &Event) -> Truth {
        if event.fault.is_some() {
            let mut raw = Vec::new();
            self.push_line(&mut raw, event);
            return Truth::Broken { raw };
        }
        let kind = &self.shape.kinds[event.kind];
        let source = self.source(event).to_owned();
        let reference =
            event.reference.map(|id| (source.clone(), text(|out| self.push_id(out, id))));
        let dims = self.shape.dims.iter().zip(&event.dims);
        let dims = dims.map(|(dim, &number)| {
            (dim.name.to_owned(), text(|out| push_value(out, &dim.values, number)))
        });
        Truth::Event(Fact {
            source,
            id: text(|out| self.push_id(out, event.id)),
            kind: kind.name.to_owned(),
            role: match kind.role {
                Role::Cancels => oracle::Role::Cancels,
                Role::Opens | Role::Follows | Role::Beside | Role::Stands => oracle::Role::Counts,
            },
            occurred_at_ns: event.occurred_at_ns,
            amount_minor: i128::from(event.amount_minor),
            asset: ASSETS[usize::from(event.asset)].code.to_owned(),
            dims: dims.collect(),
            person: Some(text(|out| self.push_person(out, event))),
            reference,
        })
    }

    fn source(&self, event: &Event) -> &str {
        let feeds = self.sources.len() as u64;
        let at = event.dims[self.shape.source_by] % feeds.max(1);
        usize::try_from(at).ok().and_then(|at| self.sources.get(at)).map_or("", String::as_str)
    }

    fn push_id(self, out: &mut Vec<u8>, id: u64) {
        out.extend_from_slice(self.shape.id_prefix.as_bytes());
        push_number(out, id);
    }

    fn push_person(self, out: &mut Vec<u8>, event: &Event) {
        out.extend_from_slice(self.shape.person_prefix.as_bytes());
        push_number(out, event.person);
    }

    fn push_dims(self, out: &mut Vec<u8>, event: &Event) {
        let skipped = usize::from(event.fault == Some(Fault::MissingDim));
        for (dim, &number) in self.shape.dims.iter().zip(&event.dims).skip(skipped) {
            push_all(out, &["\"", dim.name, "\":\""]);
            push_value(out, &dim.values, number);
            out.extend_from_slice(b"\",");
        }
        push_all(out, &["\"", self.shape.person, "\":\""]);
        self.push_person(out, event);
        out.push(b'"');
    }

    fn push_meta(self, out: &mut Vec<u8>, event: &Event) {
        out.extend_from_slice(b",\"meta\":{");
        for (at, meta) in self.shape.meta.iter().enumerate() {
            out.extend_from_slice(if at == 0 { b"\"" } else { b",\"" });
            match *meta {
                Meta::Session(name) => {
                    push_all(out, &[name, "\":\""]);
                    let hour = (event.occurred_at_ns / HOUR_NS).unsigned_abs();
                    push_hex(out, mix(event.person ^ (hour << 32)));
                }
                Meta::Habit(name, habits) => {
                    push_all(out, &[name, "\":\"", listed(habits, mix(event.person))]);
                }
            }
            if event.fault == Some(Fault::BrokenUtf8) {
                out.push(0xff);
            }
            out.push(b'"');
        }
        if event.is_respelled {
            out.extend_from_slice(b",\"attempt\":\"2\"");
        }
        out.push(b'}');
    }
}

/// Every value that the dimension `name` can have; none if there is no such dimension, or if every
/// event has its own.
pub(super) fn values(options: &WorldOptions, name: &str) -> Vec<String> {
    let shape = options.field.shape();
    let dims = shape.dims.iter().enumerate();
    let mut shared = dims.filter(|(_, dim)| !matches!(dim.draw, Draw::PerEvent));
    let Some((at, dim)) = shared.find(|(_, dim)| dim.name == name) else { return Vec::new() };
    let numbers = 0..shape.size(at, options);
    numbers.map(|number| text(|out| push_value(out, &dim.values, number))).collect()
}

fn push_all(out: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}

fn text(push: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    push(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn listed<'a>(values: &[&'a str], number: u64) -> &'a str {
    let at = number % (values.len() as u64).max(1);
    usize::try_from(at).ok().and_then(|at| values.get(at)).copied().unwrap_or("")
}

fn push_value(out: &mut Vec<u8>, values: &Values, number: u64) {
    match values {
        Values::Numbered(prefix) => {
            out.extend_from_slice(prefix.as_bytes());
            push_number(out, number);
        }
        Values::Worded(words) => {
            push_all(out, &[listed(words, number), "-"]);
            push_number(out, number);
        }
        Values::Listed(values) => push_all(out, &[listed(values, number)]),
    }
}

fn push_time_of(out: &mut Vec<u8>, event: &Event) {
    let start = out.len();
    push_time(out, event.occurred_at_ns);
    if event.fault == Some(Fault::BadTime) {
        const MONTH_AT: usize = 5;
        out[start + MONTH_AT..start + MONTH_AT + 2].copy_from_slice(b"13");
    }
}

fn push_amount_of(out: &mut Vec<u8>, event: &Event) {
    let scale = ASSETS[usize::from(event.asset)].scale;
    if event.fault == Some(Fault::AmountAsNumber) {
        return push_amount(out, event.amount_minor, scale);
    }
    out.push(b'"');
    if event.fault == Some(Fault::NegativeAmount) {
        out.push(b'-');
    }
    if event.fault == Some(Fault::TooManyDecimals) {
        let finer = 10_u64.pow(TOO_MANY_DECIMALS - scale);
        push_amount(out, event.amount_minor * finer + 1, TOO_MANY_DECIMALS);
    } else {
        push_amount(out, event.amount_minor, scale);
    }
    if event.is_respelled && scale > 0 {
        while out.ends_with(b"0") {
            out.pop();
        }
        if out.ends_with(b".") {
            out.pop();
        }
    }
    out.push(b'"');
}
