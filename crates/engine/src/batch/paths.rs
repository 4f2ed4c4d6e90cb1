//! Where the legs of an event go: paths written out from templates, numbered as they come, and
//! remembered per combination of the values they are made from.

use super::hash::{Blocks, Interner, NONE, Pairs};
use super::known::Known;
use super::origin::Origin;
use crate::error::EngineError;
use crate::stage::Checked;
use ledger::EventView;
use ledger::rules::{Segment, TemplateId, TimeBasis};

/// Between path and asset in the name of an account: neither has it.
const BETWEEN: u8 = 0;
/// Marks the first step of a combination, apart from numbers of values.
const FIRST: u32 = 1 << 31;
/// The place of no legs.
pub(super) const NOWHERE: u32 = NONE - 1;
/// In a credited account's number: the event has another leg.
const MORE: u32 = 1 << 31;

/// One leg: numbers of the accounts debited and credited.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leg {
    debit: u32,
    credit: u32,
}

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
    names: Interner,
    /// From one step of a combination to the next.
    steps: Pairs,
    steps_count: u32,
    /// From the last step to the place of the legs.
    places: Blocks,
    legs: Vec<Leg>,
    scratch: Vec<u8>,
}

impl Paths {
    /// Number of accounts.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// The name of an account.
    pub fn name(&self, number: u32) -> &[u8] {
        self.names.get(number)
    }

    /// The number of a name.
    pub fn number(&mut self, name: &[u8]) -> u32 {
        self.names.number(name)
    }

    /// The legs at a place, as debited and credited accounts.
    pub fn legs(&self, at: u32) -> impl Iterator<Item = (u32, u32)> {
        let mut rest = self.legs.get(at as usize..).unwrap_or_default().iter();
        let mut more = true;
        std::iter::from_fn(move || {
            let leg = if more { rest.next()? } else { return None };
            more = leg.credit & MORE != 0;
            Some((leg.debit, leg.credit & !MORE))
        })
    }

    /// The last step of the combination of the valid event that `known` saw last, where all steps
    /// before it are known: what [`Paths::find_all`] asks for.
    pub fn last_step(&self, known: &Known, checked: &Checked) -> Option<(u32, u32)> {
        let mut step = known.origin.base + u32::from(checked.kind);
        let mut next = FIRST | u32::from(checked.asset);
        for number in known.wanted(checked.kind) {
            step = self.steps.find(step, next)?;
            next = number;
        }
        Some((step, next))
    }

    /// The places of the legs of some combinations by their last steps: [`NONE`] for one not seen
    /// before, [`NOWHERE`] for a kind without legs.
    pub fn find_all(&self, steps: &[(u32, u32)], places: &mut Vec<u32>) {
        self.places.find_all(steps, places);
    }

    /// The place of the legs of the valid event that `known` saw last, where its combination was
    /// seen before; [`NOWHERE`] for a kind without legs.
    fn find(&self, known: &Known, checked: &Checked) -> Option<u32> {
        let (step, next) = self.last_step(known, checked)?;
        self.places.find(step, next)
    }

    /// The same, writing out the legs of a new combination.
    pub fn find_or_write(
        &mut self,
        known: &Known,
        checked: &Checked,
        event: &EventView<'_>,
    ) -> Result<u32, EngineError> {
        if let Some(found) = self.find(known, checked) {
            return Ok(found);
        }
        let sides = self.sides(&known.origin, checked, event)?;
        let at = if sides.is_empty() { NOWHERE } else { number_of(self.legs.len()) };
        for (place, side) in sides.iter().enumerate() {
            let more = if place + 1 < sides.len() { MORE } else { 0 };
            self.legs.push(Leg { debit: side.debit.0, credit: side.credit.0 | more });
        }
        let mut step = known.origin.base + u32::from(checked.kind);
        let mut next = FIRST | u32::from(checked.asset);
        for number in known.wanted(checked.kind) {
            step = self.steps.find(step, next).unwrap_or_else(|| {
                // Steps are numbered apart from the sorts that begin a combination.
                let fresh = super::keys::SORT_MAX + self.steps_count;
                self.steps_count += 1;
                self.steps.insert(step, next, fresh);
                fresh
            });
            next = number;
        }
        self.places.insert(step, next, at);
        Ok(at)
    }

    /// The sides of a valid event's legs.
    pub fn sides(
        &mut self,
        origin: &Origin,
        checked: &Checked,
        event: &EventView<'_>,
    ) -> Result<Vec<Sides>, EngineError> {
        let rules = &origin.lookup.rules;
        let asset = event.asset.unwrap_or_default();
        let mut name = std::mem::take(&mut self.scratch);
        let mut side = |template: TemplateId| -> Result<_, EngineError> {
            name.clear();
            let pathless = || EngineError::Form("a verified event names no account".into());
            push_path(&mut name, origin, template, event).ok_or_else(pathless)?;
            name.push(BETWEEN);
            name.extend_from_slice(asset.as_bytes());
            Ok((self.names.number(&name), rules.templates[usize::from(template)].basis))
        };
        let mut sides = Vec::new();
        for leg in &rules.kinds[usize::from(checked.kind)].legs {
            sides.push(Sides { debit: side(leg.debit)?, credit: side(leg.credit)? });
        }
        self.scratch = name;
        Ok(sides)
    }
}

/// Path and asset of an account's name.
pub(super) fn split_name(name: &[u8]) -> (String, String) {
    let at = name.iter().rposition(|byte| *byte == BETWEEN).unwrap_or(name.len());
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (text(&name[..at]), text(name.get(at + 1..).unwrap_or_default()))
}

fn number_of(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(NONE)
}

/// Appends the account path that a template makes of an event.
fn push_path(
    out: &mut Vec<u8>,
    origin: &Origin,
    template: TemplateId,
    event: &EventView<'_>,
) -> Option<()> {
    let rules = &origin.lookup.rules;
    for (at, segment) in rules.templates[usize::from(template)].segments.iter().enumerate() {
        if at > 0 {
            out.push(b':');
        }
        match segment {
            Segment::Literal(text) => out.extend_from_slice(text.as_bytes()),
            Segment::Source => push_escaped(out, event.source),
            Segment::Kind => push_escaped(out, event.kind),
            Segment::Dim(id) => {
                let dimension = &rules.dims[usize::from(*id)];
                let value = event.dims().find(|dim| dim.name == dimension.name)?.value;
                if dimension.party {
                    let party = origin.lookup.party(value)?;
                    push_escaped(out, &rules.parties[usize::from(party)].name);
                } else {
                    push_escaped(out, value);
                }
            }
        }
    }
    Some(())
}

/// Appends a value as the text of one segment.
fn push_escaped(out: &mut Vec<u8>, value: &str) {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b':' | b'%' | b'*');
    if value.as_bytes().iter().all(is_plain) {
        return out.extend_from_slice(value.as_bytes());
    }
    let mut bytes = [0; 4];
    for c in value.chars() {
        let plain = !matches!(c, ':' | '%' | '*') && !c.is_control();
        for byte in c.encode_utf8(&mut bytes).bytes() {
            if plain {
                out.push(byte);
            } else {
                let digit = |nibble: u8| b"0123456789ABCDEF"[usize::from(nibble)];
                out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
}
