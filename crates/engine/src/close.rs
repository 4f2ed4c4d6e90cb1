//! Closing: what blocks it, freezing a period's sums at a cut, rating them, and the commitment
//! that counterparties check against.

use crate::control::{Command, Control};
use crate::document::{self, Contest, WaitingDocument};
use crate::effect::Settled;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::{Position, Table};
use crate::wire::{BadBytes, Reader};
use ledger::time::Span;
use proof::commitment::{StatementCommitment, agreement_hash};
use settle::{Agreement, Measure};
use std::collections::BTreeMap;

pub mod chain;
mod closed;
mod late;
mod order;
mod terms;

pub use closed::{Closed, Restated};
pub use late::KeptLate;
pub use terms::Terms;

/// Freezes the sums of a period and rates them, and rates again what late facts changed in closed
/// ones: the effect of a close command at `position`.
///
/// # Errors
/// When the agreement is unknown or cannot be rated, or the Store cannot be read.
pub fn freeze(
    engine: &Engine,
    agreement: &str,
    period: &str,
    span: Span,
    (position, at): (Position, i64),
) -> Result<Closed, EngineError> {
    let revision = engine.state.books.current();
    let revision = revision.ok_or_else(|| EngineError::Unknown("a recorded book".into()))?;
    let terms = Terms::of(revision, agreement, span)?;
    let links = chain::links(engine.closed_of(agreement)?, period);
    let old: Vec<Terms<'_>> = chain::terms(&engine.state.books, agreement, &links)?;
    let scopes = chain::scopes(&old, &links)?;
    let again = chain::to_rate(&old, &late::changed(engine, &links, &scopes)?);
    let scope = terms.scope(span)?;
    let mut asks = vec![terms.ask(&scope)];
    let marked = || again.iter().zip(old.iter().zip(&scopes)).filter(|(again, _)| **again);
    asks.extend(marked().map(|(_, (terms, scope))| terms.ask(scope)));
    let mut gathered = engine.gather(&asks)?.into_iter();
    let sums = gathered.next().unwrap_or_default();
    let now = again.iter().map(|again| if *again { gathered.next() } else { None }).collect();
    let chain::Chain { left, restated } = chain::follow(&terms, span, (&links, &old), now)?;
    let statement = terms.rate((period, span), &sums, &left)?;
    let body = statement.body();
    // What cannot be posted is refused before anything is recorded.
    Settled::by(&revision.compiled, statement, span)?;
    let mut encoded: Vec<Vec<u8>> = terms.measures.iter().map(Measure::encode).collect();
    encoded.sort_unstable();
    let commitment = StatementCommitment {
        operator: engine.operator.clone(),
        agreement: agreement.to_owned(),
        period: period.to_owned(),
        start: span.start,
        end: span.end,
        version: terms.agreement.version,
        body_hash: proof::digest::sha256(&body),
        sums_root: proof::sums::sums_root(&sums),
        cut: engine.state.streams.heads(&engine.operator),
        rules_hash: proof::rules_bytes::rules_hash(&revision.lookup.rules),
        agreement_hash: agreement_hash(&terms.agreement.encode(), &encoded),
    };
    let commitment = commitment.encode().map_err(|error| EngineError::Form(error.to_string()))?;
    Ok(Closed {
        position,
        statement_position: 0,
        closed_at: at,
        sequence: None,
        span,
        revision: revision.lookup.rules.revision,
        body,
        sums,
        commitment,
        restated,
    })
}

/// What is told key and value of a closed period; whether to go on.
type VisitClosed<'v> = dyn FnMut(&[u8], &[u8]) -> Result<bool, BadBytes> + 'v;

/// The version of an agreement that holds for the whole of `span`.
///
/// # Errors
/// [`EngineError::Unknown`].
pub fn agreement_of<'a>(
    compiled: &'a book::Compiled,
    name: &str,
    span: Span,
) -> Result<&'a Agreement, EngineError> {
    let mut named = compiled.agreements.iter().filter(|a| a.name == name).peekable();
    if named.peek().is_none() {
        let known: Vec<&str> = compiled.agreements.iter().map(|a| a.name.as_str()).collect();
        let what = format!("no agreement {name}; the book has {}", known.join(", "));
        return Err(EngineError::Unknown(what));
    }
    named
        .find(|a| a.effective.start <= span.start && span.end <= a.effective.end)
        .ok_or_else(|| EngineError::Unknown(format!("{name} does not hold for the whole period")))
}

impl Engine {
    /// Everything that blocks closing `span`, one sentence each; empty when nothing does.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn close_blockers(&self, span: Span) -> Result<Vec<String>, EngineError> {
        let mut blockers = Vec::new();
        let (mut waiting, mut contests, mut bad) = (BTreeMap::new(), BTreeMap::new(), None);
        self.store.documents(Table::Waiting, &[], &mut |_, value| {
            match WaitingDocument::decode(value) {
                Ok(entry) if span.contains(entry.occurred_at) => {
                    *waiting.entry(entry.source).or_insert(0u64) += 1;
                }
                Ok(_) => {}
                Err(error) => bad = Some(error),
            }
            bad.is_none()
        })?;
        self.store.documents(Table::Contest, &[], &mut |_, value| {
            match Contest::decode(value) {
                Ok(entry) if entry.from < span.end && span.start <= entry.to => {
                    *contests.entry(entry.source).or_insert(0u64) += 1;
                }
                Ok(_) => {}
                Err(error) => bad = Some(error),
            }
            bad.is_none()
        })?;
        if let Some(error) = bad {
            return Err(error.into());
        }
        for (source, count) in waiting {
            blockers.push(format!(
                "{count} events of {source} wait for the event they refer to \
                 (`saldo status` counts them; they post when it arrives)"
            ));
        }
        for (source, count) in contests {
            blockers.push(format!(
                "{count} contests of {source} are open (`saldo contest list`, then \
                 `saldo contest resolve`)"
            ));
        }
        if let Some((position, false)) = self.last_verification()? {
            blockers.push(format!(
                "the last verification, up to position {position}, found a difference \
                 (run `saldo verify` and resolve what it names)"
            ));
        }
        Ok(blockers)
    }

    /// Gathers what closing a period of several agreements reads, together: each close then finds
    /// it at hand. What cannot be gathered is left for its close to tell.
    ///
    /// # Errors
    /// When a port fails.
    pub fn read_ahead(&self, agreements: &[String], period: &str) -> Result<(), EngineError> {
        let Some(revision) = self.state.books.current() else { return Ok(()) };
        let known = agreements.iter().filter_map(|agreement| {
            let span = self.period_span(agreement, period).ok()?;
            Some((Terms::of(revision, agreement, span).ok()?, span))
        });
        let known: Vec<(Terms<'_>, Span)> = known.collect();
        let scopes =
            known.iter().filter_map(|(terms, span)| Some((terms, terms.scope(*span).ok()?)));
        let scopes: Vec<_> = scopes.collect();
        let asks: Vec<_> = scopes.iter().map(|(terms, scope)| terms.ask(scope)).collect();
        self.gather(&asks).map(|_| ())
    }

    /// Position and result of the last recorded verification.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn last_verification(&self) -> Result<Option<(Position, bool)>, EngineError> {
        let Some(bytes) = self.store.document(Table::Meta, b"verified")? else { return Ok(None) };
        let mut reader = Reader::new(&bytes);
        reader.u8()?;
        reader.i64()?;
        Ok(Some((reader.u64()?, reader.u8()? == 1)))
    }

    /// Closes the period of one agreement: cut marker, rating, statement. Closing what is closed
    /// gives the statement that is there.
    ///
    /// # Errors
    /// [`EngineError::Blocked`], or when the agreement cannot be rated, or a port fails.
    pub fn close(
        &mut self,
        agreement: &str,
        period: &str,
        at: i64,
        author: &str,
    ) -> Result<(Closed, bool), EngineError> {
        self.close_because(agreement, period, "", (at, author))
    }

    /// The same with the reason why it is closed before it is over.
    ///
    /// # Errors
    /// As [`Engine::close`].
    pub fn close_because(
        &mut self,
        agreement: &str,
        period: &str,
        reason: &str,
        (at, author): (i64, &str),
    ) -> Result<(Closed, bool), EngineError> {
        if let Some(closed) = self.closed(agreement, period)? {
            return Ok((closed, false));
        }
        let span = self.period_span(agreement, period)?;
        let mut blockers = self.close_blockers(span)?;
        blockers.extend(self.out_of_order(agreement, period, span)?);
        blockers.extend(self.unsigned(agreement, span)?);
        blockers.extend(self.netted_open(agreement, span)?);
        if !blockers.is_empty() {
            return Err(EngineError::Blocked(blockers.join("; ")));
        }
        // Rated once before anything is recorded: what cannot be rated leaves no marker behind.
        freeze(self, agreement, period, span, (self.store.position(), at))?;
        let (start, end) = (span.start, span.end);
        let command = Command::Close {
            agreement: agreement.to_owned(),
            period: period.to_owned(),
            start,
            end,
            reason: reason.to_owned(),
        };
        self.command(Control { at, author: author.to_owned(), command }.encode())?;
        self.record_statement(agreement, period, at, author)?;
        let closed = self.closed(agreement, period)?;
        closed
            .map(|closed| (closed, true))
            .ok_or_else(|| EngineError::Unknown(format!("{agreement} {period}")))
    }

    /// Records the statement of a close that was interrupted before it could.
    ///
    /// # Errors
    /// When a port fails.
    pub fn record_statement(
        &mut self,
        agreement: &str,
        period: &str,
        at: i64,
        author: &str,
    ) -> Result<(), EngineError> {
        let closed = self.closed(agreement, period)?;
        let Some(Closed { commitment, sequence: None, .. }) = closed else { return Ok(()) };
        let (agreement, period) = (agreement.to_owned(), period.to_owned());
        let command = Command::Statement { agreement, period, commitment };
        self.command(Control { at, author: author.to_owned(), command }.encode())?;
        Ok(())
    }

    /// The closed period of an agreement, when it is closed.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn closed(&self, agreement: &str, period: &str) -> Result<Option<Closed>, EngineError> {
        let key = document::period_key(agreement, period);
        let bytes = self.store.document(Table::Statement, &key)?;
        Ok(bytes.map(|bytes| Closed::decode(&bytes)).transpose()?)
    }

    /// The same without the sums, which are most of it.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn closed_without_sums(
        &self,
        agreement: &str,
        period: &str,
    ) -> Result<Option<Closed>, EngineError> {
        let key = document::period_key(agreement, period);
        let bytes = self.store.document(Table::Statement, &key)?;
        Ok(bytes.map(|bytes| Closed::decode_without_sums(&bytes)).transpose()?)
    }

    /// Every closed period of one agreement without its sums, in order of the names of the periods.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn closed_of(&self, agreement: &str) -> Result<Vec<(String, Closed)>, EngineError> {
        let prefix = document::period_key(agreement, "");
        let mut found = Vec::new();
        self.visit_closed(&prefix, &mut |key, value| {
            let Some(period) = key.strip_prefix(prefix.as_slice()) else { return Ok(false) };
            let period = String::from_utf8_lossy(period).into_owned();
            found.push((period, Closed::decode_without_sums(value)?));
            Ok(true)
        })?;
        Ok(found)
    }

    /// Every closed period: agreement, period, result; in order of agreement and period.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn all_closed(&self) -> Result<Vec<(String, String, Closed)>, EngineError> {
        self.closed_by(Closed::decode)
    }

    /// The same without the sums, which are most of it.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn all_closed_without_sums(&self) -> Result<Vec<(String, String, Closed)>, EngineError> {
        self.closed_by(Closed::decode_without_sums)
    }

    fn closed_by(
        &self,
        decode: fn(&[u8]) -> Result<Closed, BadBytes>,
    ) -> Result<Vec<(String, String, Closed)>, EngineError> {
        let mut found = Vec::new();
        self.visit_closed(&[], &mut |key, value| {
            let text = String::from_utf8_lossy(key);
            let (agreement, period) = text.split_once('\0').ok_or(BadBytes)?;
            found.push((agreement.to_owned(), period.to_owned(), decode(value)?));
            Ok(true)
        })?;
        Ok(found)
    }

    fn visit_closed(&self, from: &[u8], visit: &mut VisitClosed<'_>) -> Result<(), EngineError> {
        let mut bad = None;
        self.store.documents(
            Table::Statement,
            from,
            &mut |key, value| match visit(key, value) {
                Ok(more) => more,
                Err(error) => {
                    bad = Some(error);
                    false
                }
            },
        )?;
        bad.map_or(Ok(()), |error| Err(error.into()))
    }

    /// The time of a period of an agreement in force.
    ///
    /// # Errors
    /// When the agreement or period is unknown.
    pub fn period_span(&self, agreement: &str, period: &str) -> Result<Span, EngineError> {
        let revision = self.state.books.current();
        let revision = revision.ok_or_else(|| EngineError::Unknown("a recorded book".into()))?;
        let mut named = revision.compiled.agreements.iter().filter(|a| a.name == agreement);
        let found = named.next().ok_or_else(|| {
            let known: Vec<&str> =
                revision.compiled.agreements.iter().map(|a| a.name.as_str()).collect();
            EngineError::Unknown(format!(
                "no agreement {agreement}; the book has {}",
                known.join(", ")
            ))
        })?;
        Ok(found.span(period.parse()?)?)
    }
}
