//! Receipts: what an operator signs when it has taken events in, at once and for good, so that
//! whoever sent them can show later that they were there.
//!
//! Events that were made durable together share one signature: a tree of RFC 6962 over their
//! receipts, whose head is a signed note. Each answer has the way from its own leaf to that root.
//!
//! ```text
//! leaf data of an event          = 01, content hash, id
//! leaf data of a range of rows   = 02, count u64, root of the tree over their leaves
//! leaf data of a row that is no event = 03, SHA-256 of its record in the Log
//! note = saldo.receipts.v1
//!        <operator>/<source>
//!        <leaves of the tree in decimal>
//!        <root in base64>
//!        <received at, nanoseconds UTC in decimal>
//!        <latest inclusion, nanoseconds UTC in decimal>
//! ```
//! Its first two lines are those of no checkpoint, so that neither is ever taken for the other.
//! Latest inclusion is the time by which the events are in the stream's tree, posted, waiting or
//! quarantined, so that an operator who lost one can be held to its word.

mod file;

use thiserror::Error;

use crate::digest::{leaf_hash, leaf_hashes, node_hashes};
use crate::file::FileError;
use crate::note::{NoteError, SignedNote, SigningKey, VerifierKey};
use crate::placement::keys_of;
use crate::tree::empty_root;
use crate::{Hash, ProofError, verify_inclusion};

const TITLE: &str = "saldo.receipts.v1";
const EVENT: u8 = 1;
const RANGE: u8 = 2;
const ROW: u8 = 3;

/// What was taken in as one record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Entry {
    /// An event.
    Event {
        /// Its id.
        id: String,
        /// [`crate::digest::content_hash`] of its canonical bytes.
        content_hash: Hash,
    },
    /// A row that is no event: it is kept in quarantine.
    Row {
        /// SHA-256 of its record in the Log, as in its leaf of the stream's tree.
        record_hash: Hash,
    },
}

/// What a signed head says of the records taken in together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Head {
    /// The operator.
    pub operator: String,
    /// The feed.
    pub source: String,
    /// Leaves of the tree.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// When they were received, nanoseconds UTC.
    pub received_at: i64,
    /// By when they are in the stream's tree, nanoseconds UTC.
    pub include_by: i64,
}

/// A range of rows that came in one request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Range {
    /// How many rows.
    pub count: u64,
    /// Root of the tree over their leaves, in the order sent.
    pub root: Hash,
}

/// One row of a range, and the way from it to the range's root.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Member {
    /// Its place in the range, from 0.
    pub at: u64,
    /// From the row up.
    pub path: Vec<Hash>,
}

/// A receipt: of one record, of a range of rows, or of one row of a range.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Receipt {
    /// The record; none where it is of a whole range.
    pub entry: Option<Entry>,
    /// The range; none where the record came alone.
    pub range: Option<Range>,
    /// Where the record is in the range; only where there are both.
    pub member: Option<Member>,
    /// The leaf's place in the signed tree.
    pub index: u64,
    /// From the leaf up to the signed root.
    pub path: Vec<Hash>,
    /// The signed head.
    pub note: String,
}

/// What a receipt shows once it was checked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Facts {
    /// What was signed.
    pub head: Head,
    /// Names of the keys that signed it, each with the hash that stands for the key.
    pub signers: Vec<(String, u32)>,
}

/// Why a receipt shows nothing.
#[derive(Clone, Debug, Eq, PartialEq, Error)]
pub enum ReceiptError {
    /// `E6050`, `E6051`
    #[error(transparent)]
    File(#[from] FileError),
    /// `E6096`
    #[error("the note is not the head of receipts")]
    Head,
    /// `E6030` to `E6036`
    #[error("the note of the receipt cannot be trusted")]
    Note(#[from] NoteError),
    /// `E6010` to `E6013`
    #[error("the record is not shown to be among those received")]
    Inclusion(#[from] ProofError),
    /// `E6097`
    #[error("the events given are not those of the receipt")]
    OtherEvents,
}

impl ReceiptError {
    /// The stable code: that of the cause, where there is one.
    pub fn code(&self) -> &'static str {
        match self {
            Self::File(file) => file.code(),
            Self::Head => "E6096",
            Self::Note(note) => note.code(),
            Self::Inclusion(proof) => proof.code(),
            Self::OtherEvents => "E6097",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        crate::codes::hint(self.code())
    }
}

impl Entry {
    /// Its leaf.
    pub fn leaf(&self) -> Hash {
        let mut data = Vec::new();
        match self {
            Self::Event { id, content_hash } => push_event(&mut data, id.as_bytes(), content_hash),
            Self::Row { record_hash } => push_row(&mut data, record_hash),
        }
        leaf_hash(&data)
    }
}

/// Appends the leaf data of an event.
pub fn push_event(out: &mut Vec<u8>, id: &[u8], content_hash: &Hash) {
    out.push(EVENT);
    out.extend_from_slice(&content_hash.0);
    out.extend_from_slice(id);
}

/// Appends the leaf data of a row that is no event.
pub fn push_row(out: &mut Vec<u8>, record_hash: &Hash) {
    out.push(ROW);
    out.extend_from_slice(&record_hash.0);
}

impl Range {
    /// Its leaf.
    pub fn leaf(&self) -> Hash {
        let mut data = vec![RANGE];
        data.extend_from_slice(&self.count.to_le_bytes());
        data.extend_from_slice(&self.root.0);
        leaf_hash(&data)
    }
}

impl Head {
    fn text(&self) -> String {
        let Self { operator, source, size, root, received_at, include_by } = self;
        let root = root.to_base64();
        format!("{TITLE}\n{operator}/{source}\n{size}\n{root}\n{received_at}\n{include_by}\n")
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_prefix(TITLE)?.strip_prefix('\n')?.split('\n');
        let (operator, source) = lines.next()?.split_once('/')?;
        let head = Self {
            operator: operator.to_owned(),
            source: source.to_owned(),
            size: lines.next()?.parse().ok()?,
            root: Hash::from_base64(lines.next()?).ok()?,
            received_at: lines.next()?.parse().ok()?,
            include_by: lines.next()?.parse().ok()?,
        };
        // One spelling: nothing is passed over, and numbers have neither sign nor leading zeros.
        (head.text() == text).then_some(head)
    }
}

/// Signs a head: the note that every receipt under it carries.
///
/// # Errors
/// [`NoteError`] where a name cannot stand in a note.
pub fn sign(head: &Head, key: &SigningKey) -> Result<String, NoteError> {
    Ok(SignedNote::sign(&head.text(), &[key])?.to_string())
}

/// A small tree, whole in memory: for roots and paths of what is received together.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// From the leaves up to the root.
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// The tree over leaf hashes.
    pub fn new(leaves: Vec<Hash>) -> Self {
        let mut levels = vec![leaves];
        while let Some(level) = levels.last().filter(|level| level.len() > 1) {
            let (pairs, odd) = level.as_chunks::<2>();
            let mut above = Vec::with_capacity(pairs.len() + 1);
            let two: Vec<(Hash, Hash)> = pairs.iter().map(|[a, b]| (*a, *b)).collect();
            node_hashes(&two, &mut above);
            above.extend_from_slice(odd);
            levels.push(above);
        }
        Self { levels }
    }

    /// The tree over leaf data.
    pub fn of_data(data: &[&[u8]]) -> Self {
        let mut leaves = Vec::with_capacity(data.len());
        leaf_hashes(data, &mut leaves);
        Self::new(leaves)
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// The root.
    pub fn root(&self) -> Hash {
        self.levels.last().and_then(|level| level.first()).copied().unwrap_or_else(empty_root)
    }

    /// From the leaf at `index` up to the root.
    pub fn path(&self, index: u64) -> Vec<Hash> {
        let (mut at, mut path) = (usize::try_from(index).unwrap_or(usize::MAX), Vec::new());
        for level in &self.levels {
            path.extend(level.get(at ^ 1));
            at /= 2;
        }
        path
    }
}

impl Receipt {
    /// Whether the operator, by one of `keys` named `<operator>` or `<operator>/…`, signed that it
    /// received this.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn check(&self, keys: &[VerifierKey]) -> Result<Facts, ReceiptError> {
        let note = SignedNote::parse(self.note.as_bytes())?;
        let head = Head::parse(note.text()).ok_or(ReceiptError::Head)?;
        let known = keys_of(&head.operator, keys);
        let signers = note.verify(&known)?;
        let signer =
            |key: &&VerifierKey| (key.name().to_owned(), u32::from_be_bytes(key.key_hash()));
        let leaf = match (&self.entry, &self.range, &self.member) {
            (Some(entry), None, None) => entry.leaf(),
            (None, Some(range), None) => range.leaf(),
            (Some(entry), Some(range), Some(Member { at, path })) => {
                verify_inclusion(*at, range.count, entry.leaf(), path, range.root)?;
                range.leaf()
            }
            _ => return Err(crate::file::malformed("it is of nothing").into()),
        };
        verify_inclusion(self.index, head.size, leaf, &self.path, head.root)?;
        Ok(Facts { signers: signers.iter().map(signer).collect(), head })
    }

    /// Whether these entries, in the order sent, are what it is of.
    ///
    /// # Errors
    /// [`ReceiptError::OtherEvents`].
    pub fn is_of(&self, entries: &[Entry]) -> Result<(), ReceiptError> {
        let same = match (&self.entry, &self.range) {
            (Some(own), _) => entries.contains(own),
            (None, Some(range)) => {
                let tree = Tree::new(entries.iter().map(Entry::leaf).collect());
                (tree.size(), tree.root()) == (range.count, range.root)
            }
            (None, None) => false,
        };
        if same { Ok(()) } else { Err(ReceiptError::OtherEvents) }
    }
}
