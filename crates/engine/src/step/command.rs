//! Commands of the control stream: each a leaf of its tree, each with its effect.

use super::Step;
use crate::access;
use crate::agreed::Countersigned;
use crate::close;
use crate::control::{Command, Control};
use crate::document::{self, Contest, Quarantined};
use crate::effect::{self, Settled};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::invoice;
use crate::legal_hold;
use crate::locate::{Located, fix_frame};
use crate::operator_key;
use crate::port::{Position, Table};
use crate::query::refusals;
use crate::record::Record;
use crate::schemas;
use crate::streams::CONTROL;
use crate::wire::Writer;
use ledger::decide::Decision;
use ledger::{Outcome, Reject};
use proof::digest::{leaf_hash, sha256};
use proof::leaf::RecordLeafData;
use std::sync::Arc;

impl<'e> Step<'e> {
    /// Consumes the command at `position`.
    ///
    /// # Errors
    /// When a port fails or the command does not fit the state.
    pub fn command(
        engine: &'e mut Engine,
        position: Position,
        record: &[u8],
    ) -> Result<(), EngineError> {
        let control = Control::decode(record)?;
        let mut step = Step::new(engine, position);
        CONTROL.clone_into(&mut step.block.stream);
        step.block.outcomes = vec![Outcome::Command as u8];
        step.leaf(&control.command, position, record);
        step.keep_once(record, &control.author, control.at, position)?;
        step.carry_out(control, position, record)?;
        step.finish(position + 1)
    }

    fn leaf(&mut self, command: &Command, position: Position, record: &[u8]) {
        let hashed = match command {
            Command::Statement { commitment, .. } => commitment.as_slice(),
            _ => record,
        };
        let blind = self.engine.secrets.blind_key(CONTROL).blind(&position.to_be_bytes());
        let data = RecordLeafData { kind: command.kind(), record_hash: sha256(hashed), blind };
        let mut bytes = Vec::new();
        data.encode_into(&mut bytes);
        self.append_leaves(CONTROL, &[leaf_hash(&bytes)]);
    }

    fn carry_out(
        &mut self,
        control: Control,
        position: Position,
        record: &[u8],
    ) -> Result<(), EngineError> {
        let Control { at, author, command } = control;
        match command {
            Command::Book { revision, files, reason } => {
                self.put(Table::Book, revision.to_be_bytes().to_vec(), record.to_vec());
                self.engine.state.books.add(revision, files, (at, author, reason))
            }
            Command::Close { agreement, period, start, end, .. } => {
                let span = ledger::time::Span { start, end };
                self.close((&agreement, &period), span, (position, at))
            }
            Command::Statement { agreement, period, commitment } => {
                self.statement(&agreement, &period, &commitment, position)
            }
            Command::Resolve { later, keep_later, .. } => self.resolve(later, keep_later),
            Command::Replay { position: quarantined } => self.replay(quarantined),
            Command::Fix { position: quarantined, .. } => {
                let frame = self.engine.locator().prepare(fix_frame(record, None)?)?;
                let event = Located { position, frame: Arc::new(frame), at: 0, place: 0 };
                self.move_out(quarantined, &event)
            }
            Command::Countersign { operator_key, note, .. } => {
                let position = (position, self.block.sequence);
                self.countersigned(&Countersigned { at, author, position, operator_key, note })
            }
            Command::Erased { pseudonym, raw_blocks } => {
                self.erased(pseudonym, (at, &author), raw_blocks);
                Ok(())
            }
            Command::Verified { position, clean } => {
                self.verified(at, position, clean);
                Ok(())
            }
            Command::ControlTotal { .. } => {
                let key = document::position_key(position);
                self.put(Table::Verification, key, record.to_vec());
                Ok(())
            }
            Command::Invoice { document, .. } => self.invoices(&[document], position, record),
            Command::Amend { documents, .. } => self.invoices(&documents, position, record),
            Command::Refused { source, count, .. } => {
                self.refused(&source, count);
                Ok(())
            }
            Command::Door { refused } => self.door(&refused),
            Command::Hold(holding) => self.hold(holding, (at, author), false, position),
            Command::Release(holding) => self.hold(holding, (at, author), true, position),
            command => self.carry_out_of_service(command, (position, at, author)),
        }
    }

    /// Commands of the service: credentials, webhooks, schemas.
    fn carry_out_of_service(
        &mut self,
        command: Command,
        (position, at, author): (Position, i64, String),
    ) -> Result<(), EngineError> {
        match command {
            Command::Access { credential } => {
                self.access(&credential, position, access::document(at, &author, &credential))
            }
            Command::Webhook { endpoint } => self.webhook(endpoint, (position, at, author)),
            Command::Delivered { progress } => self.delivered(&progress),
            Command::Denied { denied } => {
                // The Log keeps it; here it must only be what it says it is.
                Ok(access::Denied::decode(&denied).map(|_| ())?)
            }
            Command::SignIns { tried } => Ok(access::SignIn::decode(&tried).map(|_| ())?),
            Command::TokenKey { key } => {
                access::TokenKey::decode(&key)?;
                let (name, value) = access::token_key_document(position, at, &author, &key);
                self.put(Table::Meta, name, value);
                Ok(())
            }
            Command::OperatorKey { note } => {
                operator_key::read(&note)?;
                let (name, value) = operator_key::document_of(position, (at, &author), &note);
                self.put(Table::Meta, name, value);
                Ok(())
            }
            Command::LegalHold { hold } => {
                legal_hold::LegalHold::decode(&hold)?;
                let (name, value) = legal_hold::document_of(position, (at, &author), &hold);
                self.put(Table::Meta, name, value);
                Ok(())
            }
            Command::Schema { change } => self.schema(change, position),
            // The others are carried out before these.
            _ => Ok(()),
        }
    }

    fn access(
        &mut self,
        credential: &[u8],
        position: Position,
        document: Vec<u8>,
    ) -> Result<(), EngineError> {
        let id = access::Credential::decode(credential)?.id;
        self.put(Table::Meta, access::document_key(&id, position), document);
        Ok(())
    }

    fn schema(&mut self, change: Vec<u8>, position: Position) -> Result<(), EngineError> {
        let registry = Arc::make_mut(&mut self.engine.state.schemas);
        registry.apply(schemas::Change::decode(&change)?, position)?;
        self.put(Table::Meta, schemas::document_key(position), change);
        Ok(())
    }

    fn close(
        &mut self,
        (agreement, period): (&str, &str),
        span: ledger::time::Span,
        place: (Position, i64),
    ) -> Result<(), EngineError> {
        let closed = close::freeze(self.engine, agreement, period, span, place)?;
        let key = document::period_key(agreement, period);
        self.put(Table::Statement, key, closed.encode());
        Ok(())
    }

    fn verified(&mut self, at: i64, position: Position, clean: bool) {
        let mut writer = Writer::default();
        writer.u8(1).i64(at).u64(position).u8(clean.into());
        self.put(Table::Meta, b"verified".to_vec(), writer.bytes);
    }

    fn erased(&mut self, pseudonym: [u8; 16], (at, author): (i64, &str), raw_blocks: u64) {
        let mut writer = Writer::default();
        writer.u8(1).i64(at).text(author).u64(raw_blocks);
        let key = [b"erased:".as_slice(), &pseudonym].concat();
        self.put(Table::Meta, key, writer.bytes);
    }

    fn refused(&mut self, source: &str, count: u64) {
        let counters = self.engine.state.counters(source);
        counters.received += count;
        counters.refused += count;
    }

    /// Counts what was turned away at the door, by source and by code.
    fn door(&mut self, refused: &[(String, String, u64)]) -> Result<(), EngineError> {
        for (source, code, count) in refused {
            self.refused(source, *count);
            let key = refusals::key(source, code);
            let before = self.engine.store.document(Table::Meta, &key)?;
            let before = before.map_or(Ok(0), |bytes| refusals::count(&bytes))?;
            self.put(Table::Meta, key, refusals::value(before + count));
        }
        Ok(())
    }

    fn countersigned(&mut self, signed: &Countersigned) -> Result<(), EngineError> {
        self.put(Table::Meta, signed.key()?, signed.encode());
        Ok(())
    }

    /// Keeps documents with the command that made them, and the command in the verification log.
    fn invoices(
        &mut self,
        documents: &[Vec<u8>],
        position: Position,
        record: &[u8],
    ) -> Result<(), EngineError> {
        for document in documents {
            let id = settle::invoice::TaxInvoice::decode(document)?.id;
            self.put(Table::Meta, invoice::key(&id), invoice::value(position, record));
        }
        self.put(Table::Verification, document::position_key(position), record.to_vec());
        Ok(())
    }

    /// The recorded result of a close must be what was computed; it is posted.
    fn statement(
        &mut self,
        agreement: &str,
        period: &str,
        commitment: &[u8],
        position: Position,
    ) -> Result<(), EngineError> {
        let key = document::period_key(agreement, period);
        let found = self.engine.store.document(Table::Statement, &key)?;
        let found = found.ok_or_else(|| EngineError::Unknown(format!("{agreement} {period}")))?;
        let mut closed = close::Closed::decode(&found)?;
        if closed.commitment != commitment {
            return Err(EngineError::Diverged(format!("{agreement} {period}")));
        }
        closed.sequence = Some(self.block.sequence);
        closed.statement_position = position;
        let settled = Settled::of(&self.engine.state.books, &closed)?;
        self.put(Table::Statement, key, closed.encode());
        self.settle(&settled.movements, effect::bucket_of(closed.span), position)
    }

    /// Verifies a quarantined record again under the book of now.
    fn replay(&mut self, position: Position) -> Result<(), EngineError> {
        let revision = self.engine.lookup()?.rules.revision;
        self.engine.state.replayed.insert(position, revision);
        let key = [b"replayed:".as_slice(), &document::position_key(position)].concat();
        self.put(Table::Meta, key, revision.to_le_bytes().to_vec());
        let event = self.engine.find(position)?;
        self.move_out(position, &event)
    }

    /// Moves the quarantined record at `position` to what `event` (itself under the book of now,
    /// or its correction) becomes.
    fn move_out(&mut self, position: Position, event: &Located) -> Result<(), EngineError> {
        let key = document::position_key(position);
        let document = self.engine.store.document(Table::Quarantine, &key)?;
        let document = document.ok_or_else(|| {
            EngineError::Unknown(format!("no quarantined record at position {position}"))
        })?;
        let quarantined = Quarantined::decode(&document)?;
        if let Some(reject) = Reject::from_number(event.row().reject) {
            let Quarantined { source, void, .. } = quarantined;
            self.put(Table::Quarantine, key, Quarantined { source, reject, void }.encode());
            return Ok(());
        }
        let candidates = self.engine.probe(event.row().own)?;
        let holder = self.holder(event.row().own, event.source(), event.id(), &candidates)?;
        let outcome = match holder {
            Some(holder) if holder.event_record()?.canonical == event.event_record()?.canonical => {
                Outcome::Duplicate
            }
            Some(_) => {
                self.still_quarantined(key, quarantined, Reject::Contest);
                return Ok(());
            }
            None => {
                let (decision, original) = self.judge_again(event)?;
                if let Some(reject) = decision.reject {
                    self.still_quarantined(key, quarantined, reject);
                    return Ok(());
                }
                self.admit(event, decision, original.as_ref())?;
                decision.outcome
            }
        };
        self.remove(Table::Quarantine, key.clone());
        self.remove(Table::Contest, key);
        let counters = self.engine.state.counters(&quarantined.source);
        counters.shift(Outcome::Quarantined, outcome);
        self.moved(position, Outcome::Quarantined, outcome);
        Ok(())
    }

    fn still_quarantined(&mut self, key: Vec<u8>, quarantined: Quarantined, reject: Reject) {
        self.put(Table::Quarantine, key, Quarantined { reject, ..quarantined }.encode());
    }

    /// Names the winning content of a contest.
    fn resolve(&mut self, later: Position, keep_later: bool) -> Result<(), EngineError> {
        let key = document::position_key(later);
        let contest = self.engine.store.document(Table::Contest, &key)?;
        let contest = contest
            .ok_or_else(|| EngineError::Unknown(format!("no open contest at position {later}")))?;
        Contest::decode(&contest)?;
        self.remove(Table::Contest, key.clone());
        if !keep_later {
            return Ok(());
        }
        let winner = self.engine.find(later)?;
        let own = winner.row().own;
        let candidates = self.engine.probe(own)?;
        if let Some(first) = self.holder(own, winner.source(), winner.id(), &candidates)? {
            self.withdraw(&first)?;
        }
        let (decision, original) = self.judge_again(&winner)?;
        if let Some(reject) = decision.reject {
            let source = winner.source().to_owned();
            let quarantined = Quarantined { source, reject, void: false };
            self.still_quarantined(key, quarantined, reject);
            return Ok(());
        }
        self.remove(Table::Quarantine, key);
        let source = winner.source().to_owned();
        self.engine.state.counters(&source).shift(Outcome::Quarantined, decision.outcome);
        self.moved(later, Outcome::Quarantined, decision.outcome);
        self.admit(&winner, decision, original.as_ref())
    }

    /// Gives a record its key and posts it, or lets it wait.
    fn admit(
        &mut self,
        event: &Located,
        decision: Decision,
        original: Option<&Located>,
    ) -> Result<(), EngineError> {
        self.key(event);
        self.engine.state.void.remove(&event.position);
        if decision.outcome == Outcome::Waiting {
            self.wait(event);
            return Ok(());
        }
        self.post(event, decision.post, original)?;
        self.release_for(event.row().own, event.position)
    }

    /// Undoes what a record did that gives way to another.
    fn withdraw(&mut self, first: &Located) -> Result<(), EngineError> {
        let was = if self.engine.state.waiting.contains(first.position) {
            self.engine.state.waiting.remove(first.position);
            self.remove(Table::Waiting, document::position_key(first.position));
            Outcome::Waiting
        } else {
            self.take_back(first.position)?;
            Outcome::Posted
        };
        let source = first.source().to_owned();
        self.engine.state.counters(&source).shift(was, Outcome::Quarantined);
        self.moved(first.position, was, Outcome::Quarantined);
        self.give_up(first, Reject::Contest)
    }
}

impl Engine {
    /// Refuses a command that does not fit the state, before it is in the Log for ever.
    pub(crate) fn admissible(&self, record: &[u8]) -> Result<(), EngineError> {
        let whole = record;
        let Control { at, command, .. } = Control::decode(record)?;
        match command {
            Command::Book { revision, files, .. } => {
                let current = self.state.books.current();
                let next = current.map_or(0, |current| current.lookup.rules.revision) + 1;
                if revision != next {
                    let what = format!("book revision {revision} where {next} is the next");
                    return Err(EngineError::Conflict(what));
                }
                let (compiled, diagnostics) = book::compile(&files, revision);
                let first = diagnostics.first().map(ToString::to_string).unwrap_or_default();
                let compiled = compiled.ok_or(EngineError::Conflict(first))?;
                current
                    .map_or(Ok(()), |current| same_scales(&current.lookup.rules, &compiled.rules))
            }
            Command::Resolve { later, .. } => {
                self.must_have(Table::Contest, later, "open contest").map(|_| ())
            }
            Command::Replay { position } => {
                self.must_have(Table::Quarantine, position, "quarantined record").map(|_| ())
            }
            Command::Countersign { agreement, version, operator_key, note } => {
                self.check_countersigned((&agreement, version), (&operator_key, &note), at)
            }
            Command::Fix { position, operator, source, revision, record, .. } => {
                let document = self.must_have(Table::Quarantine, position, "quarantined record")?;
                let quarantined = Quarantined::decode(&document)?;
                if (&operator, &source) != (&self.operator, &quarantined.source) {
                    let what = format!("a fix of {source} for a record of {}", quarantined.source);
                    return Err(EngineError::Conflict(what));
                }
                self.state.books.get(revision)?;
                self.locator().prepare(fix_frame(whole, None)?)?;
                match Record::decode(&record)? {
                    Record::Event(_) => Ok(()),
                    Record::Unreadable(_) => Err(EngineError::Conflict("a fix of no event".into())),
                }
            }
            Command::Hold(holding) => self.may_hold(&holding),
            Command::Release(holding) => self.may_release(&holding),
            command @ (Command::Invoice { .. } | Command::Amend { .. }) => {
                self.invoice_follows(&command)
            }
            command => self.admissible_of_service(command),
        }
    }

    /// The same for commands of the service.
    fn admissible_of_service(&self, command: Command) -> Result<(), EngineError> {
        match command {
            Command::Access { credential } => {
                Ok(access::Credential::decode(&credential).map(|_| ())?)
            }
            Command::SignIns { tried } => Ok(access::SignIn::decode(&tried).map(|_| ())?),
            Command::Schema { change } => {
                let mut registry = (*self.state.schemas).clone();
                registry.apply(schemas::Change::decode(&change)?, 0)
            }
            Command::Webhook { endpoint } => {
                Ok(crate::webhook::Endpoint::decode(&endpoint).map(|_| ())?)
            }
            Command::LegalHold { hold } => self.hold_follows(&hold),
            Command::OperatorKey { note } => self.rotation_follows(&note),
            _ => Ok(()),
        }
    }

    fn must_have(
        &self,
        table: Table,
        position: Position,
        what: &str,
    ) -> Result<Vec<u8>, EngineError> {
        let document = self.store.document(table, &document::position_key(position))?;
        document.ok_or_else(|| EngineError::Unknown(format!("no {what} at position {position}")))
    }
}

/// Minor units of one asset are added up across revisions, so that its decimals stay as they are.
fn same_scales(old: &ledger::Rules, new: &ledger::Rules) -> Result<(), EngineError> {
    let changed = old.assets.iter().find_map(|asset| {
        let other = &new.assets[usize::from(new.asset(&asset.code)?)];
        (other.scale != asset.scale).then_some((asset, other))
    });
    changed.map_or(Ok(()), |(asset, other)| {
        Err(EngineError::Conflict(format!(
            "the asset {} has {} decimals, and amounts are kept with them; the changed book gives \
             it {}: declare a new asset instead",
            asset.code, asset.scale, other.scale
        )))
    })
}
