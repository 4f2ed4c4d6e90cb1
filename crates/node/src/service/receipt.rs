//! Receipts of what was taken in: one tree and one signature for all deliveries of a frame, made
//! by the first task that asks, shared by the others.
//!
//! A row that came alone is a leaf; rows that came together are one leaf, the range of them. What
//! came into several frames is signed by itself: it is large, and one signature more is nothing.

use super::{Part, Service, Taken};
use crate::NodeError;
use engine::Prepared;
use proof::Hash;
use proof::note::SigningKey;
use proof::receipt::{Entry, Head, Member, Range, Receipt, Tree, push_event, push_row, sign};
use std::fmt;
use std::ops::Range as Span;
use std::sync::{Arc, OnceLock};

/// How long after receipt an event is in its stream's tree at the latest. In truth it takes
/// milliseconds; a day leaves time to restore an operator from its Log, and is what RFC 6962 logs
/// promise.
pub const INCLUSION_NANOS: i64 = 86_400_000_000_000;

/// The receipts of one frame, made when they are first asked for.
pub struct Receipts {
    /// The rows of each delivery, in the order in which they stand in the frame.
    deliveries: Vec<Span<usize>>,
    key: Arc<SigningKey>,
    made: OnceLock<Result<Made, String>>,
}

/// A frame's tree over its deliveries, signed.
struct Made {
    tree: Tree,
    /// Of each delivery that has several rows.
    ranges: Vec<Option<Range>>,
    note: String,
}

impl Receipts {
    pub(crate) fn new(deliveries: Vec<Span<usize>>, key: Arc<SigningKey>) -> Self {
        Self { deliveries, key, made: OnceLock::new() }
    }

    fn made(&self, frame: &Prepared) -> Result<&Made, NodeError> {
        let made = self.made.get_or_init(|| self.make(frame).map_err(|error| error.to_string()));
        made.as_ref().map_err(|what| NodeError::said(crate::code::SYSTEM, what.clone()))
    }

    fn make(&self, frame: &Prepared) -> Result<Made, NodeError> {
        let (mut leaves, mut ranges) = (Vec::new(), Vec::new());
        for rows in &self.deliveries {
            if rows.len() == 1 {
                leaves.push(entry(frame, rows.start).leaf());
                ranges.push(None);
            } else {
                let range = range(&Data::of(frame, rows.clone()).tree());
                leaves.push(range.leaf());
                ranges.push(Some(range));
            }
        }
        let tree = Tree::new(leaves);
        let note = head(frame, &tree, &self.key, frame.header.received_at)?;
        Ok(Made { tree, ranges, note })
    }
}

impl fmt::Debug for Receipts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipts").field("deliveries", &self.deliveries).finish_non_exhaustive()
    }
}

fn range(tree: &Tree) -> Range {
    Range { count: tree.size(), root: tree.root() }
}

/// The record at a place of a frame, as receipts tell it; a row that is no event has no id.
fn entry(frame: &Prepared, at: usize) -> Entry {
    let (id, hash) = (frame.id(at), frame.contents.get(at).copied().unwrap_or(Hash([0; 32])));
    if id.is_empty() {
        return Entry::Row { record_hash: hash };
    }
    Entry::Event { id: String::from_utf8_lossy(id).into_owned(), content_hash: hash }
}

/// Leaf data of many rows, one behind the other.
#[derive(Default)]
struct Data {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Data {
    fn of(frame: &Prepared, rows: Span<usize>) -> Self {
        let mut data = Self::default();
        data.add(frame, rows);
        data
    }

    fn add(&mut self, frame: &Prepared, rows: Span<usize>) {
        for (hash, at) in frame.contents[rows.clone()].iter().zip(rows) {
            match frame.id(at) {
                [] => push_row(&mut self.bytes, hash),
                id => push_event(&mut self.bytes, id, hash),
            }
            self.ends.push(self.bytes.len());
        }
    }

    fn tree(&self) -> Tree {
        let mut start = 0;
        let each = self.ends.iter().map(|end| {
            let data = &self.bytes[start..*end];
            start = *end;
            data
        });
        Tree::of_data(&each.collect::<Vec<_>>())
    }
}

fn head(
    frame: &Prepared,
    tree: &Tree,
    key: &SigningKey,
    received_at: i64,
) -> Result<String, NodeError> {
    let head = Head {
        operator: frame.header.operator.clone(),
        source: frame.header.source.clone(),
        size: tree.size(),
        root: tree.root(),
        received_at,
        include_by: received_at.saturating_add(INCLUSION_NANOS),
    };
    sign(&head, key).map_err(|error| NodeError::said(crate::code::BAD_NAME, error.to_string()))
}

impl Service {
    /// The receipt of what was taken in together: of the event that came alone, else of the range
    /// of its rows; none where there was no row.
    ///
    /// # Errors
    /// [`crate::code::BAD_NAME`] where the operator's name cannot stand in a note.
    pub fn receipt(&self, taken: &Taken) -> Result<Option<Receipt>, NodeError> {
        let (range, note, index, path) = match taken.parts.as_slice() {
            [] => return Ok(None),
            [Part { frame, receipts, delivery, .. }] => {
                let Made { tree, ranges, note } = receipts.made(frame)?;
                let index = *delivery as u64;
                let range = ranges.get(*delivery).copied().flatten();
                (range, note.clone(), index, tree.path(index))
            }
            parts => {
                let received = parts.iter().map(|part| part.frame.header.received_at).max();
                let range = range(&whole(taken));
                let (tree, key) = (Tree::new(vec![range.leaf()]), self.shared.signing());
                let note = head(&parts[0].frame, &tree, &key, received.unwrap_or(0))?;
                (Some(range), note, 0, Vec::new())
            }
        };
        let alone = taken.parts.first().filter(|_| range.is_none());
        let entry = alone.map(|part| entry(&part.frame, part.records.start));
        Ok(Some(Receipt { entry, range, member: None, index, path, note }))
    }

    /// A receipt of every row, in the order sent.
    ///
    /// # Errors
    /// As [`Service::receipt`].
    pub fn receipts(&self, taken: &Taken) -> Result<Vec<Receipt>, NodeError> {
        let Some(together) = self.receipt(taken)? else { return Ok(Vec::new()) };
        if together.entry.is_some() {
            return Ok(vec![together]);
        }
        let tree = whole(taken);
        let mut receipts = Vec::with_capacity(usize::try_from(tree.size()).unwrap_or(0));
        for part in &taken.parts {
            for record in part.records.clone() {
                let at = receipts.len() as u64;
                let member = Some(Member { at, path: tree.path(at) });
                let entry = Some(entry(&part.frame, record));
                receipts.push(Receipt { entry, member, ..together.clone() });
            }
        }
        Ok(receipts)
    }
}

/// The tree over all rows of a delivery.
fn whole(taken: &Taken) -> Tree {
    let mut data = Data::default();
    for part in &taken.parts {
        data.add(&part.frame, part.records.clone());
    }
    data.tree()
}
