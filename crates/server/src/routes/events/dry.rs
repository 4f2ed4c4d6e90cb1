//! Events that are only tried.

use crate::guard::Asker;
use crate::refusal::Refusal;
use crate::scope::Scope;
use crate::trace::apart;
use crate::view::source::sources;
use api::events::{Accepted, EventResult};
use api::sources::Source;
use axum::body::Bytes;
use node::NodeError;
use node::clock::{now_nanos, show_time};
use node::ledger::Reject;
use node::service::DryRow;
use serde_json::Value;
use std::ops::Range;

/// The fields of an event.
const FIELDS: [&str; 9] =
    ["source", "id", "kind", "occurred_at", "amount", "asset", "dims", "ref", "meta"];
/// Most names that a detail says.
const NAMES_MAX: usize = 8;
/// Most characters of a name that it says.
const NAME_CHARS_MAX: usize = 64;

/// What would become of these rows.
pub async fn run(
    asker: Asker,
    source: String,
    body: Bytes,
    rows: Vec<Range<usize>>,
) -> Result<Accepted, Refusal> {
    let would = apart(move || {
        let service = &asker.tenant.service;
        let would = service.would(&source, &body, &rows)?;
        let known = service.read(|session| sources(&session.operator.engine, &Scope::default()));
        let known = known.into_iter().find(|known| known.source == source);
        let results = (0..).zip(would).zip(&rows).map(|((at, would), row)| {
            let row = body.get(row.clone()).unwrap_or_default();
            let names = known.as_ref().zip(would.reject).map(|(known, why)| names(why, row, known));
            result(at, would, &names.unwrap_or_default())
        });
        Ok::<_, NodeError>((results.collect::<Vec<EventResult>>(), service.position()))
    });
    let (results, position) = would.await?;
    Ok(Accepted {
        state: "dry_run".to_owned(),
        events: results.len() as u64,
        trace_id: None,
        received_at: show_time(now_nanos()),
        position,
        results,
        checkpoint: None,
        receipt: None,
        receipts: Vec::new(),
    })
}

/// What of a row is wrong, by name: its kind, its asset, fields or dimensions; never what a
/// dimension says, which may be a person.
fn names(why: Reject, row: &[u8], known: &Source) -> Vec<String> {
    let row: Value = serde_json::from_slice(row).unwrap_or_default();
    let text = |field: &str| row[field].as_str().map(str::to_owned).into_iter().collect();
    let keys = |of: &Value| -> Vec<String> {
        of.as_object().map(|fields| fields.keys().cloned().collect()).unwrap_or_default()
    };
    let dims = keys(&row["dims"]).into_iter();
    match why {
        Reject::KindUnknown => text("kind"),
        Reject::AssetUnknown => text("asset"),
        Reject::FieldUnknown => {
            let own = keys(&row).into_iter().filter(|name| !FIELDS.contains(&name.as_str()));
            let of_ref = keys(&row["ref"]).into_iter();
            let of_ref = of_ref.filter(|name| !matches!(name.as_str(), "source" | "id"));
            own.chain(of_ref.map(|name| format!("ref.{name}"))).collect()
        }
        Reject::DimensionUndeclared => {
            dims.filter(|name| known.dims.iter().all(|dim| &dim.dim != name)).collect()
        }
        Reject::DimensionMissing => {
            let kind = known.kinds.iter().find(|kind| row["kind"] == kind.kind.as_str());
            let needed = kind.map(|kind| kind.dims.clone()).unwrap_or_default().into_iter();
            needed.filter(|name| row["dims"].get(name).is_none()).collect()
        }
        Reject::PartyUnknown => {
            let is_party = |name: &String| known.dims.iter().any(|d| d.party && &d.dim == name);
            dims.filter(is_party).collect()
        }
        _ => Vec::new(),
    }
}

fn result(at: u64, row: DryRow, names: &[String]) -> EventResult {
    let DryRow { outcome, reject, reason } = row;
    let title = || reject.map(|reject| reject.page().title.to_owned());
    let named: Vec<String> = names
        .iter()
        .take(NAMES_MAX)
        .map(|name| format!("`{}`", name.chars().take(NAME_CHARS_MAX).collect::<String>()))
        .collect();
    let detail = match (reason.or_else(title), named.as_slice()) {
        (Some(detail), [_, ..]) => Some(format!("{detail}: {}", named.join(", "))),
        (detail, _) => detail,
    };
    EventResult {
        at,
        outcome: outcome.word().to_owned(),
        position: None,
        sequence: None,
        code: reject.map(|reject| reject.code().to_owned()),
        stage: reject.map(|reject| reject.stage().word().to_owned()),
        detail,
    }
}
