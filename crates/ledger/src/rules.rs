//! The compiled rules of one book revision: what the ledger needs to post an event.

use crate::account;
use crate::asset::Asset;
use crate::event::EventView;

/// Index of an asset in [`Rules::assets`].
pub type AssetId = u16;
/// Index of a dimension in [`Rules::dims`].
pub type DimId = u16;
/// Index of a kind in [`Rules::kinds`].
pub type KindId = u16;
/// Index of a party in [`Rules::parties`].
pub type PartyId = u16;
/// Index of a source in [`Rules::sources`].
pub type SourceId = u16;
/// Index of an account template in [`Rules::templates`].
pub type TemplateId = u16;

/// What one revision of a book says about events. All lists are sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Version of the meaning of rules; a binary supports every one it ever wrote.
    pub semantics: u16,
    /// Revision of the book, from 1.
    pub revision: u32,
    /// The operator that owns the book.
    pub operator: String,
    /// Sorted by code.
    pub assets: Vec<Asset>,
    /// Sorted by name.
    pub dims: Vec<Dimension>,
    /// Sorted by name.
    pub parties: Vec<Party>,
    /// Sorted by name.
    pub sources: Vec<Source>,
    /// Sorted by name.
    pub kinds: Vec<Kind>,
    /// In order of first use.
    pub templates: Vec<Template>,
}

/// A declared dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// Its name in events.
    pub name: String,
    /// Whether its values name people: they are replaced by pseudonyms before anything is kept.
    pub personal: bool,
    /// Whether its values name parties: they are resolved through names and aliases.
    pub party: bool,
}

/// A company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Its name in accounts.
    pub name: String,
    /// Every other spelling that sources use for it.
    pub aliases: Vec<String>,
}

/// A feed of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name in events.
    pub name: String,
    /// The party that sends it.
    pub party: Option<PartyId>,
    /// The kinds it may send; empty means every one.
    pub kinds: Vec<KindId>,
    /// Name of the group of sources that may refer to each other; its own name when alone.
    pub group: String,
    /// Earliest time it may report, nanoseconds UTC.
    pub earliest: i64,
    /// How far ahead of its receipt an event's time may lie, nanoseconds.
    pub ahead_nanos_max: i64,
}

/// Which amounts a kind may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// Above zero.
    Positive,
    /// Zero or above.
    NonNegative,
    /// Any; a negative amount is posted the other way round.
    Any,
}

/// What a kind's reference means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The kind has none.
    None,
    /// It may name an event of one of `kinds`; where it does, that must be there to post.
    Optional(Vec<KindId>),
    /// It must name an event of one of these kinds, which must be there to post.
    Required(Vec<KindId>),
    /// It cancels the whole of an event of one of these kinds.
    Cancels(Vec<KindId>),
}

/// An event kind and how it posts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name in events.
    pub name: String,
    /// Which amounts it may have.
    pub sign: Sign,
    /// What its reference means.
    pub reference: Reference,
    /// Dimensions that must be present, ascending.
    pub dims_required: Vec<DimId>,
    /// The postings it makes, each of the event's amount; empty for a cancel.
    pub legs: Vec<Leg>,
}

/// One posting of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Template of the account debited.
    pub debit: TemplateId,
    /// Template of the account credited.
    pub credit: TemplateId,
}

/// Whose time decides the bucket of a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimeBasis {
    /// The event's own.
    Occurred,
    /// That of the event it refers to, where it refers to one.
    Original,
}

/// A part of an account path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Fixed text.
    Literal(String),
    /// The value of a dimension; a party dimension gives the party's name.
    Dim(DimId),
    /// The source's name.
    Source,
    /// The kind's name.
    Kind,
}

/// How an account's path is made from an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// The parts between the colons.
    pub segments: Vec<Segment>,
    /// Whose time decides the bucket.
    pub basis: TimeBasis,
}

impl Rules {
    /// The asset with `code`.
    pub fn asset(&self, code: &str) -> Option<AssetId> {
        find(&self.assets, code, |asset| &asset.code)
    }

    /// The dimension `name`.
    pub fn dim(&self, name: &str) -> Option<DimId> {
        find(&self.dims, name, |dim| &dim.name)
    }

    /// The kind `name`.
    pub fn kind(&self, name: &str) -> Option<KindId> {
        find(&self.kinds, name, |kind| &kind.name)
    }

    /// The source `name`.
    pub fn source(&self, name: &str) -> Option<SourceId> {
        find(&self.sources, name, |source| &source.name)
    }

    /// The party with this name or alias.
    pub fn party(&self, spelling: &str) -> Option<PartyId> {
        find(&self.parties, spelling, |party| &party.name).or_else(|| {
            let at = self.parties.iter().position(|p| p.aliases.iter().any(|a| a == spelling))?;
            u16::try_from(at).ok()
        })
    }

    /// Appends the account path that `template` makes of `event` to `path`.
    ///
    /// Returns `None`, leaving `path` unfinished, when a dimension is missing or names no party.
    pub fn push_path(
        &self,
        template: TemplateId,
        event: &EventView<'_>,
        path: &mut String,
    ) -> Option<()> {
        for (at, segment) in self.templates[usize::from(template)].segments.iter().enumerate() {
            if at > 0 {
                path.push(':');
            }
            match segment {
                Segment::Literal(text) => path.push_str(text),
                Segment::Source => account::push_escaped(path, event.source),
                Segment::Kind => account::push_escaped(path, event.kind),
                Segment::Dim(dim) => {
                    let dimension = &self.dims[usize::from(*dim)];
                    let value = event.dim(&dimension.name)?;
                    if dimension.party {
                        let party = self.party(value)?;
                        account::push_escaped(path, &self.parties[usize::from(party)].name);
                    } else {
                        account::push_escaped(path, value);
                    }
                }
            }
        }
        Some(())
    }
}

fn find<T>(list: &[T], name: &str, of: impl Fn(&T) -> &String) -> Option<u16> {
    let at = list.binary_search_by(|item| of(item).as_str().cmp(name)).ok()?;
    u16::try_from(at).ok()
}
