//! Writing rules.

use ledger::Rules;
use ledger::rules::{Kind, Reference, Segment, Source, Template};

use super::{BASES, SIGNS, VERSION};
use crate::bytes::{push_count, push_text};

/// The bytes of version 1. The rules must be sorted as [`Rules`] says.
pub fn encode(rules: &Rules) -> Vec<u8> {
    let mut out = vec![VERSION];
    out.extend_from_slice(&rules.semantics.to_le_bytes());
    out.extend_from_slice(&rules.revision.to_le_bytes());
    push_text(&mut out, &rules.operator);
    push_list(&mut out, &rules.assets, |out, asset| {
        push_text(out, &asset.code);
        out.push(asset.scale);
    });
    push_list(&mut out, &rules.dims, |out, dim| {
        push_text(out, &dim.name);
        out.push(u8::from(dim.personal) | u8::from(dim.party) << 1);
    });
    push_list(&mut out, &rules.parties, |out, party| {
        push_text(out, &party.name);
        push_list(out, &party.aliases, |out, alias| push_text(out, alias));
    });
    push_list(&mut out, &rules.sources, push_source);
    push_list(&mut out, &rules.kinds, push_kind);
    push_list(&mut out, &rules.templates, push_template);
    out
}

fn push_list<T>(out: &mut Vec<u8>, items: &[T], item: impl Fn(&mut Vec<u8>, &T)) {
    push_count(out, items.len());
    for next in items {
        item(out, next);
    }
}

fn push_indexes(out: &mut Vec<u8>, indexes: &[u16]) {
    push_list(out, indexes, |out, index| out.extend_from_slice(&index.to_le_bytes()));
}

fn push_source(out: &mut Vec<u8>, source: &Source) {
    push_text(out, &source.name);
    out.push(u8::from(source.party.is_some()));
    if let Some(party) = source.party {
        out.extend_from_slice(&party.to_le_bytes());
    }
    push_indexes(out, &source.kinds);
    push_text(out, &source.group);
    out.extend_from_slice(&source.earliest.to_le_bytes());
    out.extend_from_slice(&source.ahead_nanos_max.to_le_bytes());
}

fn push_kind(out: &mut Vec<u8>, kind: &Kind) {
    push_text(out, &kind.name);
    out.push(place(&SIGNS, &kind.sign));
    let (reference, kinds): (u8, &[u16]) = match &kind.reference {
        Reference::None => (0, &[]),
        Reference::Optional(kinds) => (1, kinds),
        Reference::Required(kinds) => (2, kinds),
        Reference::Cancels(kinds) => (3, kinds),
    };
    out.push(reference);
    push_indexes(out, kinds);
    push_indexes(out, &kind.dims_required);
    push_list(out, &kind.legs, |out, leg| {
        out.extend_from_slice(&leg.debit.to_le_bytes());
        out.extend_from_slice(&leg.credit.to_le_bytes());
    });
}

fn push_template(out: &mut Vec<u8>, template: &Template) {
    out.push(place(&BASES, &template.basis));
    push_list(out, &template.segments, |out, segment| match segment {
        Segment::Literal(text) => {
            out.push(0);
            push_text(out, text);
        }
        Segment::Dim(dim) => {
            out.push(1);
            out.extend_from_slice(&dim.to_le_bytes());
        }
        Segment::Source => out.push(2),
        Segment::Kind => out.push(3),
    });
}

/// The number of a value is its place in the list of all.
fn place<T: PartialEq>(all: &[T], value: &T) -> u8 {
    let place = all.iter().position(|one| one == value);
    place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)
}
