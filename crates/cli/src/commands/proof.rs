//! `saldo proof check`: a proof file, offline, with nothing but the operator's public key.
//!
//! JSON: `{"type","clean","facts":{},"findings":[{"severity","code","text","hint"}],"compared":
//! {"given","matched","missing","added","altered","outside","not_posting","unsure","others",
//! "sums_posted"} or null}`; of a statement also `"agreed":{"signed_by":[],"unchecked":[]} or null`
//! and `"notices":[{"command","at","by","reason","source","event","before","after","moved":
//! [{"account","asset","amount"}],"correction"}] or null`, which a file of version 1 does not have.

use super::{Ended, Outcome};
use crate::args::ask::{Proof, ProofCheck};
use crate::errors::{Failure, NOT_EVENTS};
use crate::output::{self, Plain};
use node::clock::show_time;
use node::settle::statement::money;
use proof::event_file::EventProof;
use proof::file::file_type;
use proof::note::{NoteError, VerifierKey};
use proof::rotation::Rotation;
use proof::statement_file::{MyEvent, Notice, Report, Severity, StatementProof, Told};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

/// Checks the file.
pub fn run(args: &Proof) -> Outcome {
    let Proof::Check(args) = args;
    let keys = trusted(args)?;
    let bytes = std::fs::read(&args.file).map_err(|error| Failure::file(&args.file, &error))?;
    // What the first key says is told, unless another one finds nothing wrong. There is one at
    // least: the command line demands it.
    let mut result = Value::Null;
    for key in keys {
        let found = match file_type(&bytes).as_deref() {
            Some("event") => event(&bytes, &key)?,
            Some("receipt") => super::receipt::check(&bytes, &key, args)?,
            _ => statement(&bytes, key, args)?,
        };
        let is_clean = found["clean"] == true;
        if is_clean || result.is_null() {
            result = found;
        }
        if is_clean {
            break;
        }
    }
    match args.format {
        Plain::Json => output::json(&result)?,
        Plain::Text => output::text(&text(&result))?,
    }
    Ok(if result["clean"] == true { Ended::Done } else { Ended::Found })
}

/// The keys that are given, and those that they name as the next ones.
fn trusted(args: &ProofCheck) -> Result<Vec<VerifierKey>, Failure> {
    let keys = args.key.iter().map(|path| node::keys::read_verifier(path));
    let mut keys: Vec<VerifierKey> = keys.collect::<Result<_, _>>()?;
    for path in &args.rotation {
        let bytes = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
        let told = Rotation::read(&bytes).map_err(|error| Failure::of(error.code(), &error))?;
        if !keys.contains(&told.old) {
            let error = NoteError::NoKnownKey;
            return Err(Failure::of(error.code(), &error));
        }
        keys.push(told.new);
    }
    Ok(keys)
}

fn event(bytes: &[u8], key: &VerifierKey) -> Result<Value, Failure> {
    let proof = EventProof::parse(bytes).map_err(|error| Failure::of(error.code(), &error))?;
    let (facts, findings) = match proof.check(std::slice::from_ref(key)) {
        Ok(facts) => {
            let facts = json!({
                "operator": facts.operator,
                "source": facts.source,
                "id": facts.id,
                "kind": facts.kind,
                "occurred_at": show_time(facts.occurred_at),
                "amount": facts.amount.map(|amount| amount.to_string()),
                "asset": facts.asset,
                "content_hash": node::engine::query::scan::hex(&facts.content_hash.0),
                "sequence": facts.sequence,
                "tree_size": facts.tree_size,
                "root": facts.root.to_base64(),
                "signers": facts.signers,
            });
            (facts, Vec::new())
        }
        Err(error) => {
            let failure = Failure::of(error.code(), &error);
            (Value::Null, vec![finding(&failure, error.code(), error.hint())])
        }
    };
    let clean = findings.is_empty();
    Ok(json!({
        "type": "event", "clean": clean, "facts": facts, "findings": findings, "compared": null,
    }))
}

/// What does not hold.
pub(super) fn finding(failure: &Failure, code: &str, hint: &str) -> Value {
    json!({ "severity": "error", "code": code, "text": failure.sentence(), "hint": hint })
}

fn statement(bytes: &[u8], key: VerifierKey, args: &ProofCheck) -> Result<Value, Failure> {
    let proof = StatementProof::parse(bytes).map_err(|error| Failure::of(error.code(), &error))?;
    let mut keys = vec![key];
    for path in &args.party_key {
        keys.push(node::keys::read_verifier(path)?);
    }
    let mine = args.events.as_deref().map(|path| events(path, &proof.rules)).transpose()?;
    let mut mine = mine.map(Vec::into_iter);
    let report = proof.check(&keys, mine.as_mut().map(|mine| mine as _));
    let mut found = document(&report);
    let agreed = report.facts.as_ref().and_then(|facts| facts.agreed.as_ref());
    found["agreed"] = agreed.map_or(
        Value::Null,
        |agreed| json!({ "signed_by": agreed.signed_by, "unchecked": agreed.unchecked }),
    );
    let notices = proof.notices.as_ref();
    found["notices"] = notices.map(|all| all.iter().map(notice).collect::<Vec<_>>()).into();
    Ok(found)
}

fn notice(notice: &Notice) -> Value {
    let Told { command, at, author, reason, source, id, before, after, moved, correction } =
        &notice.told;
    let given = |text: &String| (!text.is_empty()).then(|| text.clone());
    let moved = moved.iter().map(
        |moved| json!({ "account": moved.account, "asset": moved.asset, "amount": moved.amount }),
    );
    json!({
        "command": command,
        "at": at.parse().map_or_else(|_| at.clone(), show_time),
        "by": author,
        "reason": given(reason),
        "source": source,
        "event": id,
        "before": given(before),
        "after": given(after),
        "moved": moved.collect::<Vec<_>>(),
        "correction": given(correction),
    })
}

/// The events of a file, in canonical form: without the dimensions that the rules of the proof
/// call personal, which never enter a hash.
fn events(path: &Path, rules: &[u8]) -> Result<Vec<MyEvent>, Failure> {
    let rules =
        proof::rules_bytes::decode(rules).map_err(|error| Failure::of(error.code(), &error))?;
    let bytes = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
    let is_personal = |name: &str| rules.dims.iter().any(|dim| dim.personal && dim.name == name);
    let found =
        node::mine::events(&bytes, &rules.operator, is_personal).map_err(|(line, why)| {
            Failure::said(NOT_EVENTS, format!("{}:{line}: {why}", path.display()))
        })?;
    Ok(found.into_iter().map(|canonical| MyEvent { canonical }).collect())
}

fn document(report: &Report) -> Value {
    let findings = report.findings.iter().map(|finding| {
        let severity = match finding.severity {
            Severity::Note => "note",
            Severity::Error => "error",
        };
        json!({
            "severity": severity,
            "code": finding.code,
            "text": finding.text,
            "hint": finding.hint(),
        })
    });
    let facts = report.facts.as_ref().map(|facts| {
        let payable = facts.payable.as_ref().map(|(from, to, asset, amount)| {
            json!({
                "from": from,
                "to": to,
                "asset": asset.code,
                "amount": money(*amount, asset.scale),
            })
        });
        json!({
            "operator": facts.operator,
            "agreement": facts.agreement,
            "version": facts.version,
            "period": facts.period,
            "start": show_time(facts.start),
            "end": show_time(facts.end),
            "payable": payable,
            "sequence": facts.sequence,
            "tree_size": facts.tree_size,
            "signers": facts.signers,
            "account_sums": facts.rows,
            "events": facts.events,
        })
    });
    let compared = report.compared.as_ref().map(|compared| {
        json!({
            "given": compared.given,
            "matched": compared.matched,
            "missing": compared.missing,
            "added": compared.added,
            "altered": compared.altered,
            "outside": compared.outside,
            "not_posting": compared.not_posting,
            "unsure": compared.unsure,
            "others": compared.others,
            "sums_posted": compared.sums_posted,
        })
    });
    json!({
        "type": "statement",
        "clean": report.is_clean(),
        "facts": facts,
        "findings": findings.collect::<Vec<_>>(),
        "untold": report.untold,
        "compared": compared,
    })
}

fn text(result: &Value) -> String {
    let bare = super::story::bare;
    let mut text = String::new();
    for (name, value) in result["facts"].as_object().into_iter().flatten() {
        let _ = writeln!(text, "{name:<14}{}", bare(value));
    }
    for found in result["findings"].as_array().into_iter().flatten() {
        let (severity, code) = (bare(&found["severity"]), bare(&found["code"]));
        let _ = writeln!(text, "{severity} {code}: {}", bare(&found["text"]));
        if let Some(hint) = found["hint"].as_str().filter(|hint| !hint.is_empty()) {
            let _ = writeln!(text, "hint: {hint}");
        }
    }
    if let Some(compared) = result["compared"].as_object() {
        let counts: Vec<String> = compared.iter().map(|(n, c)| format!("{n} {c}")).collect();
        let _ = writeln!(text, "my events: {}", counts.join(", "));
    }
    if result["type"] == "statement" {
        text.push_str(&signatures(&result["agreed"]));
        text.push_str(&notices(&result["notices"]));
    }
    text.push_str(if result["clean"] == true {
        "the proof holds\n"
    } else {
        "the proof does NOT hold\n"
    });
    text
}

/// Who signed the terms, in one line.
fn signatures(agreed: &Value) -> String {
    let names = |list: &Value| {
        let names = list.as_array().into_iter().flatten().map(super::story::bare);
        names.collect::<Vec<String>>().join(", ")
    };
    if agreed.is_null() {
        return "the version of the agreement is not signed\n".to_owned();
    }
    let (signed, unchecked) = (names(&agreed["signed_by"]), names(&agreed["unchecked"]));
    let both = agreed["signed_by"].as_array().is_some_and(|signed| signed.len() > 1);
    if both && unchecked.is_empty() {
        format!("the version of the agreement is signed by both: {signed}\n")
    } else if unchecked.is_empty() {
        format!("the version of the agreement is signed by one side: {signed}\n")
    } else {
        format!(
            "the version of the agreement is signed by {signed}; not checked: {unchecked} (give \
             its key with --party-key)\n"
        )
    }
}

/// What the operator says it did by hand, one command a line.
fn notices(list: &Value) -> String {
    let bare = super::story::bare;
    let Some(list) = list.as_array() else { return String::new() };
    let mut text = format!("commands that moved what it reads: {}\n", list.len());
    for told in list {
        let [at, by, command] = ["at", "by", "command"].map(|name| bare(&told[name]));
        let [source, id] = ["source", "event"].map(|name| bare(&told[name]));
        let _ = write!(text, "  {at} {by}: {command} {source}/{id}");
        for (word, name) in [(" from ", "before"), (" to ", "after"), (": ", "reason")] {
            if !told[name].is_null() {
                let _ = write!(text, "{word}{}", bare(&told[name]));
            }
        }
        text.push('\n');
    }
    text
}
