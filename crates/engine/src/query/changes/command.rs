//! Changes that commands made.

use super::{Change as Told, ChangeKind, Cursor, Datum, Gather, OWN};
use crate::access::{Credential, Denied, SignIn, TokenKey};
use crate::close::Closed;
use crate::control::{Command, Control};
use crate::document;
use crate::effect::Holding;
use crate::error::EngineError;
use crate::legal_hold::LegalHold;
use crate::port::{Position, Table};
use crate::schemas::Change;
use crate::wire::BadBytes;
use ledger::Decimal;
use proof::rotation::Rotation;
use settle::Statement;
use std::collections::BTreeMap;

/// A change without its place: kind, subject, parties, details.
type Made = (ChangeKind, String, Vec<String>, Vec<(&'static str, Datum)>);

fn text(text: impl Into<String>) -> Datum {
    Datum::Text(text.into())
}

impl Gather<'_> {
    /// What the command at a position changed.
    pub(super) fn command(&mut self, position: Position) -> Result<Vec<Told>, EngineError> {
        self.records = self.records.saturating_sub(1);
        let (Control { at, author, command }, trace) = self.engine.traced_control(position)?;
        let Some((kind, subject, parties, details)) = self.made(command, position)? else {
            return Ok(Vec::new());
        };
        let mut data: BTreeMap<&'static str, Datum> = details.into_iter().collect();
        data.retain(|_, datum| *datum != Datum::Text(String::new()));
        // A counterparty is not told who works at the operator.
        if self.filter.party.is_none() {
            data.insert("author", text(author));
        }
        let cursor = Cursor { position, place: OWN };
        Ok(vec![Told { cursor, kind, subject, parties, at, trace, data }])
    }

    fn made(&mut self, command: Command, at: Position) -> Result<Option<Made>, EngineError> {
        use ChangeKind as Kind;
        Ok(Some(match command {
            Command::Book { revision, reason, .. } => {
                let details =
                    vec![("revision", Datum::Number(revision.into())), ("reason", text(reason))];
                (Kind::BookApplied, "book".to_owned(), Vec::new(), details)
            }
            Command::Statement { agreement, period, .. } => return self.closed(agreement, &period),
            Command::Resolve { later, keep_later, reason } => {
                let winner = text(if keep_later { "later" } else { "first" });
                let details = vec![("winner", winner), ("reason", text(reason))];
                self.about_event(Kind::ContestResolved, (later, later), details)?
            }
            Command::Replay { position } => {
                self.about_event(Kind::QuarantineReplayed, (position, position), Vec::new())?
            }
            Command::Fix { position, reason, .. } => {
                let details = vec![("fixed", Datum::Number(position)), ("reason", text(reason))];
                self.about_event(Kind::QuarantineFixed, (position, at), details)?
            }
            Command::Verified { position, clean } => {
                let details =
                    vec![("position", Datum::Number(position)), ("clean", Datum::Flag(clean))];
                (Kind::LedgerVerified, "ledger".to_owned(), Vec::new(), details)
            }
            Command::Refused { source, code, count } => {
                let details = vec![("code", text(code)), ("count", Datum::Number(count))];
                self.about_source(Kind::EventRefused, source, details)
            }
            Command::ControlTotal { source, control, stated, summed, reason } => {
                let details = vec![
                    ("control", text(control)),
                    ("stated", text(stated)),
                    ("summed", text(summed)),
                    ("reason", text(reason)),
                ];
                self.about_source(Kind::ControlDiffers, source, details)
            }
            // Of several sources: the operator is told.
            Command::Door { refused } => {
                let count = refused.iter().map(|(.., count)| count).sum();
                let mut codes: Vec<String> = refused.into_iter().map(|(_, code, _)| code).collect();
                codes.sort_unstable();
                codes.dedup();
                let details =
                    vec![("code", text(codes.join(" "))), ("count", Datum::Number(count))];
                (Kind::EventRefused, "door".to_owned(), Vec::new(), details)
            }
            Command::Hold(holding) => self.held(Kind::LineHeld, holding)?,
            Command::Release(holding) => self.held(Kind::LineReleased, holding)?,
            command => return self.made_of_papers(command),
        }))
    }

    /// Agreements, invoices, credentials.
    fn made_of_papers(&self, command: Command) -> Result<Option<Made>, EngineError> {
        use ChangeKind as Kind;
        let made = match command {
            Command::Countersign { agreement, version, .. } => {
                let (parties, subject) =
                    (self.signers(&agreement, version), format!("agreements/{agreement}"));
                let details = vec![
                    ("agreement", text(agreement)),
                    ("version", Datum::Number(version.into())),
                ];
                (Kind::AgreementSigned, subject, parties, details)
            }
            Command::Invoice { agreement, period, document, .. } => {
                let id = settle::invoice::TaxInvoice::decode(&document)?.id;
                let (parties, subject) =
                    (self.sides(&agreement, &period)?, format!("invoices/{id}"));
                let details = vec![
                    ("invoice", text(id)),
                    ("agreement", text(agreement)),
                    ("period", text(period)),
                ];
                (Kind::InvoiceMade, subject, parties, details)
            }
            Command::Amend { invoice, documents, on, .. } => {
                let subject = format!("invoices/{invoice}");
                let mut ids = Vec::new();
                for document in &documents {
                    ids.push(settle::invoice::TaxInvoice::decode(document)?.id);
                }
                let details = vec![
                    ("invoice", text(invoice)),
                    ("amended_by", text(ids.join(" "))),
                    ("on", text(on)),
                ];
                // Whose agreement it was is in the original alone: the operator is told.
                (Kind::InvoiceAmended, subject, Vec::new(), details)
            }
            Command::Access { credential } => {
                let Credential { id, name, role, party, revoked, .. } =
                    Credential::decode(&credential)?;
                let subject = format!("credentials/{id}");
                let details = vec![
                    ("credential", text(id)),
                    ("name", text(name)),
                    ("role", text(role)),
                    ("party", text(party)),
                    ("revoked", Datum::Flag(revoked)),
                ];
                (Kind::CredentialChanged, subject, Vec::new(), details)
            }
            Command::OperatorKey { note } => self.key_changed(&note)?,
            command => return Ok(made_of_access(command)?),
        };
        Ok(Some(made))
    }

    /// Another key signs for the operator: every counterparty is told.
    fn key_changed(&self, note: &[u8]) -> Result<Made, BadBytes> {
        let Rotation { old, new, .. } = crate::operator_key::read(note)?;
        let book = self.engine.state.books.current();
        let parties = book.iter().flat_map(|book| &book.lookup.rules.parties);
        let parties = parties.map(|party| party.name.clone()).collect();
        let details = vec![
            ("old", text(old.to_string())),
            ("new", text(new.to_string())),
            ("note", text(String::from_utf8_lossy(note))),
        ];
        Ok((ChangeKind::OperatorKeyChanged, "operator-key".to_owned(), parties, details))
    }

    /// A command about one event: `moved` names the record it moved, `told` the one that says it.
    fn about_event(
        &mut self,
        kind: ChangeKind,
        (moved, told): (Position, Position),
        details: Vec<(&'static str, Datum)>,
    ) -> Result<Made, EngineError> {
        let told = self.told(told)?;
        let parties = self.parties(&told.source);
        let mut data: Vec<_> = told.data.into_iter().collect();
        data.push(("record", Datum::Number(moved)));
        data.extend(details);
        Ok((kind, told.subject, parties, data))
    }

    fn about_source(
        &self,
        kind: ChangeKind,
        source: String,
        mut details: Vec<(&'static str, Datum)>,
    ) -> Made {
        let (parties, subject) = (self.parties(&source), format!("sources/{source}"));
        details.push(("source", text(source)));
        (kind, subject, parties, details)
    }

    fn held(&self, kind: ChangeKind, holding: Holding) -> Result<Made, EngineError> {
        let Holding { agreement, period, line, reason } = holding;
        let parties = self.sides(&agreement, &period)?;
        let subject = period_subject(&agreement, &period);
        let details = vec![
            ("agreement", text(agreement)),
            ("period", text(period)),
            ("line", text(line)),
            ("reason", text(reason)),
        ];
        Ok((kind, subject, parties, details))
    }

    fn closed(&self, agreement: String, period: &str) -> Result<Option<Made>, EngineError> {
        let Some((closed, statement)) = self.stated(&agreement, period)? else {
            return Ok(None);
        };
        let payable: &Decimal = &statement.payable;
        let parties = parties_of(&statement.from, &statement.to);
        let subject = period_subject(&agreement, period);
        let details = vec![
            ("agreement", text(agreement)),
            ("period", text(period)),
            ("version", Datum::Number(statement.version.into())),
            ("start", Datum::Time(closed.span.start)),
            ("end", Datum::Time(closed.span.end)),
            ("from", text(statement.from)),
            ("to", text(statement.to)),
            ("payable", text(payable.to_string())),
            ("asset", text(statement.asset.code)),
        ];
        Ok(Some((ChangeKind::PeriodClosed, subject, parties, details)))
    }

    /// A closed period with its statement.
    fn stated(
        &self,
        agreement: &str,
        period: &str,
    ) -> Result<Option<(Closed, Statement)>, EngineError> {
        let key = document::period_key(agreement, period);
        let found = self.engine.store.document(Table::Statement, &key)?;
        let Some(found) = found else { return Ok(None) };
        let closed = Closed::decode_without_sums(&found)?;
        let statement = Statement::parse(&closed.body)?;
        Ok(Some((closed, statement)))
    }

    /// Both parties of a closed period's statement: other versions of the agreement may be between
    /// others.
    fn sides(&self, agreement: &str, period: &str) -> Result<Vec<String>, EngineError> {
        let stated = self.stated(agreement, period)?;
        let parties = stated.map(|(_, statement)| parties_of(&statement.from, &statement.to));
        Ok(parties.unwrap_or_default())
    }

    /// Both parties of one version of an agreement, by the book in force.
    fn signers(&self, agreement: &str, version: u32) -> Vec<String> {
        let Some(revision) = self.engine.state.books.current() else { return Vec::new() };
        let mut known = revision.compiled.agreements.iter();
        let found = known.find(|known| known.name == agreement && known.version == version);
        found.map(|found| parties_of(&found.from, &found.to)).unwrap_or_default()
    }
}

/// Who was denied, who signed in, keys of tokens, schemas: the operator is told.
fn made_of_access(command: Command) -> Result<Option<Made>, BadBytes> {
    use ChangeKind as Kind;
    let (kind, subject, details) = match command {
        Command::Denied { denied } => {
            let Denied { asker, action, code, minute, count } = Denied::decode(&denied)?;
            let details = vec![
                ("who", text(&asker)),
                ("action", text(action)),
                ("code", text(code)),
                ("since", Datum::Time(minute)),
                ("count", Datum::Number(count)),
            ];
            (Kind::AccessDenied, format!("access/{asker}"), details)
        }
        Command::SignIns { tried } => {
            let all = SignIn::decode(&tried)?;
            let Some(first) = all.first().cloned() else { return Ok(None) };
            let networks: Vec<String> = all.iter().map(|one| one.network.clone()).collect();
            let count = all.iter().fold(0u64, |sum, one| sum.saturating_add(one.count));
            let details = vec![
                ("who", text(&first.who)),
                ("tried", text(first.tried.word())),
                ("how", text(first.how)),
                ("code", text(first.code)),
                ("networks", text(networks.join(" ").trim())),
                ("since", Datum::Time(first.since)),
                ("count", Datum::Number(count)),
            ];
            (Kind::AccessTried, format!("access/{}", first.who), details)
        }
        Command::LegalHold { hold } => {
            let hold = LegalHold::decode(&hold)?;
            let kind = if hold.lifted { Kind::LegalHoldLifted } else { Kind::LegalHoldPlaced };
            let subject = format!("legal-holds/{}", hold.id);
            let details = vec![
                ("on", text(hold.subject())),
                ("hold", text(hold.id)),
                ("ordered_by", text(hold.ordered_by)),
                ("reason", text(hold.reason)),
            ];
            (kind, subject, details)
        }
        Command::TokenKey { key } => {
            let TokenKey { id, alone, .. } = TokenKey::decode(&key)?;
            let details = vec![("key", text(id)), ("ends_others", Datum::Flag(alone))];
            (Kind::TokenKeyChanged, "token-keys".to_owned(), details)
        }
        Command::Schema { change } => {
            let change = Change::decode(&change)?;
            let subject = format!("schemas/{}", change.subject());
            let details =
                vec![("subject", text(change.subject())), ("change", text(change.to_string()))];
            (Kind::SchemaChanged, subject, details)
        }
        _ => return Ok(None),
    };
    Ok(Some((kind, subject, Vec::new(), details)))
}

fn parties_of(from: &str, to: &str) -> Vec<String> {
    let mut parties = vec![from.to_owned(), to.to_owned()];
    parties.dedup();
    parties
}

fn period_subject(agreement: &str, period: &str) -> String {
    format!("periods/{agreement}/{period}")
}
