//! Lines held out of payment: disputed ones, until they are released.

use super::Settled;
use crate::control::Control;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::{Position, Table};
use crate::step::Step;
use crate::wire::{BadBytes, Reader, Writer};
use ledger::time::Bucket;
use settle::effect::{hold, moved_by};
use settle::{Movement, Rule};

/// Which line of which statement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holding {
    /// The agreement.
    pub agreement: String,
    /// The period, as people write it.
    pub period: String,
    /// The line's rule path: `20-share`.
    pub line: String,
    /// Why it is held or released.
    pub reason: String,
}

/// A line that is held out of payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which line.
    pub holding: Holding,
    /// When it was held, nanoseconds UTC.
    pub at: i64,
    /// By whom.
    pub author: String,
    /// What it takes from the payment, minor units of the agreement's asset; below zero for a line
    /// that took something away.
    pub minor: i128,
}

const PREFIX: &[u8] = b"held:";

impl Holding {
    fn key(&self) -> Vec<u8> {
        [PREFIX, format!("{}\0{}\0{}", self.agreement, self.period, self.line).as_bytes()].concat()
    }
}

impl Held {
    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(1).i64(self.at).text(&self.author).text(&self.holding.reason).i128(self.minor);
        writer.bytes
    }

    fn decode(key: &[u8], value: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(value);
        if reader.u8()? != 1 {
            return Err(BadBytes);
        }
        let (at, author) = (reader.i64()?, reader.text()?.to_owned());
        let (reason, minor) = (reader.text()?.to_owned(), reader.i128()?);
        reader.end()?;
        let key = key.strip_prefix(PREFIX).and_then(|key| std::str::from_utf8(key).ok());
        let mut parts = key.ok_or(BadBytes)?.splitn(3, '\0').map(str::to_owned);
        let mut part = || parts.next().ok_or(BadBytes);
        let holding = Holding { agreement: part()?, period: part()?, line: part()?, reason };
        Ok(Self { holding, at, author, minor })
    }
}

impl Engine {
    /// Holds a line out of payment.
    ///
    /// # Errors
    /// [`EngineError::Unknown`] without such a statement or line; [`EngineError::Conflict`] for
    /// one that is held, changed nothing, or is netted; a failing port.
    pub fn hold(&mut self, holding: Holding, at: i64, author: &str) -> Result<Held, EngineError> {
        let (agreement, period) = (holding.agreement.clone(), holding.period.clone());
        let line = holding.line.clone();
        let author = author.to_owned();
        let command = crate::Command::Hold(holding);
        self.command(Control { at, author, command }.encode())?;
        let held = self.held(&agreement, &period)?;
        let found = held.into_iter().find(|held| held.holding.line == line);
        found.ok_or_else(|| EngineError::Unknown(format!("the hold of {line}")))
    }

    /// Releases a line that is held.
    ///
    /// # Errors
    /// [`EngineError::Unknown`] where it is not held; a failing port.
    pub fn release(&mut self, holding: Holding, at: i64, author: &str) -> Result<(), EngineError> {
        let author = author.to_owned();
        let command = crate::Command::Release(holding);
        self.command(Control { at, author, command }.encode())?;
        Ok(())
    }

    /// The lines of a statement that are held, by line.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn held(&self, agreement: &str, period: &str) -> Result<Vec<Held>, EngineError> {
        let all = self.all_held()?;
        let is_its = |held: &Held| {
            (held.holding.agreement.as_str(), held.holding.period.as_str()) == (agreement, period)
        };
        Ok(all.into_iter().filter(is_its).collect())
    }

    /// Every line that is held, in order of agreement, period and line.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn all_held(&self) -> Result<Vec<Held>, EngineError> {
        let (mut found, mut bad) = (Vec::new(), None);
        self.store.documents(Table::Meta, PREFIX, &mut |key, value| {
            if !key.starts_with(PREFIX) {
                return false;
            }
            match Held::decode(key, value) {
                Ok(held) => found.push(held),
                Err(error) => bad = Some(error),
            }
            bad.is_none()
        })?;
        bad.map_or(Ok(found), |error| Err(error.into()))
    }

    /// Refuses a hold that cannot be carried out.
    pub(crate) fn may_hold(&self, holding: &Holding) -> Result<(), EngineError> {
        let Holding { agreement, period, line, .. } = holding;
        if let Some(by) = self.netted_by(agreement) {
            return Err(EngineError::Conflict(format!(
                "{agreement} is netted by {by}, so that nothing is paid by its own statements; \
                 hold the line of {agreement} on the statement of {by}"
            )));
        }
        let settled = self.settled(agreement, period)?;
        if settled.statement.line(line).is_none() {
            let what = format!("no line {line} on the statement of {agreement} {period}");
            return Err(EngineError::Unknown(what));
        }
        if self.store.document(Table::Meta, &holding.key())?.is_some() {
            return Err(EngineError::Conflict(format!("{line} is held already")));
        }
        if settled.held_by(line) == 0 {
            return Err(EngineError::Conflict(format!(
                "{line} changes nothing that is paid; hold the line whose amount is disputed"
            )));
        }
        Ok(())
    }

    /// Refuses to release what is not held.
    pub(crate) fn may_release(&self, holding: &Holding) -> Result<(), EngineError> {
        let Holding { agreement, period, line, .. } = holding;
        let held = self.store.document(Table::Meta, &holding.key())?;
        held.map(|_| ()).ok_or_else(|| {
            EngineError::Unknown(format!("{line} of {agreement} {period} is not held"))
        })
    }

    /// The agreement that nets this one, in the book in force.
    fn netted_by(&self, agreement: &str) -> Option<String> {
        let agreements = &self.state.books.current()?.compiled.agreements;
        let nets = |rule: &Rule| match rule {
            Rule::Net(net) => net.agreements.iter().any(|netted| netted.agreement == agreement),
            _ => false,
        };
        let mut by = agreements.iter().filter(|by| by.steps.iter().any(|step| nets(&step.rule)));
        by.next().map(|by| by.name.clone())
    }

    /// The effect of a closed period whose statement is recorded.
    ///
    /// # Errors
    /// [`EngineError::Unknown`] when it is not closed.
    pub fn settled(&self, agreement: &str, period: &str) -> Result<Settled, EngineError> {
        let (_, closed) = self.statement(agreement, period)?;
        Settled::of(&self.state.books, &closed)
    }
}

impl Settled {
    /// What holding a line takes from the payment, minor units.
    pub fn held_by(&self, line: &str) -> i128 {
        moved_by(&self.movements, line, &self.statement, self.owed)
    }

    /// The movement of a hold, or of a release.
    pub fn hold(&self, line: &str, release: bool) -> Option<Movement> {
        let minor = self.held_by(line);
        hold(&self.statement, line, if release { -minor } else { minor }, self.owed)
    }
}

impl Step<'_> {
    /// Moves a line from what is payable to what is held, in the quarter of an hour of the
    /// command, or back.
    pub(crate) fn hold(
        &mut self,
        holding: Holding,
        (at, author): (i64, String),
        release: bool,
        position: Position,
    ) -> Result<(), EngineError> {
        let settled = self.engine_ref().settled(&holding.agreement, &holding.period)?;
        let movement = settled.hold(&holding.line, release);
        self.settle(movement.as_slice(), Bucket::of(at), position)?;
        let key = holding.key();
        if release {
            self.remove(Table::Meta, key);
        } else {
            let minor = settled.held_by(&holding.line);
            self.put(Table::Meta, key, Held { holding, at, author, minor }.encode());
        }
        Ok(())
    }
}
