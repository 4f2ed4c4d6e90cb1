//! What is known of a source's events: every kind, asset and dimension value that a valid event
//! had. An event made of nothing else needs only what differs from event to event to be checked;
//! any other one is checked stage by stage, and remembered if it is valid.

#[cfg(test)]
mod tests;

use super::hash::{Interner, NONE, same};
use super::origin::Origin;
use crate::lookup::dim_bit;
use crate::stage::Checked;
use ledger::event::EventFields;
use ledger::limits::{DIMS_MAX, SCALE_MAX};
use ledger::rules::{AssetId, DimId, KindId, Reference, Sign};
use std::sync::Arc;

/// The number of a value that is not there, or that no account is made from.
pub(super) const ABSENT: u32 = NONE >> 2;

/// What valid events of one origin were made of, and the values of the event looked at last.
pub(super) struct Known {
    pub origin: Arc<Origin>,
    earliest: i64,
    ahead_nanos_max: i64,
    kinds: Interner,
    kind_rules: Vec<KindRule>,
    assets: Interner,
    asset_rules: Vec<(AssetId, u8)>,
    dims: Vec<KnownDim>,
    /// The dimensions of the last event, one bit each.
    present: u128,
    /// By dimension: the number of the last event's value.
    values: Vec<u32>,
}

#[derive(Clone, Copy)]
struct KindRule {
    kind: KindId,
    required: u128,
    sign: Sign,
    needs_amount: bool,
    may_refer: bool,
    must_refer: bool,
}

struct KnownDim {
    name: Vec<u8>,
    dim: DimId,
    /// Its values, where they decide something.
    values: Option<Interner>,
}

impl Known {
    pub fn new(origin: Arc<Origin>) -> Self {
        let rules = &origin.lookup.rules;
        let source = origin.source_id.map(|id| &rules.sources[usize::from(id)]);
        Self {
            earliest: source.map_or(0, |source| source.earliest),
            ahead_nanos_max: source.map_or(0, |source| source.ahead_nanos_max),
            kinds: Interner::default(),
            kind_rules: Vec::new(),
            assets: Interner::default(),
            asset_rules: Vec::new(),
            dims: Vec::new(),
            present: 0,
            values: vec![ABSENT; rules.dims.len()],
            origin,
        }
    }

    /// What the check of the event would give, where that is known; nothing where the event must
    /// be checked.
    pub fn check(&mut self, event: &EventFields<'_>, received_at: i64) -> Option<Checked> {
        let origin = &self.origin;
        if event.operator != origin.lookup.rules.operator.as_bytes()
            || event.source != origin.source.as_bytes()
            || !is_text(event.id)
        {
            return None;
        }
        let rule = self.kind_rules[self.kinds.find(event.kind)? as usize];
        self.find_dims(event)?;
        if rule.required & !self.present != 0 || !rule.fits_reference(event) {
            return None;
        }
        let latest = received_at.saturating_add(self.ahead_nanos_max);
        if event.occurred_at < self.earliest || event.occurred_at > latest {
            return None;
        }
        let (asset, minor) = match (event.amount, event.asset) {
            (Some(amount), Some(code)) => {
                let (asset, scale) = self.asset_rules[self.assets.find(code)? as usize];
                (asset, Some(rule.minor(amount, scale)?))
            }
            (None, None) if !rule.needs_amount => (0, None),
            _ => return None,
        };
        Some(Checked { kind: rule.kind, asset, minor: minor.map(i128::from) })
    }

    fn find_dims(&mut self, event: &EventFields<'_>) -> Option<()> {
        let mut present = 0;
        for (at, (name, value)) in event.dims().enumerate() {
            // Sources give the same dimensions in the same order.
            let known = match self.dims.get(at) {
                Some(known) if same(&known.name, name) => known,
                _ => self.dims.iter().find(|known| known.name == name)?,
            };
            let bit = dim_bit(known.dim);
            // Both are ascending by name.
            if bit <= present || at >= DIMS_MAX {
                return None;
            }
            present |= bit;
            match &known.values {
                Some(values) => self.values[usize::from(known.dim)] = values.find(value)?,
                None if is_text(value) => {}
                None => return None,
            }
        }
        self.present = present;
        Some(())
    }

    /// Remembers what a valid event is made of.
    pub fn remember(&mut self, event: &EventFields<'_>, checked: &Checked) {
        let rules = &self.origin.lookup.rules;
        if self.kinds.number(event.kind) as usize == self.kind_rules.len() {
            let kind = &rules.kinds[usize::from(checked.kind)];
            self.kind_rules.push(KindRule {
                kind: checked.kind,
                required: self.origin.lookup.shape(checked.kind).required,
                sign: kind.sign,
                needs_amount: !matches!(kind.reference, Reference::Cancels(_)),
                may_refer: !matches!(kind.reference, Reference::None),
                must_refer: matches!(
                    kind.reference,
                    Reference::Required(_) | Reference::Cancels(_)
                ),
            });
        }
        if let Some(code) = event.asset
            && self.assets.number(code) as usize == self.asset_rules.len()
        {
            let scale = rules.assets[usize::from(checked.asset)].scale;
            self.asset_rules.push((checked.asset, scale));
        }
        self.present = 0;
        for (name, value) in event.dims() {
            self.remember_dim(name, value);
        }
    }

    fn remember_dim(&mut self, name: &[u8], value: &[u8]) {
        let at = match self.dims.iter().position(|known| known.name == name) {
            Some(at) => at,
            None => {
                let lookup = &self.origin.lookup;
                let id = std::str::from_utf8(name).ok().and_then(|name| lookup.rules.dim(name));
                // A valid event has declared dimensions only.
                let Some(dim) = id else { return };
                let mut kinds = (0..).take(lookup.rules.kinds.len());
                let decides = lookup.rules.dims[usize::from(dim)].party
                    || kinds.any(|kind| lookup.shape(kind).dims.contains(&dim));
                let values = decides.then(Interner::default);
                self.dims.push(KnownDim { name: name.to_vec(), dim, values });
                self.dims.len() - 1
            }
        };
        let known = &mut self.dims[at];
        self.present |= dim_bit(known.dim);
        if let Some(values) = &mut known.values {
            self.values[usize::from(known.dim)] = values.number(value);
        }
    }

    /// Numbers of the last event's values that accounts of `kind` are made from; the place in the
    /// list says of which dimension each is.
    pub fn wanted(&self, kind: KindId) -> impl Iterator<Item = u32> {
        self.origin.lookup.shape(kind).dims.iter().map(|dim| {
            let is_there = self.present & dim_bit(*dim) != 0;
            if is_there { self.values[usize::from(*dim)] } else { ABSENT }
        })
    }
}

impl KindRule {
    /// Whether there is a reference where there must be one, within the source, to another event.
    fn fits_reference(&self, event: &EventFields<'_>) -> bool {
        match event.reference {
            None => !self.must_refer,
            Some((source, id)) => {
                self.may_refer && source == event.source && id != event.id && is_text(id)
            }
        }
    }

    /// An amount in minor units, where it is short, canonical, and of the right sign.
    fn minor(&self, (coefficient, scale): (i128, u8), asset_scale: u8) -> Option<i64> {
        let coefficient = i64::try_from(coefficient).ok()?;
        if scale > SCALE_MAX || (scale > 0 && coefficient % 10 == 0) {
            return None;
        }
        let factor = 10i64.checked_pow(asset_scale.checked_sub(scale)?.into())?;
        let minor = coefficient.checked_mul(factor)?;
        let is_allowed = match self.sign {
            Sign::Positive => minor > 0,
            Sign::NonNegative => minor >= 0,
            Sign::Any => true,
        };
        is_allowed.then_some(minor)
    }
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.is_ascii() || std::str::from_utf8(bytes).is_ok()
}
