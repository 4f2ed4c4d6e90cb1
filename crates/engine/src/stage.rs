//! Verification of one event, stage by stage: schema, reference data, meaning. The envelope was
//! checked when its canonical bytes were made; control totals are checked per batch at intake.

use crate::lookup::{Lookup, dim_bit};
use ledger::rules::{AssetId, DimId, KindId, Reference, Sign, SourceId};
use ledger::{Dim, EventView, Reject};

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
    let dims: Vec<Dim<'_>> = event.dims().collect();
    let mut names = Names::default();
    let places: Vec<Place> =
        (0..).zip(&dims).map(|(at, dim)| names.place(lookup, at, dim.name)).collect();
    check_placed(lookup, event, Placed { dims: &dims, places: &places }, source, received_at)
}

/// What a dimension of an event is to the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A declared dimension.
    Declared(DimId),
    /// None that the book declares.
    Undeclared,
    /// A person's: kept apart from the event, and not looked at here.
    Apart,
}

/// The dimensions of an event, each with its place.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// Ascending by name.
    pub dims: &'a [Dim<'a>],
    /// One for each.
    pub places: &'a [Place],
}

impl<'a> Placed<'a> {
    /// The value of a dimension.
    pub fn value(&self, id: DimId) -> Option<&'a str> {
        let at = self.places.iter().position(|place| *place == Place::Declared(id))?;
        Some(self.dims[at].value)
    }

    fn all(&self) -> impl Iterator<Item = (Option<DimId>, &'a str)> {
        self.places.iter().zip(self.dims).filter_map(|(place, dim)| match place {
            Place::Declared(id) => Some((Some(*id), dim.value)),
            Place::Undeclared => Some((None, dim.value)),
            Place::Apart => None,
        })
    }
}

/// Finds dimensions by name. Feeds repeat the shape of their events, so that what stood at the
/// same place in the event before is tried first.
#[derive(Debug, Default)]
pub struct Names {
    guesses: Vec<DimId>,
}

impl Names {
    /// The place of the dimension `name`, the one numbered `at` of its event.
    pub fn place(&mut self, lookup: &Lookup, at: usize, name: &str) -> Place {
        let guess = self.guesses.get(at).copied();
        let named = |id: DimId| lookup.rules.dims[usize::from(id)].name == name;
        let Some(id) = guess.filter(|id| named(*id)).or_else(|| lookup.rules.dim(name)) else {
            return Place::Undeclared;
        };
        self.guesses.resize(self.guesses.len().max(at + 1), id);
        self.guesses[at] = id;
        Place::Declared(id)
    }
}

/// [`check`] of an event whose dimensions have their places.
///
/// # Errors
/// As [`check`].
pub fn check_placed(
    lookup: &Lookup,
    event: &EventView<'_>,
    dims: Placed<'_>,
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
    dims: Placed<'_>,
    kind: Option<KindId>,
) -> Result<(), Reject> {
    let rules = &lookup.rules;
    let mut present = 0;
    for (id, _) in dims.all() {
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

fn check_parties(lookup: &Lookup, dims: Placed<'_>) -> Result<(), Reject> {
    for (id, value) in dims.all() {
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
