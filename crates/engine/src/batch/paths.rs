//! Where the legs of an event go: paths written out from templates, numbered as they come,
//! and remembered per combination of the values they are made from.

use super::origin::Origin;
use crate::error::EngineError;
use crate::stage::Checked;
use ledger::EventView;
use ledger::rules::{Segment, TemplateId, TimeBasis};
use siphasher::sip::SipHasher13;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::ops::Range;

/// The two sides of one leg.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sides {
    /// Number of the account debited, and whose time decides its bucket.
    pub debit: (u32, TimeBasis),
    /// The same for the account credited.
    pub credit: (u32, TimeBasis),
}

/// Account names by number, and the legs of every combination seen.
#[derive(Debug, Default)]
pub(super) struct Paths {
    /// Path and asset of each number.
    names: Vec<(String, String)>,
    numbers: HashMap<(String, String), u32>,
    seen: HashMap<Box<[u8]>, Range<usize>, BuildHasherDefault<SipHasher13>>,
    sides: Vec<Sides>,
    scratch: Vec<u8>,
}

impl Paths {
    /// The number of an account.
    pub fn number(&mut self, path: &str, asset: &str) -> u32 {
        let name = (path.to_owned(), asset.to_owned());
        if let Some(number) = self.numbers.get(&name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        number
    }

    /// Path and asset by number.
    pub fn names(&self) -> &[(String, String)] {
        &self.names
    }

    /// The sides that [`Paths::legs`] found.
    pub fn sides(&self, at: usize) -> Sides {
        self.sides[at]
    }

    /// The legs of a valid event, as places for [`Paths::sides`].
    pub fn legs(
        &mut self,
        origin: &Origin,
        checked: &Checked,
        event: &EventView<'_>,
    ) -> Result<Range<usize>, EngineError> {
        let mut key = std::mem::take(&mut self.scratch);
        combination(&mut key, origin, checked, event);
        let legs = match self.seen.get(key.as_slice()) {
            Some(legs) => legs.clone(),
            None => self.write_out(&key, origin, checked, event)?,
        };
        self.scratch = key;
        Ok(legs)
    }

    fn write_out(
        &mut self,
        key: &[u8],
        origin: &Origin,
        checked: &Checked,
        event: &EventView<'_>,
    ) -> Result<Range<usize>, EngineError> {
        let start = self.sides.len();
        let rules = &origin.lookup.rules;
        for leg in &rules.kinds[usize::from(checked.kind)].legs {
            let mut side = |template: TemplateId| {
                let path = path(origin, template, event)?;
                let number = self.number(&path, event.asset.unwrap_or_default());
                Some((number, rules.templates[usize::from(template)].basis))
            };
            let pathless = || EngineError::Form("a verified event names no account".into());
            let debit = side(leg.debit).ok_or_else(pathless)?;
            let credit = side(leg.credit).ok_or_else(pathless)?;
            self.sides.push(Sides { debit, credit });
        }
        let legs = start..self.sides.len();
        self.seen.insert(key.into(), legs.clone());
        Ok(legs)
    }
}

/// Everything that the paths of the event's legs depend on.
fn combination(key: &mut Vec<u8>, origin: &Origin, checked: &Checked, event: &EventView<'_>) {
    key.clear();
    key.extend_from_slice(&origin.base.to_le_bytes());
    key.extend_from_slice(&checked.kind.to_le_bytes());
    key.extend_from_slice(&checked.asset.to_le_bytes());
    let dims = &origin.lookup.rules.dims;
    let mut wanted = origin.lookup.shape(checked.kind).dims.iter();
    let mut next = wanted.next();
    // Both are ascending by name.
    for dim in event.dims() {
        while let Some(id) = next
            && dims[usize::from(*id)].name.as_str() < dim.name
        {
            next = wanted.next();
        }
        let Some(id) = next else { return };
        if dims[usize::from(*id)].name == dim.name {
            key.extend_from_slice(&id.to_le_bytes());
            let length = u16::try_from(dim.value.len()).unwrap_or(u16::MAX);
            key.extend_from_slice(&length.to_le_bytes());
            key.extend_from_slice(dim.value.as_bytes());
        }
    }
}

/// The account path that a template makes of an event.
fn path(origin: &Origin, template: TemplateId, event: &EventView<'_>) -> Option<String> {
    let rules = &origin.lookup.rules;
    let mut texts = Vec::new();
    for segment in &rules.templates[usize::from(template)].segments {
        texts.push(match segment {
            Segment::Literal(text) => text.clone(),
            Segment::Source => escaped(event.source),
            Segment::Kind => escaped(event.kind),
            Segment::Dim(id) => {
                let dimension = &rules.dims[usize::from(*id)];
                let value = event.dims().find(|dim| dim.name == dimension.name)?.value;
                if dimension.party {
                    let party = origin.lookup.party(value)?;
                    escaped(&rules.parties[usize::from(party)].name)
                } else {
                    escaped(value)
                }
            }
        });
    }
    Some(texts.join(":"))
}

/// A value as the text of one segment.
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut bytes = [0; 4];
    for c in value.chars() {
        if !matches!(c, ':' | '%' | '*') && !c.is_control() {
            out.push(c);
            continue;
        }
        for byte in c.encode_utf8(&mut bytes).bytes() {
            let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
            out.push('%');
            out.push(digit(byte >> 4).to_ascii_uppercase());
            out.push(digit(byte & 15).to_ascii_uppercase());
        }
    }
    out
}
