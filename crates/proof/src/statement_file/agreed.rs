//! Whether the terms that a statement is rated by were signed by both parties.

use super::report::{AgreedFacts, chain};
use super::{Report, StatementProof};
use crate::agreed::{AgreedError, AgreedVersion, speaks_for};
use crate::commitment::StatementCommitment;
use crate::note::{NoteError, SignedNote, VerifierKey};

/// Checks the note of the file, and that everybody whose key was given signed it: the operator
/// always, a party where one of its keys is among `keys`.
pub(super) fn check(
    file: &StatementProof,
    commitment: &StatementCommitment,
    keys: &[VerifierKey],
    report: &mut Report,
) -> Option<AgreedFacts> {
    let operator = &commitment.operator;
    let version = match AgreedVersion::of(operator, &file.agreement, &file.measures) {
        Ok(version) => version,
        // What cannot be read was found when the parts were.
        Err(AgreedError::Terms(_)) => return None,
        Err(error) => {
            report.error(error.code(), chain(&error));
            return None;
        }
    };
    let strangers = keys.iter().filter(|key| !version.concerns(key.name()));
    for key in strangers {
        let error = AgreedError::Stranger { key: key.name().to_owned() };
        report.error(error.code(), error.to_string());
    }
    let parties: Vec<&str> = [version.from.as_str(), version.to.as_str()]
        .into_iter()
        .filter(|party| party != operator)
        .collect();
    let Some(note) = &file.countersigned else {
        let given = |party: &&&str| keys.iter().any(|key| speaks_for(party, key.name()));
        for party in parties.iter().filter(given) {
            let text = format!("the file carries no version that {party} signed");
            report.error("E6092", text);
        }
        return None;
    };
    match version.open(note) {
        Ok(note) => Some(signatures(&note, (operator, &parties), keys, report)),
        Err(error) => {
            report.error(error.code(), format!("the signed version: {}", chain(&error)));
            None
        }
    }
}

fn signatures(
    note: &SignedNote,
    (operator, parties): (&str, &[&str]),
    keys: &[VerifierKey],
    report: &mut Report,
) -> AgreedFacts {
    let found = match note.verify(keys) {
        Ok(found) => found,
        Err(NoteError::NoKnownKey) => Vec::new(),
        Err(error) => {
            report.error(error.code(), format!("the signed version: {error}"));
            Vec::new()
        }
    };
    let signed_by: Vec<String> = found.iter().map(|key| key.name().to_owned()).collect();
    let mut must = |party: &str, signed: bool| {
        if !signed {
            let error = AgreedError::Unsigned { party: party.to_owned() };
            report.error(error.code(), error.to_string());
        }
    };
    must(operator, signed_by.iter().any(|name| speaks_for(operator, name)));
    let known = |party: &&&str| keys.iter().any(|key| speaks_for(party, key.name()));
    for party in parties.iter().filter(known) {
        must(party, signed_by.iter().any(|name| speaks_for(party, name)));
    }
    let names: Vec<&str> = note.signatures().iter().map(|line| line.name.as_str()).collect();
    if !names.iter().any(|name| parties.iter().any(|party| speaks_for(party, name))) {
        must(&parties.join(" or "), false);
    }
    let unchecked = names.into_iter().filter(|name| !signed_by.iter().any(|known| known == name));
    let unchecked = unchecked.map(str::to_owned).collect();
    AgreedFacts { signed_by, unchecked }
}
