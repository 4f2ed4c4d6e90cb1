//! The lines of a statement in blocks that add up.
//!
//! A statement works an amount out step by step, and a step may begin anew from what it finds: a
//! share *of* the net revenue replaces the net revenue. Each such beginning opens a block, whose
//! lines add up to the running amount at its end; only the last block adds up to what is payable.
//! Within a block, neighbours of one section make a group with a subtotal.

use crate::document::{Document, Effect, Row, Section};
use crate::error::PressError;
use settle::ledger::{Asset, Decimal};

/// Lines that add up.
#[derive(Debug)]
pub(crate) struct Block<'d> {
    pub(crate) asset: &'d Asset,
    pub(crate) groups: Vec<Group<'d>>,
    /// The sum of the counted lines.
    pub(crate) total: Decimal,
}

/// Neighbours of one section.
#[derive(Debug)]
pub(crate) struct Group<'d> {
    pub(crate) section: Section,
    pub(crate) items: Vec<Item<'d>>,
    /// The sum of the counted lines.
    pub(crate) subtotal: Decimal,
}

/// A line and what its amount is in the block.
#[derive(Debug)]
pub(crate) struct Item<'d> {
    pub(crate) row: &'d Row,
    pub(crate) part: Part,
}

/// What a line's amount is in its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// It counts, with this sign.
    Counts(Decimal),
    /// It is stated beside.
    Stated(Decimal),
    /// It states what the block has come to so far.
    Reached(Decimal),
    /// The line has no figure.
    None,
}

impl Group<'_> {
    /// How many lines count.
    pub(crate) fn counted(&self) -> usize {
        self.items.iter().filter(|item| matches!(item.part, Part::Counts(_))).count()
    }
}

/// Which lines there are in blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Every line.
    All,
    /// All but those of zero that change nothing: a limit that was not reached, a rounding of
    /// nothing.
    Telling,
}

/// The blocks of a document, checked: each adds up to the running amounts that its lines state,
/// the last one to what is payable.
pub(crate) fn of(document: &Document, which: Which) -> Result<Vec<Block<'_>>, PressError> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for rows in cut(&document.rows) {
        blocks.push(block(rows, &document.asset, which)?);
    }
    let reached = blocks.last().map_or(Decimal::ZERO, |block| block.total);
    if reached != document.payable {
        return Err(PressError::NotAddingUp { at: document.id.clone() });
    }
    Ok(blocks)
}

/// Cuts before every line that begins anew, and before what belongs to its step.
fn cut(rows: &[Row]) -> Vec<&[Row]> {
    let mut starts = vec![0];
    let mut counted = false;
    for (at, row) in rows.iter().enumerate() {
        if row.effect == Effect::Set && row.amount.is_some() && counted {
            let own = |before: &&Row| {
                before.effect == Effect::Keep
                    && (is_part(before, row) || before.kind == "select" || before.amount.is_none())
            };
            let parts = rows[..at].iter().rev().take_while(own).count();
            starts.push(at - parts);
        }
        counted |= row.effect != Effect::Keep;
    }
    starts.push(rows.len());
    starts.windows(2).map(|pair| &rows[pair[0]..pair[1]]).filter(|rows| !rows.is_empty()).collect()
}

/// Whether `part` is of the step whose own line is `row`.
fn is_part(part: &Row, row: &Row) -> bool {
    part.id.strip_prefix(&row.id).is_some_and(|rest| rest.starts_with('/'))
}

fn block<'d>(
    rows: &'d [Row],
    settled_in: &'d Asset,
    which: Which,
) -> Result<Block<'d>, PressError> {
    let asset = rows.iter().find(|row| row.effect != Effect::Keep).map(|row| &row.asset);
    let mut block =
        Block { asset: asset.unwrap_or(settled_in), groups: Vec::new(), total: Decimal::ZERO };
    for row in rows {
        let wrong = || PressError::NotAddingUp { at: row.id.clone() };
        let part = part(row, &block).ok_or_else(wrong)?;
        if which == Which::Telling && is_idle(row) {
            continue;
        }
        let item = Item { row, part };
        let is_same = |group: &&mut Group<'_>| group.section == row.section;
        let stays = matches!(part, Part::Reached(_) | Part::Stated(_));
        let joins = block.groups.last_mut().filter(|group| stays || is_same(group));
        let group = match joins {
            Some(group) => group,
            None => {
                let (items, subtotal) = (Vec::new(), Decimal::ZERO);
                block.groups.push(Group { section: row.section, items, subtotal });
                block.groups.last_mut().ok_or_else(wrong)?
            }
        };
        if let Part::Counts(amount) = part {
            group.subtotal = group.subtotal.checked_add(amount).map_err(|_| wrong())?;
            block.total = block.total.checked_add(amount).map_err(|_| wrong())?;
            if block.total != row.running {
                return Err(wrong());
            }
        }
        group.items.push(item);
    }
    Ok(block)
}

fn part(row: &Row, block: &Block<'_>) -> Option<Part> {
    let Some(amount) = row.amount else { return Some(Part::None) };
    let any = block.groups.iter().any(|group| group.counted() > 0);
    Some(match row.effect {
        Effect::Set | Effect::Add => Part::Counts(amount),
        Effect::Subtract => Part::Counts(amount.checked_neg().ok()?),
        Effect::Keep if is_balance(row) && any && amount == block.total => Part::Reached(amount),
        Effect::Keep => Part::Stated(amount),
    })
}

fn is_balance(row: &Row) -> bool {
    matches!(row.kind.as_str(), "result" | "total")
}

/// Whether the line states nothing.
fn is_idle(row: &Row) -> bool {
    let idle = ["excess", "floor", "forgone", "round", "band", "top-up", "held-back"];
    row.amount.is_some_and(Decimal::is_zero) && idle.contains(&row.kind.as_str())
}
