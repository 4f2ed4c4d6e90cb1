//! The native event shape, one JSON object to a line, read to a draft without copying.
//!
//! Three roads: [`layout`] compares what lines of one feed have in common; [`fast`] knows the
//! declared shape and gives up on whatever it does not expect; [`slow`] is a full JSON parser and
//! has the last word, so that every refusal and every reason comes from there. A property holds
//! them together: what the faster roads read, the slow one reads alike.

mod fast;
mod field;
mod layout;
mod slow;
#[cfg(test)]
mod tests;
pub(crate) mod text;

use crate::failure::Failure;
use field::{Fields, Span};
use layout::Layouts;
use ledger::{Dim, Draft, EventRef};

/// Deepest nesting inside `meta`: it is stored, shown and searched as a tree.
pub const META_DEPTH_MAX: usize = 32;

/// Reads lines to drafts; its buffers are reused, so that an event costs no allocation.
#[derive(Debug, Default)]
pub struct Scanner {
    arena: String,
    dims: Vec<(Span, Span)>,
    layouts: Layouts,
}

impl Scanner {
    /// Reads one line into `draft`, which then borrows from `line` and from the scanner.
    ///
    /// `default_source` is the source that the ingest names: lines may leave `source` out, and
    /// may not name another one. When it is empty each line must name its source.
    /// The dimensions of `draft` are cleared first; take drafts from [`Spare`] to keep their
    /// buffer from one line to the next.
    ///
    /// # Errors
    /// [`Failure`] of the envelope stage when the line is not JSON, of the schema stage when it
    /// is not an event. `draft` is then of no use.
    pub fn scan<'a>(
        &'a mut self,
        line: &'a [u8],
        default_source: &'a str,
        draft: &mut Draft<'a>,
    ) -> Result<(), Failure> {
        let Ok(text) = std::str::from_utf8(line) else {
            return Err(Failure::unreadable("the line is not UTF-8"));
        };
        self.clear();
        if let Some(fields) = self.layouts.read(text, &mut self.dims) {
            return self.fill(&fields, text, default_source, draft);
        }
        self.clear();
        let fields = if let Some(fields) = fast::read(text, &mut self.arena, &mut self.dims) {
            self.layouts.learn(text);
            fields
        } else {
            self.clear();
            slow::read(text, &mut self.arena, &mut self.dims)?
        };
        self.fill(&fields, text, default_source, draft)
    }

    /// [`Scanner::scan`] by the slow road alone: the measure of the fast one in tests.
    ///
    /// # Errors
    /// As [`Scanner::scan`].
    #[doc(hidden)]
    pub fn scan_slowly<'a>(
        &'a mut self,
        line: &'a [u8],
        default_source: &'a str,
        draft: &mut Draft<'a>,
    ) -> Result<(), Failure> {
        let Ok(text) = std::str::from_utf8(line) else {
            return Err(Failure::unreadable("the line is not UTF-8"));
        };
        self.clear();
        let fields = slow::read(text, &mut self.arena, &mut self.dims)?;
        self.fill(&fields, text, default_source, draft)
    }

    fn clear(&mut self) {
        self.arena.clear();
        self.dims.clear();
    }

    fn fill<'a>(
        &'a self,
        fields: &Fields,
        line: &'a str,
        default_source: &'a str,
        draft: &mut Draft<'a>,
    ) -> Result<(), Failure> {
        let text = |span: Span| span.text(line, &self.arena);
        draft.source = match fields.source.map(text) {
            Some(source) if default_source.is_empty() || source == default_source => source,
            Some(_) => {
                return Err(Failure::form("`source` names another source than the ingest does"));
            }
            None if default_source.is_empty() => return Err(missing("source")),
            None => default_source,
        };
        draft.id = fields.id.map(text).ok_or_else(|| missing("id"))?;
        draft.kind = fields.kind.map(text).ok_or_else(|| missing("kind"))?;
        draft.occurred_at = fields.occurred_at.ok_or_else(|| missing("occurred_at"))?;
        draft.amount = fields.amount;
        draft.asset = fields.asset.map(text);
        draft.reference = fields.ref_id.map(|id| EventRef {
            source: fields.ref_source.map_or(draft.source, text),
            id: text(id),
        });
        draft.dims.clear();
        let dims = self.dims.iter();
        draft.dims.extend(dims.map(|(name, value)| Dim { name: text(*name), value: text(*value) }));
        Ok(())
    }
}

fn missing(field: &str) -> Failure {
    Failure::missing(format!("the field `{field}` is missing"))
}

/// Keeps the buffer of a draft's dimensions while no draft is alive.
///
/// A `Vec` of borrowed dimensions cannot outlive the line it borrows from, but its empty buffer
/// can: it is handed from draft to draft here.
#[derive(Debug, Default)]
pub struct Spare {
    dims: Vec<Dim<'static>>,
}

impl Spare {
    /// An empty draft with the kept buffer.
    pub fn take<'a>(&mut self) -> Draft<'a> {
        Draft { dims: std::mem::take(&mut self.dims), ..Draft::default() }
    }

    /// Takes the buffer of a draft that is no longer needed.
    pub fn put(&mut self, draft: Draft<'_>) {
        let mut dims = draft.dims;
        dims.clear();
        // Collecting an emptied vector into one of the same layout keeps the allocation.
        self.dims = dims.into_iter().map(|_| Dim { name: "", value: "" }).collect();
    }
}
