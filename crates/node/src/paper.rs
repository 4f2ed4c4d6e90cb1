//! Statements for people: the names that the book has for what a statement names, and the days on
//! which it is due.

use crate::NodeError;
use engine::Engine;
use engine::close::Closed;
use engine::query::scan::hex;
use press::document::Due;
use press::{Document, Facts, Language, Names, Status};
use settle::calendar::{DueBase, due};
use settle::ledger::Decimal;
use settle::{Agreement, Statement};

/// The statement as a document in the words that people read; `closed` where its period is.
///
/// # Errors
/// When the book revision of the close is not there.
pub fn document(
    engine: &Engine,
    statement: &Statement,
    closed: Option<&Closed>,
    language: Language,
) -> Result<Document, NodeError> {
    let books = &engine.state().books;
    let revision = match closed {
        Some(closed) => Some(books.get(closed.revision)?),
        None => books.current(),
    };
    let compiled = revision.map(|revision| &revision.compiled);
    let agreement = compiled.and_then(|book| {
        let is_it = |found: &&Agreement| {
            found.name == statement.agreement && found.version == statement.version
        };
        book.agreements.iter().find(is_it)
    });
    let mut names = Names::default();
    if let Some(book) = compiled {
        names.issuer = (book.rules.operator.clone(), book.title.clone());
        names.parties.clone_from(&book.party_titles);
        names.dims.clone_from(&book.dim_titles);
        let measures = book.measures.iter();
        names.measures =
            measures.map(|measure| (measure.name.clone(), measure.title.clone())).collect();
    }
    if let Some(agreement) = agreement {
        names.agreement = agreement.title.clone();
        let steps = agreement.steps.iter();
        names.steps = steps.map(|step| (step.name.clone(), step.title.clone())).collect();
        names.zone.clone_from(&agreement.zone);
    }
    let facts = Facts {
        status: if closed.is_some() { Status::Closed } else { Status::Draft },
        body_hash: hex(&proof::digest::sha256(&statement.body()).0),
        dues: agreement.map(|agreement| dues(agreement, statement, closed)).unwrap_or_default(),
    };
    let mut document = Document::new(statement, &names, facts, language);
    if let Some(names) = signed_by(engine, statement, closed)? {
        let (version, names) = (statement.version, names.join(", "));
        document.notes.push(match language {
            Language::En => format!("Version {version} of the agreement is signed by {names}."),
            Language::Ko => format!("계약 버전 {version}에 서명한 키: {names}"),
        });
    }
    if closed.is_some() {
        document.notes.extend(held(engine, statement, language)?);
    }
    Ok(document)
}

/// Names of the keys with which both parties signed the version that the statement is rated by;
/// none where they did not. It stands beside the statement, never in its body.
///
/// # Errors
/// When the Store cannot be read.
pub fn signed_by(
    engine: &Engine,
    statement: &Statement,
    closed: Option<&Closed>,
) -> Result<Option<Vec<String>>, NodeError> {
    let status = match closed {
        Some(closed) => engine.countersigned_of(closed, &statement.agreement)?,
        None => Some(engine.version(&statement.agreement, Some(statement.version))?),
    };
    Ok(status.and_then(|status| status.signed.ok()))
}

/// What is to be paid now of a statement of which so much is held, minor units.
pub fn to_pay(statement: &Statement, held: i128) -> String {
    let scale = statement.asset.scale;
    let paid = statement.payable.to_minor(scale).unwrap_or_default().saturating_sub(held);
    Decimal::from_minor(paid, scale).to_string()
}

/// The lines held out of payment, one sentence each, and what is to be paid without them.
///
/// # Errors
/// When the Store cannot be read.
pub fn held(
    engine: &Engine,
    statement: &Statement,
    language: Language,
) -> Result<Vec<String>, NodeError> {
    let held = engine.held(&statement.agreement, &statement.period.to_string())?;
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let (scale, code) = (statement.asset.scale, &statement.asset.code);
    let mut notes: Vec<String> = held
        .iter()
        .map(|held| {
            let amount = Decimal::from_minor(held.minor, scale);
            let (line, reason) = (&held.holding.line, &held.holding.reason);
            match language {
                Language::En => {
                    format!("Held out of payment: {line}, {amount} {code} ({reason})")
                }
                Language::Ko => format!("지급 보류: {line}, {amount} {code} ({reason})"),
            }
        })
        .collect();
    let paid = to_pay(statement, held.iter().map(|held| held.minor).sum());
    notes.push(match language {
        Language::En => format!("To be paid now: {paid} {code}"),
        Language::Ko => format!("현재 지급액: {paid} {code}"),
    });
    Ok(notes)
}

/// When what is payable is due; nothing where that cannot be said yet, as of a draft that counts
/// from the day of its close.
fn dues(agreement: &Agreement, statement: &Statement, closed: Option<&Closed>) -> Vec<Due> {
    let day = |nanos: i64| {
        let at = jiff::Timestamp::from_nanosecond(nanos.into()).ok()?;
        let zone = jiff::tz::TimeZoneDatabase::bundled().get(&agreement.zone).ok()?;
        Some(zone.to_datetime(at).date())
    };
    let show = |found: &[settle::calendar::Due]| -> Vec<Due> {
        let shown = found.iter();
        shown.map(|due| Due { on: due.date.to_string(), amount: due.amount }).collect()
    };
    let Some(terms) = agreement.due.as_ref().filter(|_| !statement.payable.is_zero()) else {
        return Vec::new();
    };
    if !statement.due.is_empty() {
        return show(&statement.due);
    }
    let Some(period_end) = day(statement.span.end - 1) else { return Vec::new() };
    let closed = closed.and_then(|closed| day(closed.closed_at));
    let base = DueBase { period_end, closed, stated: closed };
    show(&due(terms, &base, statement.payable, statement.asset.scale).unwrap_or_default())
}

impl From<press::PressError> for NodeError {
    fn from(error: press::PressError) -> Self {
        Self::said(error.page(), error.what())
    }
}
