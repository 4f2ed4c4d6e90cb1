//! Notices: every command that moved what an agreement reads in a period (a correction, a replay
//! from quarantine, the end of a contest), and every line that corrects a closed period.

use super::scan::Touch;
use crate::block::{Block, Posted};
use crate::close::{Closed, Terms};
use crate::control::{Command, Control};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::locate::Located;
use crate::port::{FrameKind, Position, Table};
use crate::streams::CONTROL;
use crate::trace::TraceId;
use crate::wire::BadBytes;
use ledger::{Decimal, Total};
use settle::scope::Part;
use settle::{LineKind, Statement};
use std::collections::{BTreeMap, BTreeSet};

/// What touched one period of an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodNotices {
    /// The period, as people write it.
    pub period: String,
    /// Commands, in the order of the Log.
    pub commands: Vec<CommandNotice>,
    /// Correction lines: those of its own statement, and those of later ones that correct it.
    pub corrections: Vec<CorrectionNotice>,
}

/// A command that moved what the agreement reads in the period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandNotice {
    /// Its position in the Log.
    pub position: Position,
    /// Its sequence in the control stream.
    pub sequence: u64,
    /// When it was given, nanoseconds UTC.
    pub at: i64,
    /// Who gave it.
    pub author: String,
    /// `fix`, `replay` or `resolve`.
    pub command: &'static str,
    /// Why; empty where nobody said.
    pub reason: String,
    /// Source and id of the event that it is about.
    pub event: (String, String),
    /// Amount and asset as stated before; empty where the event is the same or could not be read.
    pub before: String,
    /// Amount and asset as stated since; empty for an event without an amount of its own.
    pub after: String,
    /// What it moved, by account and asset: credits less debits, in minor units.
    pub moved: BTreeMap<(String, String), i128>,
    /// Whether the period was closed before.
    pub late: bool,
    /// The line of a later statement that states the difference for the period.
    pub correction: Option<String>,
}

/// A line that corrects a closed period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionNotice {
    /// Id of the line.
    pub line: String,
    /// What it corrects: a statement's id, or that of one of its lines.
    pub corrects: String,
    /// As stated before, and as it is now.
    pub change: (String, String),
    /// The asset of the statement.
    pub asset: String,
    /// When the statement that has the line was closed, nanoseconds UTC.
    pub at: i64,
}

/// A command with what it posted.
struct Given {
    position: Position,
    sequence: u64,
    control: Control,
    /// What it is about, as it counts since.
    event: Located,
    posted: Vec<Posted>,
}

impl Engine {
    /// What touched a period of an agreement, closed or not; all periods that anything touched
    /// where `period` is none.
    ///
    /// # Errors
    /// [`EngineError::Unknown`]; a failing port.
    pub fn notices(
        &self,
        agreement: &str,
        period: Option<&str>,
    ) -> Result<Vec<PeriodNotices>, EngineError> {
        let given = self.given()?;
        let periods = match period {
            Some(period) => BTreeSet::from([period.to_owned()]),
            None => self.periods_of(agreement, &given)?,
        };
        let closed = self.closed_of(agreement)?;
        let mut found = Vec::new();
        for name in periods {
            let notices = self.notices_of(agreement, &name, &given, &closed)?;
            let empty = notices.commands.is_empty() && notices.corrections.is_empty();
            if period.is_some() || !empty {
                found.push(notices);
            }
        }
        Ok(found)
    }

    /// Every command that posted something, or let something be posted.
    fn given(&self) -> Result<Vec<Given>, EngineError> {
        let mut blocks = Vec::new();
        let mut failed = None;
        self.store().blocks(0, &mut |bytes| {
            match Block::stream_of(bytes) {
                Ok(CONTROL) => match Block::decode(bytes) {
                    Ok(block) => blocks.push(block),
                    Err(error) => failed = Some(error),
                },
                Ok(_) => {}
                Err(error) => failed = Some(error),
            }
            failed.is_none()
        })?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        // Of several replays of a record that waited then, the last one let it.
        let mut given: BTreeMap<(Position, bool), Given> = BTreeMap::new();
        for block in blocks {
            let Some((found, waited)) = self.given_in(&block)? else { continue };
            let of = if waited { found.event.position } else { found.position };
            given.insert((of, waited), found);
        }
        let mut given: Vec<Given> = given.into_values().collect();
        given.sort_by_key(|given| given.position);
        Ok(given)
    }

    /// The command of a block with what was posted for it, and whether that came after it.
    fn given_in(&self, block: &Block) -> Result<Option<(Given, bool)>, EngineError> {
        let position = block.first;
        let control = self.control_at(position)?;
        let about = match control.command {
            Command::Fix { .. } => position,
            Command::Replay { position } | Command::Resolve { later: position, .. } => position,
            _ => return Ok(None),
        };
        let mut posted: Vec<Posted> = block.postings().copied().collect();
        let waited = posted.is_empty();
        if waited {
            posted = self.posted_by_events(about)?;
        }
        if posted.is_empty() {
            return Ok(None);
        }
        let (event, sequence) = (self.find(about)?, block.sequence);
        Ok(Some((Given { position, sequence, control, event, posted }, waited)))
    }

    /// What was posted for a record that had to wait, when what it refers to came.
    fn posted_by_events(&self, position: Position) -> Result<Vec<Posted>, EngineError> {
        let key = crate::document::position_key(position);
        let stands = !self.state.waiting.contains(position)
            && !self.state.void.contains(&position)
            && self.store.document(Table::Quarantine, &key)?.is_none();
        let (mut posted, mut failed) = (Vec::new(), None);
        let mut walk = |bytes: &[u8]| -> Result<(), BadBytes> {
            if Block::stream_of(bytes)? != CONTROL {
                let block = Block::decode(bytes)?;
                posted.extend(block.postings().filter(|row| row.position == position).copied());
            }
            Ok(())
        };
        if stands {
            self.store().blocks(position, &mut |bytes| {
                failed = walk(bytes).err();
                failed.is_none()
            })?;
        }
        failed.map_or(Ok(posted), |error| Err(error.into()))
    }

    /// The command at a position.
    ///
    /// # Errors
    /// When it cannot be read, or is none.
    pub fn control_at(&self, position: Position) -> Result<Control, EngineError> {
        Ok(self.traced_control(position)?.0)
    }

    /// The command at a position, and what it was given by.
    ///
    /// # Errors
    /// As [`Engine::control_at`].
    pub fn traced_control(
        &self,
        position: Position,
    ) -> Result<(Control, Option<TraceId>), EngineError> {
        let (mut header, mut record) = (Vec::new(), Vec::new());
        let found = self.log.fetch(position, &mut header, &mut record)?;
        let control = Control::decode(&record)?;
        let trace = match found.kind {
            FrameKind::Control => TraceId::of_command(&header)?,
            FrameKind::Events => None,
        };
        Ok((control, trace))
    }

    /// The bytes of the record at a position.
    pub(crate) fn record_at(&self, position: Position) -> Result<Vec<u8>, EngineError> {
        let (mut header, mut record) = (Vec::new(), Vec::new());
        self.log.fetch(position, &mut header, &mut record)?;
        Ok(record)
    }

    /// The periods of an agreement that are closed, or in which a command posted anything.
    fn periods_of(
        &self,
        agreement: &str,
        given: &[Given],
    ) -> Result<BTreeSet<String>, EngineError> {
        let revision = self.state.books.current();
        let revision = revision.ok_or_else(|| EngineError::Unknown("a recorded book".into()))?;
        let mut known = revision.compiled.agreements.iter().filter(|a| a.name == agreement);
        let terms = known
            .next()
            .ok_or_else(|| EngineError::Unknown(format!("no agreement {agreement} in the book")))?;
        let closed = self.closed_of(agreement)?;
        let mut periods: BTreeSet<String> = closed.into_iter().map(|(period, _)| period).collect();
        let buckets = given.iter().flat_map(|given| &given.posted);
        let buckets: BTreeSet<_> =
            buckets.flat_map(|row| [row.debit_bucket, row.credit_bucket]).collect();
        for bucket in buckets {
            let period = terms.cycle().containing(bucket.start_nanos(), &terms.zone);
            periods.extend(period.ok().map(|period| period.to_string()));
        }
        Ok(periods)
    }

    fn notices_of(
        &self,
        agreement: &str,
        period: &str,
        given: &[Given],
        closed: &[(String, Closed)],
    ) -> Result<PeriodNotices, EngineError> {
        let own = closed.iter().find(|(name, _)| name == period).map(|(_, closed)| closed);
        let (revision, span) = match own {
            Some(closed) => (self.state.books.get(closed.revision)?, closed.span),
            None => {
                let current = self.state.books.current();
                let unknown = || EngineError::Unknown("a recorded book".into());
                (current.ok_or_else(unknown)?, self.period_span(agreement, period)?)
            }
        };
        let mut found = PeriodNotices {
            period: period.to_owned(),
            commands: Vec::new(),
            corrections: corrections(agreement, period, closed)?,
        };
        let terms = match Terms::of(revision, agreement, span) {
            Ok(terms) => terms,
            // No version holds for all of it, so that nothing of it is read.
            Err(EngineError::Unknown(_)) if own.is_none() => return Ok(found),
            Err(error) => return Err(error),
        };
        let scope = terms.scope(span)?;
        let (mut names, mut read): (Vec<_>, Vec<Vec<&Part<'_>>>) = (Vec::new(), Vec::new());
        self.store().accounts(&mut |_, path, asset| {
            let parts = scope.parts().iter();
            read.push(parts.filter(|part| part.reads_account(path, asset)).collect());
            names.push((path.to_owned(), asset.to_owned()));
        })?;
        for given in given {
            let moved = self.moved(given, &names, &read)?;
            if moved.is_empty() {
                continue;
            }
            let mut notice = self.notice(given, moved)?;
            notice.late = own.is_some_and(|closed| given.position > closed.position);
            if notice.late {
                notice.correction = correction_of(agreement, period, given.position, closed)?;
            }
            found.commands.push(notice);
        }
        Ok(found)
    }

    /// What a command moved of what is read, by account.
    fn moved(
        &self,
        given: &Given,
        names: &[(String, String)],
        read: &[Vec<&Part<'_>>],
    ) -> Result<BTreeMap<(String, String), i128>, EngineError> {
        let mut moved: BTreeMap<(String, String), i128> = BTreeMap::new();
        for row in &given.posted {
            for (account, bucket, total) in [
                (row.debit, row.debit_bucket, Total::of_debit(row.minor)),
                (row.credit, row.credit_bucket, Total::of_credit(row.minor)),
            ] {
                let Some(parts) = read.get(account as usize).filter(|parts| !parts.is_empty())
                else {
                    continue;
                };
                let (position, by) = (row.position, given.position);
                let touch = Touch { position, by, account, bucket, total };
                if self.is_read(&touch, parts)? {
                    let sum = moved.entry(names[account as usize].clone()).or_default();
                    *sum = sum.checked_add(total.net()?).ok_or(EngineError::Overflow)?;
                }
            }
        }
        Ok(moved)
    }

    fn notice(
        &self,
        given: &Given,
        moved: BTreeMap<(String, String), i128>,
    ) -> Result<CommandNotice, EngineError> {
        let event = &given.event;
        let (command, reason, before) = match &given.control.command {
            Command::Fix { position, reason, .. } => {
                ("fix", reason.clone(), Some(self.find(*position)?))
            }
            Command::Resolve { reason, .. } => {
                let others = given.posted.iter().map(|row| row.position);
                let others: BTreeSet<Position> =
                    others.filter(|position| *position != event.position).collect();
                let mut first = None;
                for position in others {
                    let other = self.find(position)?;
                    if (other.source(), other.id()) == (event.source(), event.id()) {
                        first = Some(other);
                    }
                }
                ("resolve", reason.clone(), first)
            }
            _ => ("replay", String::new(), None),
        };
        Ok(CommandNotice {
            position: given.position,
            sequence: given.sequence,
            at: given.control.at,
            author: given.control.author.clone(),
            command,
            reason,
            event: (event.source().to_owned(), event.event()?.id.to_owned()),
            before: before.as_ref().map(money).unwrap_or_default(),
            after: money(event),
            moved,
            late: false,
            correction: None,
        })
    }
}

/// Amount and asset of an event; empty for what is none, or has none.
fn money(event: &Located) -> String {
    let Ok(event) = event.event() else { return String::new() };
    let pair = event.amount.zip(event.asset);
    pair.map(|(amount, asset): (Decimal, &str)| format!("{amount} {asset}")).unwrap_or_default()
}

/// The correction lines that stand on the statement of a period, and those of later ones that
/// correct it; in the order of closes.
fn corrections(
    agreement: &str,
    period: &str,
    closed: &[(String, Closed)],
) -> Result<Vec<CorrectionNotice>, EngineError> {
    let mut found = Vec::new();
    for (name, closed) in in_order(closed) {
        let statement = Statement::parse(&closed.body)?;
        for line in statement.lines.iter().filter(|line| line.kind == LineKind::Correction) {
            let note = |name: &str| line.notes.get(name).cloned().unwrap_or_default();
            let corrects = note("corrects");
            if name == period || of_period(&corrects, agreement, period) {
                found.push(CorrectionNotice {
                    line: line.id.clone(),
                    corrects,
                    change: (note("was"), note("now")),
                    asset: statement.asset.code.clone(),
                    at: closed.closed_at,
                });
            }
        }
    }
    Ok(found)
}

fn in_order(closed: &[(String, Closed)]) -> Vec<&(String, Closed)> {
    let mut closed: Vec<_> = closed.iter().collect();
    closed.sort_by_key(|(_, closed)| closed.position);
    closed
}

/// Whether an id is of a statement of this period, or of one of its lines.
fn of_period(id: &str, agreement: &str, period: &str) -> bool {
    let mut parts = id.splitn(3, ':');
    (parts.next(), parts.next()) == (Some(agreement), Some(period))
}

/// The line of the next close after a late command that corrects what is payable for the period.
fn correction_of(
    agreement: &str,
    period: &str,
    position: Position,
    closed: &[(String, Closed)],
) -> Result<Option<String>, EngineError> {
    let next = in_order(closed).into_iter().find(|(_, closed)| closed.position > position);
    let Some((_, next)) = next else { return Ok(None) };
    let statement = Statement::parse(&next.body)?;
    let whole =
        |corrects: &String| of_period(corrects, agreement, period) && !corrects.contains('/');
    let mut lines = statement.lines.iter().filter(|line| line.kind == LineKind::Correction);
    let found = lines.find(|line| line.notes.get("corrects").is_some_and(whole));
    Ok(found.map(|line| line.id.clone()))
}
