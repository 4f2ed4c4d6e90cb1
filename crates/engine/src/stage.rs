//! Verification of one event, stage by stage: schema, reference data, meaning. The envelope was
//! checked when its canonical bytes were made; control totals are checked per batch at intake.

use crate::lookup::{Lookup, dim_bit};
use ledger::rules::{AssetId, DimId, KindId, Reference, Sign, SourceId};
use ledger::{EventView, Reject};

/// Largest amount that is posted, minor units: 2^90 of them still add up in 128 bits for as many
/// events as positions can count.
pub const AMOUNT_MINOR_MAX: i128 = 1 << 90;

/// An event that passed every stage, in the terms of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Its kind.
    pub kind: KindId,
    /// Its asset; 0 when it states none.
    pub asset: AssetId,
    /// Its amount in minor units, when it states one.
    pub minor: Option<i128>,
}

/// Verifies `event`, which was received at `received_at` (nanoseconds UTC) by `source`.
///
/// # Errors
/// The first failure in the order of the stages.
pub fn check(
    lookup: &Lookup,
    event: &EventView<'_>,
    source: Option<SourceId>,
    received_at: i64,
) -> Result<Checked, Reject> {
    let mut dims = DimWalk::default();
    dims.read(lookup, event);
    check_walked(lookup, event, &dims, source, received_at)
}

/// The dimensions of an event with their places in the rules, read once. Feeds repeat the shape
/// of their events, so that the names of the event before are tried first.
#[derive(Debug, Default)]
pub struct DimWalk<'a> {
    found: Vec<(Option<DimId>, &'a str)>,
    guesses: Vec<DimId>,
}

impl<'a> DimWalk<'a> {
    /// Reads the dimensions of `event` in place of those before.
    pub fn read(&mut self, lookup: &Lookup, event: &EventView<'a>) {
        self.found.clear();
        for (at, dim) in event.dims().enumerate() {
            let guess = self.guesses.get(at).copied();
            let named = |id: DimId| lookup.rules.dims[usize::from(id)].name == dim.name;
            let id = guess.filter(|id| named(*id)).or_else(|| lookup.rules.dim(dim.name));
            if let Some(id) = id {
                self.guesses.resize(self.guesses.len().max(at + 1), id);
                self.guesses[at] = id;
            }
            self.found.push((id, dim.value));
        }
    }

    /// The value of a dimension.
    pub fn value(&self, id: DimId) -> Option<&'a str> {
        self.found.iter().find(|(found, _)| *found == Some(id)).map(|(_, value)| *value)
    }
}

/// [`check`] of an event whose dimensions were read before.
///
/// # Errors
/// As [`check`].
pub fn check_walked(
    lookup: &Lookup,
    event: &EventView<'_>,
    dims: &DimWalk<'_>,
    source: Option<SourceId>,
    received_at: i64,
) -> Result<Checked, Reject> {
    let rules = &lookup.rules;
    let kind = lookup.kind(event.kind);
    check_schema(lookup, event, dims, kind)?;
    let source = source.ok_or(Reject::SourceUnknown)?;
    let kind = kind.ok_or(Reject::KindUnknown)?;
    let allowed = &rules.sources[usize::from(source)].kinds;
    require(allowed.is_empty() || allowed.contains(&kind), Reject::KindUnknown)?;
    let asset =
        event.asset.map(|code| rules.asset(code).ok_or(Reject::AssetUnknown)).transpose()?;
    check_parties(lookup, dims)?;
    require(event.operator == rules.operator, Reject::OperatorOther)?;
    let minor = check_meaning(lookup, event, (source, kind, asset), received_at)?;
    Ok(Checked { kind, asset: asset.unwrap_or(0), minor })
}

fn require(holds: bool, otherwise: Reject) -> Result<(), Reject> {
    if holds { Ok(()) } else { Err(otherwise) }
}

fn check_schema(
    lookup: &Lookup,
    event: &EventView<'_>,
    dims: &DimWalk<'_>,
    kind: Option<KindId>,
) -> Result<(), Reject> {
    let rules = &lookup.rules;
    let mut present = 0;
    for (id, _) in &dims.found {
        present |= dim_bit(id.ok_or(Reject::DimensionUndeclared)?);
    }
    let Some(kind) = kind else { return Ok(()) };
    require(lookup.shape(kind).required & !present == 0, Reject::DimensionMissing)?;
    let reference = &rules.kinds[usize::from(kind)].reference;
    let cancels = matches!(reference, Reference::Cancels(_));
    require(event.amount.is_some() || cancels, Reject::AmountMissing)?;
    match (reference, event.reference) {
        (Reference::None, Some(_)) => Err(Reject::ReferenceNotAllowed),
        (Reference::Required(_) | Reference::Cancels(_), None) => Err(Reject::ReferenceMissing),
        _ => Ok(()),
    }
}

fn check_parties(lookup: &Lookup, dims: &DimWalk<'_>) -> Result<(), Reject> {
    for (id, value) in &dims.found {
        let party = id.is_some_and(|id| lookup.rules.dims[usize::from(id)].party);
        require(!party || lookup.party(value).is_some(), Reject::PartyUnknown)?;
    }
    Ok(())
}

fn check_meaning(
    lookup: &Lookup,
    event: &EventView<'_>,
    (source, kind, asset): (SourceId, KindId, Option<AssetId>),
    received_at: i64,
) -> Result<Option<i128>, Reject> {
    let rules = &lookup.rules;
    let minor = match (event.amount, asset) {
        (Some(amount), Some(asset)) => {
            Some(rules.assets[usize::from(asset)].minor(amount).map_err(|error| match error {
                ledger::DecimalError::Inexact => Reject::Precision,
                _ => Reject::AmountRange,
            })?)
        }
        _ => None,
    };
    if let Some(minor) = minor {
        require(minor.abs() <= AMOUNT_MINOR_MAX, Reject::AmountRange)?;
        let allowed = match rules.kinds[usize::from(kind)].sign {
            Sign::Positive => minor > 0,
            Sign::NonNegative => minor >= 0,
            Sign::Any => true,
        };
        require(allowed, Reject::Sign)?;
    }
    let source_rules = &rules.sources[usize::from(source)];
    let latest = received_at.saturating_add(source_rules.ahead_nanos_max);
    let in_time = source_rules.earliest <= event.occurred_at && event.occurred_at <= latest;
    require(in_time, Reject::OccurredOutside)?;
    if let Some(to) = event.reference {
        require((to.source, to.id) != (event.source, event.id), Reject::ReferenceSelf)?;
        let near = to.source == event.source || lookup.same_group(source, to.source);
        require(near, Reject::ReferenceGroup)?;
    }
    Ok(minor)
}
