//! Frames that were appended or read lately, for who fetches single records.

use super::envelope::ENVELOPE_BYTES;
use crate::limits::CACHE_BYTES_MAX;
use engine::port::frame::Head;
use engine::port::{Fetched, FrameView, Position};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A message that holds a frame.
pub(super) struct Whole {
    pub(super) head: Head,
    pub(super) bytes: Vec<u8>,
}

impl Whole {
    /// The parts of the frame.
    pub(super) fn view(&self) -> Option<FrameView<'_>> {
        self.head.view(self.bytes.get(ENVELOPE_BYTES..)?)
    }

    /// Copies the record at `position`; nothing when it is not in this frame.
    pub(super) fn copy(
        &self,
        position: Position,
        header: &mut Vec<u8>,
        record: &mut Vec<u8>,
    ) -> Option<Fetched> {
        let view = self.view()?;
        let at = usize::try_from(position.checked_sub(view.first)?).ok()?;
        let bytes = view.record(at)?;
        header.clear();
        header.extend_from_slice(view.header);
        record.clear();
        record.extend_from_slice(bytes);
        Some(Fetched { kind: view.kind, first: view.first })
    }
}

/// Frames by first position; the one that came first leaves first.
#[derive(Default)]
pub(super) struct Cache {
    frames: BTreeMap<Position, Arc<Whole>>,
    order: VecDeque<Position>,
    bytes: usize,
}

impl Cache {
    /// Keeps a frame.
    pub(super) fn put(&mut self, whole: Arc<Whole>) {
        let (first, bytes) = (whole.head.first, whole.bytes.len());
        if self.frames.insert(first, whole).is_some() {
            return;
        }
        self.order.push_back(first);
        self.bytes += bytes;
        while self.bytes > CACHE_BYTES_MAX {
            let Some(gone) = self.order.pop_front().and_then(|at| self.frames.remove(&at)) else {
                break;
            };
            self.bytes -= gone.bytes.len();
        }
    }

    /// The frame that holds `position`.
    pub(super) fn get(&self, position: Position) -> Option<Arc<Whole>> {
        let (first, whole) = self.frames.range(..=position).next_back()?;
        (position - first < u64::from(whole.head.count)).then(|| Arc::clone(whole))
    }
}
