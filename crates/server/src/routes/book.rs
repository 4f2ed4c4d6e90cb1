//! The book: its revisions, the check and the plan of a changed one, and its coming into force.

use crate::app::App;
use crate::aside::aside;
use crate::body;
use crate::cache::Depends;
use crate::extract::Whole;
use crate::guard::Asker;
use crate::limits::BOOK_BYTES_MAX;
use crate::once::Asked;
use crate::policy::trial;
use crate::refusal::Refusal;
use crate::sandbox;
use crate::trace::carried;
use api::Problem;
use api::book::{
    Apply, Book, BookBreak, BookChange, BookDiagnostic, BookRevision, Changed, Checked, Planned,
    PlannedPeriod,
};
use api::code;
use api::commands::Given;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::{Extension, Json};
use node::book::Severity;
use node::check;
use node::clock::show_time;
use node::engine::plan::{PeriodPlan, Rated};
use node::engine::query::scan::hex;
use node::keys::sha256;
use node::settle::Statement;
use node::settle::statement::money;
use node::{NodeError, OperatorHome, Session};
use std::collections::BTreeMap;

/// Periods of each agreement that a plan rates, the latest.
const PLAN_PERIODS: usize = 12;

/// The book in force and every revision, with the hash of each file.
#[utoipa::path(get, path = "/v1/book", responses((status = 200, body = Book),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn show(asker: Asker) -> Result<(Extension<Depends>, Json<Book>), Refusal> {
    let (revision, kept) = asker.tenant.service.read(|session| {
        let books = &session.operator.engine.state().books;
        let last = books.current().map_or(0, |book| book.lookup.rules.revision);
        let kept = (1..=last).rev().filter_map(|at| Some((at, books.get(at).ok()?.clone())));
        (last, kept.collect::<Vec<_>>())
    });
    let hash = |(path, bytes): (&String, &Vec<u8>)| (path.clone(), hex(&sha256(bytes)));
    let revisions = kept.iter().map(|(number, book)| BookRevision {
        revision: *number,
        at: show_time(book.at),
        by: book.author.clone(),
        reason: book.reason.clone(),
        files: book.files.iter().map(hash).collect(),
    });
    let book = Book { revision, revisions: revisions.collect() };
    Ok((Extension(Depends::OnCommands), Json(book)))
}

/// The files of a request as those of a book; none for the ones on the server.
fn files(
    given: Option<BTreeMap<String, String>>,
) -> Result<Option<BTreeMap<String, Vec<u8>>>, Refusal> {
    let bytes = |files: &BTreeMap<String, String>| files.values().map(String::len).sum::<usize>();
    if given.as_ref().is_some_and(|files| bytes(files) > BOOK_BYTES_MAX) {
        let what = format!("the files of a book have at most {BOOK_BYTES_MAX} bytes");
        return Err(Refusal::of(&code::BODY_TOO_LARGE, what));
    }
    let bytes = |(path, text): (String, String)| (path, text.into_bytes());
    Ok(given.map(|files| files.into_iter().map(bytes).collect()))
}

fn checked(
    session: &Session,
    files: Option<BTreeMap<String, Vec<u8>>>,
) -> Result<(check::Checked, u32), NodeError> {
    let current = session.operator.engine.state().books.current();
    let next = current.map_or(0, |book| book.lookup.rules.revision) + 1;
    Ok((compiled(&session.place, files, next)?, next))
}

/// These files, or those on the server, compiled as a revision.
fn compiled(
    place: &OperatorHome,
    files: Option<BTreeMap<String, Vec<u8>>>,
    revision: u32,
) -> Result<check::Checked, NodeError> {
    let mut checked = match files {
        Some(files) => check::check_files(files, &place.operator, revision),
        None => check::check(place, revision)?,
    };
    trial::complete(&mut checked);
    Ok(checked)
}

fn shown(checked: &check::Checked) -> Checked {
    let count = |severity| checked.diagnostics.iter().filter(|d| d.severity == severity).count();
    let diagnostics = checked.diagnostics.iter().map(|found| BookDiagnostic {
        code: found.code.to_owned(),
        severity: found.severity.to_string(),
        file: found.file.clone(),
        line: found.line,
        column: found.column,
        message: found.message.clone(),
        hint: found.hint.clone(),
    });
    Checked {
        files: checked.files.len(),
        tests: checked.tests,
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        diagnostics: diagnostics.collect(),
    }
}

/// Every mistake of a changed book. Nothing is recorded.
#[utoipa::path(post, path = "/v1/book/check", request_body = Changed, responses(
    (status = 200, body = Checked),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn check(
    asker: Asker,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<Json<Checked>, Refusal> {
    let Changed { files: given } = body::document(&headers, &body)?;
    let given = files(given)?;
    let place = asker.tenant.service.read(|session| session.place.clone());
    let checked = aside(move || compiled(&place, given, 1)).await;
    Ok(Json(shown(&checked.ok_or_else(|| Refusal::of(&code::INTERNAL, ""))??)))
}

/// What a changed book would do: to the rules, and to the money of recent periods. Nothing is
/// recorded.
#[utoipa::path(post, path = "/v1/book/plan", request_body = Changed, responses(
    (status = 200, body = Planned),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn plan(
    asker: Asker,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<Json<Planned>, Refusal> {
    let Changed { files: given } = body::document(&headers, &body)?;
    let given = files(given)?;
    let planned = aside(move || {
        let service = &asker.tenant.service;
        let place = service.read(|session| session.place.clone());
        // Before the operator is looked at: nothing else of it waits meanwhile.
        let checked = compiled(&place, given, service.revision() + 1)?;
        let bounds = (PLAN_PERIODS, false);
        service.read(|session| node::plan::plan_checked(session, checked, bounds))
    });
    let planned = planned.await.ok_or_else(|| Refusal::of(&code::INTERNAL, ""))??;
    let changes = planned.changes.iter().map(|change| BookChange {
        what: change.what.to_string(),
        name: change.name.clone(),
        how: change.how.word().to_owned(),
    });
    let breaks = planned.breaks.iter();
    let breaks =
        breaks.map(|found| BookBreak { what: found.what.clone(), message: found.message.clone() });
    Ok(Json(Planned {
        revision: planned.revision,
        check: shown(&planned.checked),
        changes: changes.collect(),
        breaks: breaks.collect(),
        periods: planned.plan.periods.iter().map(period).collect(),
        left_out: planned.plan.left_out,
    }))
}

fn period(plan: &PeriodPlan) -> PlannedPeriod {
    fn statement(rated: &Rated) -> Option<&Statement> {
        match rated {
            Rated::Statement(statement) => Some(statement),
            Rated::Absent | Rated::Refused(_) => None,
        }
    }
    let (before, after) = (statement(&plan.before), statement(&plan.after));
    let payable = |found: &Statement| money(found.payable, found.asset.scale);
    let refused = match &plan.after {
        Rated::Refused(why) => Some(why.clone()),
        _ => None,
    };
    PlannedPeriod {
        agreement: plan.agreement.clone(),
        period: plan.period.to_string(),
        closed: plan.closed,
        asset: after.or(before).map(|found| found.asset.code.clone()).unwrap_or_default(),
        before: before.map(payable),
        after: after.map(payable),
        refused,
    }
}

/// Let a changed book come into force. Files that are sent are recorded; those in the operator's
/// directory stay as they are.
#[utoipa::path(post, path = "/v1/book/apply", request_body = Apply, responses(
    (status = 200, body = Given),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn apply(
    State(app): State<App>,
    asker: Asker,
    asked: Asked,
) -> Result<Response, Refusal> {
    let Apply { files: given, reason } = asked.document()?;
    let reason = reason.trim().to_owned();
    if reason.is_empty() {
        return Err(Refusal::of(&node::code::NO_REASON, ""));
    }
    let given = files(given)?;
    let work = move |session: &mut Session| {
        let (checked, next) = checked(session, given)?;
        let books = &session.operator.engine.state().books;
        if books.current().is_some_and(|current| current.files == checked.files) {
            let what = "the book in force has these files already".to_owned();
            return Err(node::engine::EngineError::Conflict(what).into());
        }
        session.apply_checked(checked, next, &reason)
    };
    let tenant = asker.tenant.clone();
    let given = asked.give(asker, work).await?;
    // What is in force is in force, whatever becomes of this.
    let _ = carried(move || sandbox::keep_up(&app, &tenant)).await;
    Ok(given)
}
