//! Reading rules from bytes of unknown origin: what is read can be used without a second look, as
//! every index names something and every list is sorted.

use ledger::Asset;
use ledger::limits::SCALE_MAX;
use ledger::rules::{Dimension, Kind, Leg, Party, Reference, Segment, Source, Template};
use ledger::{Rules, rules};
use thiserror::Error;

use super::{BASES, SIGNS, VERSION};
use crate::bytes::Reader;

/// Bytes that are not posting rules (`E6007`).
#[derive(Copy, Clone, Debug, Eq, PartialEq, Error)]
#[error("these bytes are not posting rules of a known version")]
pub struct RulesError;

impl RulesError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        "E6007"
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        crate::codes::hint(self.code())
    }
}

/// Reads exactly what [`super::encode`] writes.
pub fn decode(bytes: &[u8]) -> Result<Rules, RulesError> {
    let mut reader = Reader::new(bytes);
    let rules = read(&mut reader).ok_or(RulesError)?;
    if reader.is_empty() && is_sound(&rules) { Ok(rules) } else { Err(RulesError) }
}

fn read(reader: &mut Reader<'_>) -> Option<Rules> {
    if reader.u8()? != VERSION {
        return None;
    }
    Some(Rules {
        semantics: reader.u16()?,
        revision: reader.u32()?,
        operator: reader.text()?,
        assets: reader.list(|r| Some(Asset { code: r.text()?, scale: r.u8()? }))?,
        dims: reader.list(read_dim)?,
        parties: reader
            .list(|r| Some(Party { name: r.text()?, aliases: r.list(Reader::text)? }))?,
        sources: reader.list(read_source)?,
        kinds: reader.list(read_kind)?,
        templates: reader.list(read_template)?,
    })
}

fn read_dim(reader: &mut Reader<'_>) -> Option<Dimension> {
    let name = reader.text()?;
    let flags = reader.u8()?;
    (flags < 4).then_some(Dimension { name, personal: flags & 1 != 0, party: flags & 2 != 0 })
}

fn read_source(reader: &mut Reader<'_>) -> Option<Source> {
    Some(Source {
        name: reader.text()?,
        party: match reader.u8()? {
            0 => None,
            1 => Some(reader.u16()?),
            _ => return None,
        },
        kinds: reader.list(Reader::u16)?,
        group: reader.text()?,
        earliest: reader.i64()?,
        ahead_nanos_max: reader.i64()?,
    })
}

fn read_kind(reader: &mut Reader<'_>) -> Option<Kind> {
    let name = reader.text()?;
    let sign = *SIGNS.get(usize::from(reader.u8()?))?;
    let (reference, kinds) = (reader.u8()?, reader.list(Reader::u16)?);
    let reference = match reference {
        0 if kinds.is_empty() => Reference::None,
        1 => Reference::Optional(kinds),
        2 => Reference::Required(kinds),
        3 => Reference::Cancels(kinds),
        _ => return None,
    };
    let dims_required = reader.list(Reader::u16)?;
    let legs = reader.list(|r| Some(Leg { debit: r.u16()?, credit: r.u16()? }))?;
    Some(Kind { name, sign, reference, dims_required, legs })
}

fn read_template(reader: &mut Reader<'_>) -> Option<Template> {
    let basis = *BASES.get(usize::from(reader.u8()?))?;
    let segments = reader.list(|r| match r.u8()? {
        0 => r.text().map(Segment::Literal),
        1 => r.u16().map(Segment::Dim),
        2 => Some(Segment::Source),
        3 => Some(Segment::Kind),
        _ => None,
    })?;
    Some(Template { segments, basis })
}

fn is_sound(rules: &Rules) -> bool {
    let rules::Rules { assets, dims, parties, sources, kinds, templates, .. } = rules;
    let within =
        |indexes: &[u16], length: usize| indexes.iter().all(|index| usize::from(*index) < length);
    let kind_is_sound = |kind: &Kind| {
        let referred: &[u16] = match &kind.reference {
            Reference::None => &[],
            Reference::Optional(kinds) | Reference::Required(kinds) | Reference::Cancels(kinds) => {
                kinds
            }
        };
        let legs = kind.legs.iter().all(|leg| within(&[leg.debit, leg.credit], templates.len()));
        legs && within(referred, kinds.len()) && within(&kind.dims_required, dims.len())
    };
    let source_is_sound = |source: &Source| {
        within(&source.kinds, kinds.len())
            && source.party.is_none_or(|party| within(&[party], parties.len()))
    };
    let segment_is_sound = |segment: &Segment| match segment {
        Segment::Dim(dim) => within(&[*dim], dims.len()),
        Segment::Literal(_) | Segment::Source | Segment::Kind => true,
    };
    assets.iter().all(|asset| asset.scale <= SCALE_MAX)
        && ascending(assets, |asset| &asset.code)
        && ascending(dims, |dim| &dim.name)
        && ascending(parties, |party| &party.name)
        && ascending(sources, |source| &source.name)
        && ascending(kinds, |kind| &kind.name)
        && kinds.iter().all(kind_is_sound)
        && sources.iter().all(source_is_sound)
        && templates.iter().flat_map(|template| &template.segments).all(segment_is_sound)
}

fn ascending<T>(items: &[T], name: impl Fn(&T) -> &String) -> bool {
    items.is_sorted_by(|a, b| name(a) < name(b))
}
