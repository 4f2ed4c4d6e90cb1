//! Parties, agreements and their versions.

use crate::scope::Scope;
use api::agreements::{Agreement, AgreementVersion, Countersigned, Party, Title};
use node::NodeError;
use node::clock::show_time;
use node::engine::Engine;
use node::engine::agreed::VersionStatus;
use node::engine::books::Revision;
use std::collections::{BTreeMap, BTreeSet};

/// What people read, as a document.
pub fn title(title: &node::settle::Title) -> Title {
    Title { en: title.en.clone(), ko: title.ko.clone() }
}

/// A bound of time; null where there is none.
fn bound(nanos: i64, none: i64) -> Option<String> {
    (nanos != none).then(|| show_time(nanos))
}

/// The book in force.
fn current(engine: &Engine) -> Option<&Revision> {
    engine.state().books.current().map(AsRef::as_ref)
}

/// The companies that are seen, by name: all of the book, or a party and those that it has
/// agreements with.
pub fn parties(engine: &Engine, scope: &Scope) -> Vec<Party> {
    let Some(book) = current(engine) else { return Vec::new() };
    let mut agreements: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for agreement in scope.agreements(book) {
        for side in [&agreement.from, &agreement.to] {
            agreements.entry(side).or_default().insert(&agreement.name);
        }
    }
    let known = book.compiled.rules.parties.iter().map(|party| party.name.as_str());
    let seen = known.filter(|name| {
        scope.party().is_none_or(|party| party == *name) || agreements.contains_key(name)
    });
    let shown = |name: &str| Party {
        party: name.to_owned(),
        title: book.compiled.party_titles.get(name).map(title).unwrap_or_default(),
        own: book.compiled.own_parties.contains(name),
        agreements: agreements.get(name).into_iter().flatten().map(ToString::to_string).collect(),
    };
    let mut parties: Vec<Party> = seen.map(shown).collect();
    parties.sort_by(|a, b| a.party.cmp(&b.party));
    parties
}

/// The agreements that are seen, by name, each as it holds at `now` (nanoseconds UTC) or, where no
/// version does, as its last version says.
pub fn agreements(engine: &Engine, scope: &Scope, now: i64) -> Vec<Agreement> {
    let Some(book) = current(engine) else { return Vec::new() };
    let mut found: BTreeMap<&str, &node::settle::Agreement> = BTreeMap::new();
    for version in scope.agreements(book) {
        let place = found.entry(&version.name).or_insert(version);
        if !place.effective.contains(now) {
            *place = version;
        }
    }
    found.into_values().map(agreement).collect()
}

fn agreement(version: &node::settle::Agreement) -> Agreement {
    Agreement {
        agreement: version.name.clone(),
        title: title(&version.title),
        from: version.from.clone(),
        to: version.to.clone(),
        asset: version.asset.code.clone(),
        zone: version.zone.clone(),
        period: version.period.word().to_owned(),
        version: version.version,
        holds_from: bound(version.effective.start, i64::MIN),
        holds_until: bound(version.effective.end, i64::MAX),
    }
}

/// The versions of an agreement that are seen, by number, with who signed them.
///
/// # Errors
/// When there is no such agreement; a failing port.
pub fn versions(
    engine: &Engine,
    scope: &Scope,
    agreement: &str,
) -> Result<Vec<AgreementVersion>, NodeError> {
    let found = engine.versions(Some(agreement))?;
    let seen = found.iter().filter(|status| {
        let version = &status.version;
        scope.between(&version.from, &version.to)
    });
    Ok(seen.map(version).collect())
}

/// A version and its signatures.
pub fn version(status: &VersionStatus) -> AgreementVersion {
    let VersionStatus { version, required, parties, recorded, signed } = status;
    AgreementVersion {
        agreement: version.agreement.clone(),
        version: version.version,
        from: version.from.clone(),
        to: version.to.clone(),
        holds_from: bound(version.holds.start, i64::MIN),
        holds_until: bound(version.holds.end, i64::MAX),
        terms: version.terms.to_base64(),
        required: *required,
        parties: parties.clone(),
        signed: signed.as_ref().ok().cloned(),
        why: signed.as_ref().err().map(ToString::to_string),
        countersigned: recorded.as_ref().map(|recorded| Countersigned {
            at: show_time(recorded.at),
            by: recorded.author.clone(),
            position: recorded.position.0,
        }),
    }
}
