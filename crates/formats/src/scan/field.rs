//! What both roads hand over: where each field's text lies, before anything is borrowed.

use ledger::Decimal;

/// A text in the line, or in the arena when it had escapes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    start: u32,
    end: u32,
    in_arena: bool,
}

impl Span {
    /// `start..end` of the line.
    pub(super) fn of_line(start: usize, end: usize) -> Option<Self> {
        Some(Self {
            start: u32::try_from(start).ok()?,
            end: u32::try_from(end).ok()?,
            in_arena: false,
        })
    }

    /// `start` to the end of the arena.
    pub(super) fn of_arena(start: usize, arena: &str) -> Option<Self> {
        Some(Self { in_arena: true, ..Self::of_line(start, arena.len())? })
    }

    /// The text itself.
    #[inline]
    pub(super) fn text<'a>(self, line: &'a str, arena: &'a str) -> &'a str {
        let (start, end) = (self.start as usize, self.end as usize);
        if self.in_arena { &arena[start..end] } else { &line[start..end] }
    }
}

/// The fields of one event; dimensions lie beside it.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) source: Option<Span>,
    pub(super) id: Option<Span>,
    pub(super) kind: Option<Span>,
    pub(super) occurred_at: Option<i64>,
    pub(super) amount: Option<Decimal>,
    pub(super) asset: Option<Span>,
    pub(super) ref_source: Option<Span>,
    pub(super) ref_id: Option<Span>,
}
