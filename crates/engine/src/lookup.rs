//! What the engine derives from compiled rules once per book revision, so that verifying and
//! posting an event looks nothing up by a slow way.

use ledger::Rules;
use ledger::rules::{DimId, KindId, PartyId, Reference, Segment, SourceId};
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

/// Rules with the tables derived from them.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// The rules.
    pub rules: Rules,
    shapes: Vec<Shape>,
    parties: HashMap<String, PartyId, Plain>,
    personal: Vec<String>,
}

/// What the accounts of a kind are made from.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// Dimensions that any of its templates uses, ascending.
    pub dims: Vec<DimId>,
    /// Whether any of its templates uses the source.
    pub source: bool,
    /// Whether it cancels another event.
    pub cancels: bool,
    /// The required dimensions that are not personal, one bit each.
    pub required: u128,
}

/// A plain hash of short names. Names in the table come from the book, so that nobody who sends
/// events can make them collide.
#[derive(Clone, Copy, Debug, Default)]
struct Plain;

impl BuildHasher for Plain {
    type Hasher = PlainHasher;

    fn build_hasher(&self) -> PlainHasher {
        PlainHasher(0x9E37_79B9_7F4A_7C15)
    }
}

struct PlainHasher(u64);

impl PlainHasher {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    }
}

impl Hasher for PlainHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.mix(u64::from_le_bytes(*word)));
        let mut last = 0;
        for byte in rest {
            last = last << 8 | u64::from(*byte);
        }
        self.mix(last ^ (bytes.len() as u64) << 56);
    }

    fn write_u8(&mut self, byte: u8) {
        // What ends a text; lengths are mixed in above.
        let _ = byte;
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

/// The bit of a dimension; a book declares at most 128.
pub fn dim_bit(dim: DimId) -> u128 {
    1u128.checked_shl(u32::from(dim)).unwrap_or(0)
}

impl Lookup {
    /// Derives the tables.
    pub fn new(rules: Rules) -> Self {
        let shapes = (0..rules.kinds.len()).map(|kind| shape(&rules, kind)).collect();
        let mut parties = HashMap::with_hasher(Plain);
        for (at, party) in rules.parties.iter().enumerate() {
            let id = PartyId::try_from(at).unwrap_or(PartyId::MAX);
            for spelling in std::iter::once(&party.name).chain(&party.aliases) {
                parties.insert(spelling.clone(), id);
            }
        }
        let personal = rules.dims.iter().filter(|dim| dim.personal);
        let personal = personal.map(|dim| dim.name.clone()).collect();
        Self { rules, shapes, parties, personal }
    }

    /// What the accounts of `kind` are made from.
    pub fn shape(&self, kind: KindId) -> &Shape {
        &self.shapes[usize::from(kind)]
    }

    /// The kind `name`: a book has few, and lengths tell most of them apart.
    pub fn kind(&self, name: &str) -> Option<KindId> {
        let at = self.rules.kinds.iter().position(|kind| kind.name == name)?;
        KindId::try_from(at).ok()
    }

    /// The party with this name or alias.
    pub fn party(&self, spelling: &str) -> Option<PartyId> {
        self.parties.get(spelling).copied()
    }

    /// Whether `source` may refer to events of the source named `other`.
    pub fn same_group(&self, source: SourceId, other: &str) -> bool {
        let sources = &self.rules.sources;
        let group = &sources[usize::from(source)].group;
        self.rules.source(other).is_some_and(|id| &sources[usize::from(id)].group == group)
    }

    /// Whether `name` is a declared personal dimension.
    pub fn is_personal(&self, name: &str) -> bool {
        self.personal.iter().any(|personal| personal == name)
    }
}

fn shape(rules: &Rules, kind: usize) -> Shape {
    let kind = &rules.kinds[kind];
    let mut shape =
        Shape { cancels: matches!(kind.reference, Reference::Cancels(_)), ..Shape::default() };
    for template in kind.legs.iter().flat_map(|leg| [leg.debit, leg.credit]) {
        for segment in &rules.templates[usize::from(template)].segments {
            match segment {
                Segment::Dim(dim) => shape.dims.push(*dim),
                Segment::Source => shape.source = true,
                Segment::Literal(_) | Segment::Kind => {}
            }
        }
    }
    for dim in &kind.dims_required {
        if !rules.dims[usize::from(*dim)].personal {
            shape.required |= dim_bit(*dim);
        }
    }
    shape.dims.sort_unstable();
    shape.dims.dedup();
    shape
}
