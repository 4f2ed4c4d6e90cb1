//! Events as they arrive, and their canonical bytes: the form that is hashed, stored, and the
//! same on every road.
//!
//! Canonical event v1 is the byte 1 and then fields of `tag u8, length u16 LE, bytes`, in
//! ascending order of tag, each at most once but `DIM`: `1` operator, `2` source, `3` id,
//! `4` kind, `5` occurred at (i64 LE, nanoseconds UTC), `6` amount (i128 LE coefficient without
//! trailing zeros, u8 scale), `7` asset, `8` dimension (u8 name length, name, value; ascending by
//! name, names unique, personal ones left out), `9` reference (u8 source length, source, id).
//! Amount, asset, dimensions and reference may be absent; absent differs from empty.

use crate::Decimal;
use crate::limits;
use crate::name;
use crate::reject::Reject;
use std::ops::Range;

/// Version byte of the canonical form.
pub const CANONICAL_VERSION: u8 = 1;

const OPERATOR: u8 = 1;
const SOURCE: u8 = 2;
const ID: u8 = 3;
const KIND: u8 = 4;
const OCCURRED_AT: u8 = 5;
const AMOUNT: u8 = 6;
const ASSET: u8 = 7;
const DIM: u8 = 8;
const REFERENCE: u8 = 9;

/// One dimension: what an amount belongs to (game, seller, player).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dim<'a> {
    /// Name as declared in the book.
    pub name: &'a str,
    /// Value as given, at most 256 bytes.
    pub value: &'a str,
}

/// The event that another one refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventRef<'a> {
    /// Source of the event referred to.
    pub source: &'a str,
    /// Its id.
    pub id: &'a str,
}

/// An event as a decoder read it: nothing checked yet but that the fields could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft<'a> {
    /// The feed it came by.
    pub source: &'a str,
    /// Unique within the source.
    pub id: &'a str,
    /// What happened: `bet`, `sale`.
    pub kind: &'a str,
    /// When it happened, nanoseconds UTC since 1970.
    pub occurred_at: i64,
    /// How much, as given; may be absent on a cancel.
    pub amount: Option<Decimal>,
    /// Code of the asset; absent exactly when the amount is.
    pub asset: Option<&'a str>,
    /// All dimensions, personal ones included, in any order.
    pub dims: Vec<Dim<'a>>,
    /// The event this one refers to.
    pub reference: Option<EventRef<'a>>,
}

impl Draft<'_> {
    /// Sorts the dimensions and checks sizes and characters (the envelope stage).
    ///
    /// # Errors
    /// The first [`Reject`] in the order of the fields.
    pub fn check_envelope(&mut self) -> Result<(), Reject> {
        self.check_fields()?;
        self.check_dims()
    }

    /// [`Draft::check_envelope`] of a draft whose dimensions are sorted and have names that passed
    /// it before.
    ///
    /// # Errors
    /// As [`Draft::check_envelope`].
    pub fn check_known(&self) -> Result<(), Reject> {
        self.check_fields()?;
        let short = |dim: &Dim<'_>| dim.value.len() <= limits::DIM_VALUE_BYTES_MAX;
        check(self.dims.iter().all(short), Reject::DimensionValue)
    }

    fn check_fields(&self) -> Result<(), Reject> {
        check(name::is_name(self.source.as_bytes()), Reject::SourceName)?;
        check(name::is_event_id(self.id), Reject::EventId)?;
        check(name::is_word(self.kind.as_bytes()), Reject::KindName)?;
        check(self.asset.is_some() == self.amount.is_some(), Reject::AmountWithoutAsset)?;
        if let Some(asset) = self.asset {
            check(name::is_asset_code(asset.as_bytes()), Reject::AssetCode)?;
        }
        if let Some(amount) = self.amount {
            check(amount.scale() <= limits::SCALE_MAX, Reject::AmountScale)?;
        }
        if let Some(reference) = self.reference {
            check(name::is_name(reference.source.as_bytes()), Reject::ReferenceName)?;
            check(name::is_event_id(reference.id), Reject::ReferenceName)?;
        }
        Ok(())
    }

    fn check_dims(&mut self) -> Result<(), Reject> {
        check(self.dims.len() <= limits::DIMS_MAX, Reject::TooManyDimensions)?;
        if !self.dims.is_sorted_by(|a, b| a.name <= b.name) {
            self.dims.sort_unstable_by(|a, b| a.name.cmp(b.name));
        }
        for (at, dim) in self.dims.iter().enumerate() {
            check(name::is_word(dim.name.as_bytes()), Reject::DimensionName)?;
            check(dim.value.len() <= limits::DIM_VALUE_BYTES_MAX, Reject::DimensionValue)?;
            check(at == 0 || self.dims[at - 1].name != dim.name, Reject::DuplicateDimension)?;
        }
        Ok(())
    }

    /// Appends the canonical bytes to `out`, leaving out the dimensions that `is_personal`
    /// names. Call [`Draft::check_envelope`] first: it sorts and bounds what is written here.
    pub fn encode(&self, operator: &str, is_personal: impl Fn(&str) -> bool, out: &mut Vec<u8>) {
        encode_head(operator, self.source, out);
        self.encode_rest(|at| !is_personal(self.dims[at].name), out);
    }

    /// Appends what stands behind [`encode_head`], with the dimensions at the places that `keep`
    /// names; says where its parts are in `out`.
    pub fn encode_rest(&self, keep: impl Fn(usize) -> bool, out: &mut Vec<u8>) -> Encoded {
        put(out, ID, &[self.id.as_bytes()]);
        let id_at = out.len() - self.id.len();
        put(out, KIND, &[self.kind.as_bytes()]);
        put(out, OCCURRED_AT, &[&self.occurred_at.to_le_bytes()]);
        if let Some(amount) = self.amount {
            let short = amount.canonical();
            put(out, AMOUNT, &[&short.coefficient().to_le_bytes(), &[short.scale()]]);
        }
        if let Some(asset) = self.asset {
            put(out, ASSET, &[asset.as_bytes()]);
        }
        let dims_at = out.len();
        for (_, dim) in self.dims.iter().enumerate().filter(|(at, _)| keep(*at)) {
            put(out, DIM, &[&[byte(dim.name.len())], dim.name.as_bytes(), dim.value.as_bytes()]);
        }
        let dims = dims_at..out.len();
        let mut reference_at = 0;
        if let Some(to) = self.reference {
            put(
                out,
                REFERENCE,
                &[&[byte(to.source.len())], to.source.as_bytes(), to.id.as_bytes()],
            );
            reference_at = out.len() - to.id.len();
        }
        Encoded { id_at, dims, reference_at }
    }
}

/// Appends what the canonical bytes of every event of a feed begin with.
pub fn encode_head(operator: &str, source: &str, out: &mut Vec<u8>) {
    out.push(CANONICAL_VERSION);
    put(out, OPERATOR, &[operator.as_bytes()]);
    put(out, SOURCE, &[source.as_bytes()]);
}

/// Where parts of a canonical event are in the buffer that it was appended to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// Where the id begins.
    pub id_at: usize,
    /// The fields of the dimensions.
    pub dims: Range<usize>,
    /// Where the id of the reference begins; 0 when there is none.
    pub reference_at: usize,
}

fn check(holds: bool, otherwise: Reject) -> Result<(), Reject> {
    if holds { Ok(()) } else { Err(otherwise) }
}

/// Lengths here were bounded by `check_envelope`; a longer one would be a bug, and saturates
/// into a record that does not decode rather than one that decodes to something else.
fn byte(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}

fn put(out: &mut Vec<u8>, tag: u8, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let length = u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes();
    out.extend_from_slice(&[tag, length[0], length[1]]);
    for part in parts {
        out.extend_from_slice(part);
    }
}

/// A canonical event, read in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventView<'a> {
    /// The operator whose event it is.
    pub operator: &'a str,
    /// The feed it came by.
    pub source: &'a str,
    /// Unique within the source.
    pub id: &'a str,
    /// What happened.
    pub kind: &'a str,
    /// When, nanoseconds UTC since 1970.
    pub occurred_at: i64,
    /// How much, without trailing zeros.
    pub amount: Option<Decimal>,
    /// Code of the asset.
    pub asset: Option<&'a str>,
    /// The event referred to.
    pub reference: Option<EventRef<'a>>,
    dims: &'a [u8],
}

/// Bytes that are not a canonical event v1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotCanonical;

impl std::fmt::Display for NotCanonical {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the bytes are not a canonical event of version 1")
    }
}

impl std::error::Error for NotCanonical {}

/// The fields of a canonical event as bytes: texts are not known to be UTF-8, and nothing was
/// looked at inside the dimensions but lengths. For whoever knows most of the values already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventFields<'a> {
    /// The operator whose event it is.
    pub operator: &'a [u8],
    /// The feed it came by.
    pub source: &'a [u8],
    /// Unique within the source.
    pub id: &'a [u8],
    /// What happened.
    pub kind: &'a [u8],
    /// When, nanoseconds UTC since 1970.
    pub occurred_at: i64,
    /// Coefficient and scale of the amount, which may have trailing zeros.
    pub amount: Option<(i128, u8)>,
    /// Code of the asset.
    pub asset: Option<&'a [u8]>,
    /// Source and id of the event referred to.
    pub reference: Option<(&'a [u8], &'a [u8])>,
    dims: &'a [u8],
}

impl<'a> EventFields<'a> {
    /// Takes canonical bytes apart; every byte must belong to a field.
    ///
    /// # Errors
    /// [`NotCanonical`] when order or lengths are wrong.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, NotCanonical> {
        let mut reader = Reader { rest: bytes };
        if reader.take(1)? != [CANONICAL_VERSION] {
            return Err(NotCanonical);
        }
        let operator = reader.field(OPERATOR)?;
        let source = reader.field(SOURCE)?;
        let id = reader.field(ID)?;
        let kind = reader.field(KIND)?;
        let occurred_at = reader.field(OCCURRED_AT)?.try_into().map_err(|_| NotCanonical)?;
        let amount = reader.optional(AMOUNT)?.map(coefficient).transpose()?;
        let asset = reader.optional(ASSET)?;
        let start = reader.rest;
        while let Some(field) = reader.optional(DIM)? {
            split_named(field)?;
        }
        let dims = &start[..start.len() - reader.rest.len()];
        let reference = reader.optional(REFERENCE)?.map(split_named).transpose()?;
        if !reader.rest.is_empty() {
            return Err(NotCanonical);
        }
        let occurred_at = i64::from_le_bytes(occurred_at);
        Ok(Self { operator, source, id, kind, occurred_at, amount, asset, reference, dims })
    }

    /// Name and value of each dimension, as they stand.
    pub fn dims(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        let mut reader = Reader { rest: self.dims };
        std::iter::from_fn(move || split_named(reader.optional(DIM).ok()??).ok())
    }
}

impl<'a> EventView<'a> {
    /// What reading the canonical bytes of a checked draft gives; `dims` are its encoded
    /// dimensions.
    pub fn of(draft: &Draft<'a>, operator: &'a str, dims: &'a [u8]) -> Self {
        Self {
            operator,
            source: draft.source,
            id: draft.id,
            kind: draft.kind,
            occurred_at: draft.occurred_at,
            amount: draft.amount.map(Decimal::canonical),
            asset: draft.asset,
            reference: draft.reference,
            dims,
        }
    }

    /// Reads canonical bytes; every byte must belong to a field.
    ///
    /// # Errors
    /// [`NotCanonical`] for anything that [`Draft::encode`] would not have written, as far as
    /// order, lengths and UTF-8 show.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, NotCanonical> {
        let fields = EventFields::decode(bytes)?;
        check_dims(fields.dims)?;
        let reference = match fields.reference {
            Some((source, id)) => Some(EventRef { source: text(source)?, id: text(id)? }),
            None => None,
        };
        Ok(Self {
            operator: text(fields.operator)?,
            source: text(fields.source)?,
            id: text(fields.id)?,
            kind: text(fields.kind)?,
            occurred_at: fields.occurred_at,
            amount: fields.amount.map(amount).transpose()?,
            asset: fields.asset.map(text).transpose()?,
            reference,
            dims: fields.dims,
        })
    }

    /// The dimensions, ascending by name.
    pub fn dims(&self) -> impl Iterator<Item = Dim<'a>> + use<'a> {
        let mut reader = Reader { rest: self.dims };
        std::iter::from_fn(move || {
            let field = reader.optional(DIM).ok()??;
            let (name, value) = split_named(field).ok()?;
            Some(Dim { name: text(name).ok()?, value: text(value).ok()? })
        })
    }

    /// The value of the dimension `name`.
    pub fn dim(&self, name: &str) -> Option<&'a str> {
        self.dims().find(|dim| dim.name == name).map(|dim| dim.value)
    }
}

fn text(bytes: &[u8]) -> Result<&str, NotCanonical> {
    std::str::from_utf8(bytes).map_err(|_| NotCanonical)
}

fn coefficient(bytes: &[u8]) -> Result<(i128, u8), NotCanonical> {
    let (coefficient, scale) = bytes.split_first_chunk::<16>().ok_or(NotCanonical)?;
    let &[scale] = scale else { return Err(NotCanonical) };
    Ok((i128::from_le_bytes(*coefficient), scale))
}

fn amount((coefficient, scale): (i128, u8)) -> Result<Decimal, NotCanonical> {
    if scale > limits::SCALE_MAX {
        return Err(NotCanonical);
    }
    let amount = Decimal::from_minor(coefficient, scale);
    let short = amount.canonical();
    if short.scale() == scale { Ok(short) } else { Err(NotCanonical) }
}

fn check_dims(fields: &[u8]) -> Result<(), NotCanonical> {
    let (mut reader, mut last, mut count) = (Reader { rest: fields }, None, 0);
    while let Some(field) = reader.optional(DIM)? {
        let (name, value) = split_named(field)?;
        text(value)?;
        text(name)?;
        count += 1;
        if last >= Some(name) || count > limits::DIMS_MAX {
            return Err(NotCanonical);
        }
        last = Some(name);
    }
    Ok(())
}

fn split_named(bytes: &[u8]) -> Result<(&[u8], &[u8]), NotCanonical> {
    let (&length, rest) = bytes.split_first().ok_or(NotCanonical)?;
    rest.split_at_checked(usize::from(length)).ok_or(NotCanonical)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], NotCanonical> {
        let (head, rest) = self.rest.split_at_checked(length).ok_or(NotCanonical)?;
        self.rest = rest;
        Ok(head)
    }

    fn field(&mut self, tag: u8) -> Result<&'a [u8], NotCanonical> {
        self.optional(tag)?.ok_or(NotCanonical)
    }

    fn optional(&mut self, tag: u8) -> Result<Option<&'a [u8]>, NotCanonical> {
        match self.rest {
            [found, low, high, rest @ ..] if *found == tag => {
                self.rest = rest;
                self.take(usize::from(u16::from_le_bytes([*low, *high]))).map(Some)
            }
            _ => Ok(None),
        }
    }
}
