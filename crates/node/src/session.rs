//! One command's work on one operator: the home, the keys, the opened operator. The first book on
//! disk is brought into the Log before anything is done; a changed one waits to be applied.

use crate::NodeError;
use crate::check;
use crate::clock;
use crate::code;
use crate::home::{Home, OperatorHome};
use crate::keys::Keys;
use crate::operator::Operator;
use crate::operator_key;
use book::Severity;
use engine::trace::TraceId;
use engine::{Command, Control};
use std::path::Path;

/// An operator opened for one command.
pub struct Session {
    /// Where everything of the operator is.
    pub place: OperatorHome,
    /// Its keys.
    pub keys: Keys,
    /// The operator.
    pub operator: Operator,
    /// The book revision that this session recorded, when it did: the first one.
    pub recorded: Option<u32>,
    /// Whether the book on disk is not the one in force: `saldo apply` records it.
    pub unapplied: bool,
    /// Who gives the commands: this process's user, or whoever [`Session::once`] is for.
    pub author: String,
}

/// Whether a command changes anything, and so must stand on the book as it is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It only reads: the book of the last change holds.
    Read,
    /// It changes, under the book in force; the first book comes into force with it.
    Change,
}

impl Session {
    /// Opens the operator of `dir` that `named` means; `progress` is told the position reached
    /// and the end while the Store catches up with the Log.
    ///
    /// # Errors
    /// [`NodeError`]: no home, no such operator, missing keys, another process owns the data, a
    /// corrupt file; [`code::BOOK_MISTAKES`] for a change under a book that does not compile.
    pub fn open(
        dir: &Path,
        named: Option<&str>,
        purpose: Purpose,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, NodeError> {
        let place = Home::open(dir)?.operator(named)?;
        let keys = place.load_keys()?;
        let mut operator = Operator::open(&place.data, &place.operator, &keys, progress)?;
        let author = clock::author();
        operator.engine.trace_commands(crate::keys::trace());
        let mut session = Self { place, keys, operator, recorded: None, unapplied: false, author };
        operator_key::resume(&mut session)?;
        let has_none = session.operator.engine.state().books.current().is_none();
        if has_none {
            session.apply("")?;
        } else if purpose == Purpose::Change {
            session.unapplied = session.changed_files()?.is_some();
        }
        Ok(session)
    }

    /// The files of the book on disk, where they are not those in force.
    fn changed_files(&self) -> Result<Option<book::Files>, NodeError> {
        let files = check::read_files(&self.place)?;
        let current = self.operator.engine.state().books.current();
        Ok(current.is_none_or(|current| current.files != files).then_some(files))
    }

    /// Records the book on disk as the next revision; nothing where it is the one in force.
    ///
    /// # Errors
    /// [`code::BOOK_MISTAKES`]; a failing port.
    pub fn apply(&mut self, reason: &str) -> Result<(), NodeError> {
        if self.changed_files()?.is_none() {
            return Ok(());
        }
        let books = &self.operator.engine.state().books;
        let revision = books.current().map_or(0, |current| current.lookup.rules.revision) + 1;
        self.apply_checked(check::check(&self.place, revision)?, revision, reason).map(|_| ())
    }

    /// Records checked files as the next revision; the position of the command.
    ///
    /// # Errors
    /// As [`Session::apply`].
    pub fn apply_checked(
        &mut self,
        checked: check::Checked,
        revision: u32,
        reason: &str,
    ) -> Result<u64, NodeError> {
        if checked.compiled.is_none() {
            let errors = checked.diagnostics.iter().filter(|d| d.severity == Severity::Error);
            let first = checked.diagnostics.iter().find(|d| d.severity == Severity::Error);
            let first = first.map(ToString::to_string).unwrap_or_default();
            let what = format!("{} of them; the first: {first}", errors.count());
            return Err(NodeError::said(code::BOOK_MISTAKES, what));
        }
        let reason = reason.to_owned();
        let command = Command::Book { revision, files: checked.files, reason };
        let position = self.command(command)?;
        self.recorded = Some(revision);
        self.unapplied = false;
        Ok(position)
    }

    /// Does something whose commands are given by this.
    pub fn traced<R>(&mut self, trace: Option<TraceId>, work: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.operator.engine.trace_commands(trace);
        let done = work(self);
        self.operator.engine.trace_commands(before);
        done
    }

    /// Gives a command now, under the name of [`Session::author`]; returns its position.
    ///
    /// # Errors
    /// When the command does not fit the state, or a port fails.
    pub fn command(&mut self, command: Command) -> Result<u64, NodeError> {
        let author = self.author.clone();
        self.command_by(&author, command)
    }

    /// Gives a command now, under the name of `author`; returns its position.
    ///
    /// # Errors
    /// As [`Session::command`].
    pub fn command_by(&mut self, author: &str, command: Command) -> Result<u64, NodeError> {
        let control = Control { at: clock::now_nanos(), author: author.to_owned(), command };
        Ok(self.operator.engine.command(control.encode())?)
    }

    /// Makes everything done so far durable in the Store too.
    ///
    /// # Errors
    /// When a port fails.
    pub fn checkpoint(&mut self) -> Result<(), NodeError> {
        Ok(self.operator.engine.checkpoint()?)
    }
}
