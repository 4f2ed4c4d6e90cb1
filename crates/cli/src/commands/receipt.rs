//! `saldo proof check` of a receipt: whether the operator signed that it took these events in.

use super::proof::finding;
use crate::args::ask::ProofCheck;
use crate::errors::{Failure, NOT_EVENTS};
use node::clock::show_time;
use node::engine::query::scan::hex;
use proof::digest::content_hash;
use proof::note::VerifierKey;
use proof::receipt::{Entry, Facts, Receipt};
use serde_json::{Value, json};
use std::path::Path;

/// Checks the bytes of a receipt; with `--events`, that it is of these events.
pub(super) fn check(bytes: &[u8], key: &VerifierKey, args: &ProofCheck) -> Result<Value, Failure> {
    let receipt = Receipt::parse(bytes).map_err(|error| Failure::of(error.code(), &error))?;
    let (mut facts, mut findings) = (Value::Null, Vec::new());
    match receipt.check(std::slice::from_ref(key)) {
        Ok(found) => {
            if let Some(path) = &args.events {
                let mine = entries(path, &found, &args.personal)?;
                if let Err(error) = receipt.is_of(&mine) {
                    let failure = Failure::of(error.code(), &error);
                    findings.push(finding(&failure, error.code(), error.hint()));
                }
            }
            facts = shown(&receipt, &found);
        }
        Err(error) => {
            let failure = Failure::of(error.code(), &error);
            findings.push(finding(&failure, error.code(), error.hint()));
        }
    }
    let clean = findings.is_empty();
    Ok(json!({
        "type": "receipt", "clean": clean, "facts": facts, "findings": findings, "compared": null,
    }))
}

fn shown(receipt: &Receipt, facts: &Facts) -> Value {
    let (id, hash) = match &receipt.entry {
        Some(Entry::Event { id, content_hash }) => (Some(id.clone()), Some(content_hash)),
        Some(Entry::Row { record_hash }) => (None, Some(record_hash)),
        None => (None, None),
    };
    let signers = facts.signers.iter().map(|(name, hash)| format!("{name}+{hash:08x}"));
    json!({
        "operator": facts.head.operator,
        "source": facts.head.source,
        "id": id,
        "content_hash": hash.map(|hash| hex(&hash.0)),
        "rows": receipt.range.map_or(1, |range| range.count),
        "received_at": show_time(facts.head.received_at),
        "included_by": show_time(facts.head.include_by),
        "signers": signers.collect::<Vec<_>>(),
    })
}

/// The events of a file as receipts tell them.
fn entries(path: &Path, facts: &Facts, personal: &[String]) -> Result<Vec<Entry>, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
    let is_personal = |name: &str| personal.iter().any(|personal| personal == name);
    let (operator, source) = (&facts.head.operator, &facts.head.source);
    let mine = node::mine::events_of(&bytes, operator, source, is_personal);
    let mine = mine.map_err(|(line, why)| {
        Failure::said(NOT_EVENTS, format!("{}:{line}: {why}", path.display()))
    })?;
    let entry = |canonical: &Vec<u8>| {
        let event = node::ledger::EventView::decode(canonical).ok()?;
        let content_hash = content_hash(canonical);
        Some(Entry::Event { id: event.id.to_owned(), content_hash })
    };
    Ok(mine.iter().filter_map(entry).collect())
}
