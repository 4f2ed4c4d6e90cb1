//! Legal holds: placed and lifted by a named person with a reason. While one stands, no road
//! deletes the raw rows that it covers: not the end of retention, not the erasure of a person.

use crate::clock::{day_of, parse_time};
use crate::session::Session;
use crate::{NodeError, code, keys};
use engine::legal_hold::{LegalHold, RecordedHold};
use engine::port::RawStore;
use engine::query::scan::hex;
use engine::{Command, Engine};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// Longest name of whoever orders a hold, and longest reason, in bytes.
const TEXT_BYTES_MAX: usize = 1000;

/// What is to be held, why, and who says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewHold {
    /// The party whose rows are held.
    pub party: Option<String>,
    /// The source whose rows are held.
    pub source: Option<String>,
    /// The first day of receipt that is held: `2026-03-01`.
    pub from: Option<String>,
    /// The last one.
    pub to: Option<String>,
    /// The person who orders it.
    pub ordered_by: String,
    /// Why.
    pub reason: String,
}

/// Places a hold under the name of [`Session::author`]: its id, and the command's position.
///
/// # Errors
/// [`code::BAD_HOLD`]; a failing port.
pub fn place(session: &mut Session, new: &NewHold) -> Result<(String, u64), NodeError> {
    let bad = |what: String| Err(NodeError::said(code::BAD_HOLD, what));
    check_words(&new.ordered_by, &new.reason)?;
    if [&new.party, &new.source, &new.from, &new.to].iter().all(|part| part.is_none()) {
        return bad("it is on a party, a source, or days".to_owned());
    }
    let rules = &session.operator.engine.lookup()?.rules;
    if let Some(party) = &new.party
        && !rules.parties.iter().any(|known| &known.name == party)
    {
        return bad(format!("the book has no party `{party}`"));
    }
    if let Some(source) = &new.source
        && rules.source(source).is_none()
    {
        return bad(format!("the book has no source `{source}`"));
    }
    let day = |text: &Option<String>, absent| {
        text.as_deref().map_or(Ok(absent), |text| parse_time(text).map(day_of))
    };
    let (from, to) = (day(&new.from, i32::MIN)?, day(&new.to, i32::MAX)?);
    if from > to {
        return bad("its last day is before its first".to_owned());
    }
    let hold = LegalHold {
        id: hex(&keys::random::<4>()?),
        party: new.party.clone().unwrap_or_default(),
        source: new.source.clone().unwrap_or_default(),
        from,
        to,
        ordered_by: new.ordered_by.trim().to_owned(),
        reason: new.reason.trim().to_owned(),
        lifted: false,
    };
    let position = session.command(Command::LegalHold { hold: hold.encode() })?;
    Ok((hold.id, position))
}

/// Lifts a hold that stands; the command's position.
///
/// # Errors
/// [`code::NO_HOLD`], [`code::BAD_HOLD`]; a failing port.
pub fn lift(
    session: &mut Session,
    id: &str,
    ordered_by: &str,
    reason: &str,
) -> Result<u64, NodeError> {
    check_words(ordered_by, reason)?;
    let standing = Standing::of(&session.operator.engine)?.holds;
    let known = standing.into_iter().find(|known| known.hold.id == id);
    let known = known.ok_or_else(|| NodeError::said(code::NO_HOLD, format!("`{id}`")))?;
    let hold = LegalHold {
        ordered_by: ordered_by.trim().to_owned(),
        reason: reason.trim().to_owned(),
        lifted: true,
        ..known.hold
    };
    session.command(Command::LegalHold { hold: hold.encode() })
}

fn check_words(ordered_by: &str, reason: &str) -> Result<(), NodeError> {
    for (name, text) in [("the person who orders it", ordered_by), ("a reason", reason)] {
        if text.trim().is_empty() || text.len() > TEXT_BYTES_MAX {
            let what = format!("it needs {name}, in at most {TEXT_BYTES_MAX} bytes");
            return Err(NodeError::said(code::BAD_HOLD, what));
        }
    }
    Ok(())
}

/// The ids of the holds that cover a day.
type Days = HashMap<i32, Rc<[String]>>;

/// The holds that stand, and what they cover.
pub(crate) struct Standing<'a> {
    engine: &'a Engine,
    holds: Vec<RecordedHold>,
    /// By source and day, what was asked before: there are many blocks of each.
    known: RefCell<HashMap<String, Days>>,
}

impl<'a> Standing<'a> {
    /// Those of now.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub(crate) fn of(engine: &'a Engine) -> Result<Self, NodeError> {
        let mut holds = engine.legal_holds()?;
        holds.retain(|known| known.lifted.is_none());
        Ok(Self { engine, holds, known: RefCell::default() })
    }

    /// The ids of those that cover rows of a source that were received on a day.
    pub(crate) fn covering(&self, source: &str, day: i32) -> Rc<[String]> {
        let mut known = self.known.borrow_mut();
        if let Some(by) = known.get(source).and_then(|days| days.get(&day)) {
            return Rc::clone(by);
        }
        let covers = |known: &&RecordedHold| self.engine.is_covered(&known.hold, source, day);
        let by = self.holds.iter().filter(covers).map(|known| known.hold.id.clone());
        let by: Rc<[String]> = by.collect();
        known.entry(source.to_owned()).or_default().insert(day, Rc::clone(&by));
        by
    }
}

/// Refuses where a held raw row is one that `mentions` finds.
///
/// # Errors
/// [`code::UNDER_HOLD`] with the holds; a failing port.
pub fn refuse_held(
    engine: &Engine,
    raw: &dyn RawStore,
    mentions: &dyn Fn(&[u8]) -> bool,
) -> Result<(), NodeError> {
    let standing = Standing::of(engine)?;
    if standing.holds.is_empty() {
        return Ok(());
    }
    let mut held: BTreeMap<u64, Rc<[String]>> = BTreeMap::new();
    raw.blocks(&mut |place| {
        let by = standing.covering(place.source, place.day);
        if !by.is_empty() {
            held.insert(place.block, by);
        }
    });
    let mut found: Vec<String> = Vec::new();
    for (block, by) in held {
        let known = by.iter().all(|id| found.contains(id));
        if !known && raw.read(block)?.is_some_and(|rows| mentions(&rows)) {
            found.extend_from_slice(&by);
            found.sort_unstable();
            found.dedup();
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    Err(NodeError::said(code::UNDER_HOLD, format!("by the legal hold {}", found.join(", "))))
}
