//! Closing: what blocks it, freezing a period's sums at a cut, rating them, and the commitment
//! that counterparties check against.

use crate::control::{Command, Control};
use crate::document::{self, Contest, WaitingDocument};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::{Position, Table};
use crate::sums;
use crate::wire::{BadBytes, Reader, Writer};
use ledger::time::Span;
use proof::commitment::{StatementCommitment, agreement_hash};
use settle::{AccountSum, Agreement, Inputs, Measure, Period, Scope, Statement};
use std::collections::BTreeMap;

/// A closed period of an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Position of the close: what stands before it is in, what comes after is late.
    pub position: Position,
    /// Position of the statement's own record; 0 until it is there.
    pub statement_position: Position,
    /// When it was closed, nanoseconds UTC.
    pub closed_at: i64,
    /// The statement's place in the control stream, once recorded.
    pub sequence: Option<u64>,
    /// The period's time, resolved once.
    pub span: Span,
    /// Book revision it was rated under.
    pub revision: u32,
    /// The statement's body.
    pub body: Vec<u8>,
    /// The sums it was rated from, ascending by path and asset.
    pub sums: Vec<AccountSum>,
    /// What counterparties check against.
    pub commitment: Vec<u8>,
}

impl Closed {
    /// Bytes of version 1.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(1).u64(self.position).u64(self.statement_position).i64(self.closed_at);
        writer.u64(self.sequence.unwrap_or(u64::MAX)).i64(self.span.start).i64(self.span.end);
        writer.u32(self.revision).blob(&self.body).blob(&self.commitment);
        writer.u32(u32::try_from(self.sums.len()).unwrap_or(u32::MAX));
        for sum in &self.sums {
            writer.text(&sum.path).text(&sum.asset);
            writer.i128(sum.total.debit).i128(sum.total.credit).u64(sum.total.count);
        }
        writer.bytes
    }

    /// Reads the bytes of any version ever written.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != 1 {
            return Err(BadBytes);
        }
        let (position, statement_position) = (reader.u64()?, reader.u64()?);
        let (closed_at, sequence) = (reader.i64()?, reader.u64()?);
        let span = Span { start: reader.i64()?, end: reader.i64()? };
        let revision = reader.u32()?;
        let (body, commitment) = (reader.blob()?.to_vec(), reader.blob()?.to_vec());
        let mut sums = Vec::new();
        for _ in 0..reader.u32()? {
            let (path, asset) = (reader.text()?.to_owned(), reader.text()?.to_owned());
            let total = ledger::Total {
                debit: reader.i128()?,
                credit: reader.i128()?,
                count: reader.u64()?,
            };
            sums.push(AccountSum { path, asset, total });
        }
        reader.end()?;
        let sequence = (sequence != u64::MAX).then_some(sequence);
        Ok(Self {
            position,
            statement_position,
            closed_at,
            sequence,
            span,
            revision,
            body,
            sums,
            commitment,
        })
    }
}

/// The measures that an agreement reads, in order of their names.
pub fn measures_of(agreement: &Agreement, measures: &[Measure]) -> Vec<Measure> {
    let read = agreement.measures();
    let mut found: Vec<Measure> =
        measures.iter().filter(|measure| read.contains(&measure.name)).cloned().collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// Rates sums that were frozen at a cut.
///
/// # Errors
/// When the agreement cannot be rated for the period.
pub fn rate(
    agreement: &Agreement,
    measures: &[Measure],
    (period, span): (&str, Span),
    sums: &[AccountSum],
) -> Result<Statement, EngineError> {
    let period: Period = period.parse()?;
    Ok(settle::rate(agreement, period, span, &Inputs::of(measures, sums))?)
}

/// Freezes the sums of a period and rates them: the effect of a close command at `position`.
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
    let found = agreement_of(&revision.compiled, agreement, span)?;
    let measures = measures_of(found, &revision.compiled.measures);
    let scope = Scope::new(found, &measures, span)?;
    let buckets = sums::buckets_of(span)?;
    let totals = engine.kept.borrow_mut().totals(engine.store(), buckets)?;
    let mut sums =
        sums::named_sums(engine.store(), &totals, &mut |path, asset| scope.reads(path, asset))?;
    sums.sort_unstable_by(|a, b| (&a.path, &a.asset).cmp(&(&b.path, &b.asset)));
    let statement = rate(found, &measures, (period, span), &sums)?;
    let body = statement.body();
    let mut encoded: Vec<Vec<u8>> = measures.iter().map(Measure::encode).collect();
    encoded.sort_unstable();
    let commitment = StatementCommitment {
        operator: engine.operator.clone(),
        agreement: agreement.to_owned(),
        period: period.to_owned(),
        start: span.start,
        end: span.end,
        version: found.version,
        body_hash: proof::digest::sha256(&body),
        sums_root: proof::sums::sums_root(&sums),
        cut: engine.state.streams.heads(&engine.operator),
        rules_hash: proof::rules_bytes::rules_hash(&revision.lookup.rules),
        agreement_hash: agreement_hash(&found.encode(), &encoded),
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
    })
}

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
        if let Some(closed) = self.closed(agreement, period)? {
            return Ok((closed, false));
        }
        let span = self.period_span(agreement, period)?;
        let blockers = self.close_blockers(span)?;
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

    /// Every closed period: agreement, period, result; in order of agreement and period.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn all_closed(&self) -> Result<Vec<(String, String, Closed)>, EngineError> {
        let mut found = Vec::new();
        let mut bad = None;
        self.store.documents(Table::Statement, &[], &mut |key, value| {
            let text = String::from_utf8_lossy(key);
            match (text.split_once('\0'), Closed::decode(value)) {
                (Some((agreement, period)), Ok(closed)) => {
                    found.push((agreement.to_owned(), period.to_owned(), closed));
                }
                _ => bad = Some(BadBytes),
            }
            bad.is_none()
        })?;
        bad.map_or(Ok(found), |error| Err(error.into()))
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
