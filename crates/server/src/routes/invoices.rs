//! Korean tax invoices of closed periods.

use crate::extract::Named;
use crate::guard::Asker;
use crate::once::Asked;
use crate::refusal::Refusal;
use crate::view::{self, statement};
use api::Problem;
use api::code;
use api::commands::{AmendInvoice, Given, NewInvoice};
use api::invoices::Invoice;
use axum::Json;
use axum::response::Response;
use node::{NodeError, Session};
use std::collections::BTreeSet;

/// Every tax invoice, in order of the commands that made them.
#[utoipa::path(get, path = "/v1/invoices", responses((status = 200, body = Vec<Invoice>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(asker: Asker) -> Result<Json<Vec<Invoice>>, Refusal> {
    Ok(Json(own(&asker).await?))
}

/// One tax invoice.
#[utoipa::path(get, path = "/v1/invoices/{id}",
    params(("id" = String, Path, description = "the invoice's id")), responses(
    (status = 200, body = Invoice),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn show(asker: Asker, Named(id): Named<String>) -> Result<Json<Invoice>, Refusal> {
    let found = own(&asker).await?.into_iter().find(|invoice| invoice.id == id);
    found.map(Json).ok_or_else(|| Refusal::of(&code::NO_SUCH, format!("no tax invoice `{id}`")))
}

/// Those of statements that the asker sees; an amendment goes with its original.
async fn own(asker: &Asker) -> Result<Vec<Invoice>, Refusal> {
    let found = asker.read(|session, scope| {
        let engine = &session.operator.engine;
        let (mut own, mut originals) = (Vec::new(), BTreeSet::new());
        for issued in engine.invoices()? {
            let seen = match &issued.of {
                _ if scope.party().is_none() => true,
                Some((agreement, period)) => {
                    statement::find(engine, scope, (agreement, period), false)?.is_some()
                }
                None => false,
            };
            let invoice = view::invoice::invoice(&issued)?;
            let amends = invoice.amends.as_ref();
            if seen || amends.is_some_and(|amends| originals.contains(&amends.original)) {
                originals.insert(invoice.id.clone());
                own.push(invoice);
            }
        }
        Ok(own)
    });
    found.await
}

/// Make the tax invoice of a closed period; one that was made before stays as it is.
#[utoipa::path(post, path = "/v1/invoices", request_body = NewInvoice, responses(
    (status = 200, body = Given),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn make(asker: Asker, asked: Asked) -> Result<Response, Refusal> {
    let NewInvoice { agreement, period } = asked.document()?;
    let work = move |session: &mut Session| {
        let (issued, _) = session.make_invoice(&agreement, &period)?;
        Ok(issued.position)
    };
    asked.give(asker, work).await
}

/// Amend a tax invoice: by documents of their own; the original stays as it is.
#[utoipa::path(post, path = "/v1/invoices/{id}/amend", request_body = AmendInvoice,
    params(("id" = String, Path, description = "the original's id")), responses(
    (status = 200, body = Given),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn amend(
    asker: Asker,
    Named(id): Named<String>,
    asked: Asked,
) -> Result<Response, Refusal> {
    let AmendInvoice { reason, changed, supply_change } = asked.document()?;
    let supply = supply_change.as_deref();
    let amendment = node::invoice::amendment(&id, &reason, &changed, supply)?;
    let work = move |session: &mut Session| {
        let issued = session.amend_invoice(&id, &amendment)?;
        let first = issued.first().map(|issued| issued.position);
        first.ok_or_else(|| NodeError::said(node::code::SYSTEM, "nothing amends it"))
    };
    asked.give(asker, work).await
}
