//! The tree over an operator's stream heads: one root that stands for all of its streams.
//!
//! The leaves are the heads sorted by the bytes of their origin. A head's leaf data, version 1:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | `01` |
//! | 2 | length of the origin, little-endian |
//! | … | origin, `<operator>/<source>` |
//! | 8 | size of the stream's tree, little-endian |
//! | 32 | root of the stream's tree |

use thiserror::Error;

use crate::bytes::Reader;
use crate::digest::{leaf_hash, leaf_hashes};
use crate::tree::{Frontier, MemoryTiles};
use crate::{Hash, ProofError, inclusion_proof, verify_inclusion};

const VERSION: u8 = 1;

/// Longest origin of a head, in bytes: what its length field can say.
pub const ORIGIN_BYTES_MAX: usize = u16::MAX as usize;

/// Where one stream's tree stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Head {
    /// `<operator>/<source>`.
    pub origin: String,
    /// Leaves of the stream's tree.
    pub size: u64,
    /// Root of the stream's tree.
    pub root: Hash,
}

/// Heads that make no tree, or bytes that make no head.
#[derive(Clone, Debug, Eq, PartialEq, Error)]
pub enum HeadsError {
    /// `E6020`
    #[error("the origin {0:?} has two heads")]
    TwoHeads(String),
    /// `E6021`
    #[error("an origin of {0} bytes is longer than 65535")]
    OriginTooLong(usize),
    /// `E6022`
    #[error("these bytes are not a stream head of a known version")]
    Malformed,
}

impl HeadsError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TwoHeads(_) => "E6020",
            Self::OriginTooLong(_) => "E6021",
            Self::Malformed => "E6022",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        crate::codes::hint(self.code())
    }
}

impl Head {
    /// Appends the leaf data of version 1.
    pub fn encode_into(&self, out: &mut Vec<u8>) -> Result<(), HeadsError> {
        let length = u16::try_from(self.origin.len())
            .map_err(|_| HeadsError::OriginTooLong(self.origin.len()))?;
        out.push(VERSION);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(self.origin.as_bytes());
        out.extend_from_slice(&self.size.to_le_bytes());
        out.extend_from_slice(&self.root.0);
        Ok(())
    }

    /// Reads exactly one head's leaf data.
    pub fn decode(bytes: &[u8]) -> Result<Self, HeadsError> {
        let mut reader = Reader::new(bytes);
        let head = Self::read(&mut reader).ok_or(HeadsError::Malformed)?;
        if reader.is_empty() { Ok(head) } else { Err(HeadsError::Malformed) }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        if reader.u8()? != VERSION {
            return None;
        }
        let length = reader.u16()?;
        let origin = str::from_utf8(reader.slice(length.into())?).ok()?.to_owned();
        Some(Self { origin, size: reader.u64()?, root: reader.hash()? })
    }

    /// The leaf hash.
    pub fn leaf(&self) -> Result<Hash, HeadsError> {
        let mut data = Vec::with_capacity(43 + self.origin.len());
        self.encode_into(&mut data)?;
        Ok(leaf_hash(&data))
    }
}

/// The tree over all heads of one operator at one moment.
#[derive(Clone, Debug)]
pub struct HeadsTree {
    heads: Vec<Head>,
    frontier: Frontier,
    tiles: MemoryTiles,
}

/// That a head is in a tree of heads with a known size and root.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HeadProof {
    /// The head's place among the sorted heads.
    pub index: u64,
    /// From the head up to the root.
    pub hashes: Vec<Hash>,
}

impl HeadsTree {
    /// Sorts the heads by origin and builds their tree. No two may share an origin.
    pub fn new(mut heads: Vec<Head>) -> Result<Self, HeadsError> {
        heads.sort_by(|a, b| a.origin.as_bytes().cmp(b.origin.as_bytes()));
        if let Some(two) = heads.windows(2).find(|two| two[0].origin == two[1].origin) {
            return Err(HeadsError::TwoHeads(two[0].origin.clone()));
        }
        let mut datas = Vec::with_capacity(heads.len());
        for head in &heads {
            let mut data = Vec::new();
            head.encode_into(&mut data)?;
            datas.push(data);
        }
        let datas: Vec<&[u8]> = datas.iter().map(Vec::as_slice).collect();
        let mut leaves = Vec::new();
        leaf_hashes(&datas, &mut leaves);
        let (mut frontier, mut tiles) = (Frontier::new(), MemoryTiles::default());
        frontier.append_many(&leaves, &mut tiles);
        Ok(Self { heads, frontier, tiles })
    }

    /// The heads, sorted by origin.
    pub fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// How many heads.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root over all heads.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// The head of an origin, and the proof that it is in this tree; `None` where it has none.
    pub fn prove(&self, origin: &str) -> Option<(&Head, HeadProof)> {
        let place = self
            .heads
            .binary_search_by(|head| head.origin.as_bytes().cmp(origin.as_bytes()))
            .ok()?;
        let index = place as u64;
        let hashes = inclusion_proof(index, self.size(), &self.frontier.over(&self.tiles)).ok()?;
        Some((&self.heads[place], HeadProof { index, hashes }))
    }
}

impl HeadProof {
    /// Whether `head` is in the tree of `size` heads with this root.
    pub fn verify(&self, head: &Head, size: u64, root: Hash) -> Result<(), ProofError> {
        // A head that cannot be encoded was in no tree.
        let leaf = head.leaf().map_err(|_| ProofError::RootMismatch)?;
        verify_inclusion(self.index, size, leaf, &self.hashes, root)
    }
}
