//! All that somebody made, ended at once: credentials, what those made, and so on, and webhooks.

use super::{author_of, found, revoke};
use crate::session::Session;
use crate::{NodeError, webhooks};
use engine::access::{Credential, Recorded};
use engine::port::Position;
use engine::query::CommandFilter;
use engine::webhook::Endpoint;
use engine::{Command, Control};
use std::collections::{HashMap, HashSet};

/// Revokes every credential that `maker` made (`key:ID`, `person:ID`, an account) or gave a secret
/// that still holds, what those made since, and so on; and removes the webhooks that they made or
/// changed. The ids, in order of time.
///
/// # Errors
/// A failing port; then it is done again.
pub fn revoke_made_by(
    session: &mut Session,
    maker: &str,
    author: &str,
) -> Result<Vec<String>, NodeError> {
    end(session, maker, Position::MAX, author)
}

/// What [`revoke_made_by`] ended whose first command is at `position`. What a crash kept it from is
/// ended now; what was made since is not its own.
///
/// # Errors
/// As [`revoke_made_by`].
pub fn revoke_made_by_again(
    session: &mut Session,
    maker: &str,
    author: &str,
    position: Position,
) -> Result<Vec<String>, NodeError> {
    let engine = &session.operator.engine;
    let (first, trace) = engine.traced_control(position)?;
    let mut ids = Vec::new();
    // Its commands follow each other: nothing comes between, and a crash ends them.
    for at in position..engine.store().position() {
        let Ok((control, of)) = engine.traced_control(at) else { break };
        match ended(&control) {
            Some(id) if control.author == first.author && of == trace => ids.push(id),
            _ => break,
        }
    }
    ids.extend(end(session, maker, position, author)?);
    Ok(ids)
}

/// What a command ends.
fn ended(control: &Control) -> Option<String> {
    match &control.command {
        Command::Access { credential } => {
            Credential::decode(credential).ok().filter(|found| found.revoked).map(|found| found.id)
        }
        Command::Webhook { endpoint } => {
            Endpoint::decode(endpoint).ok().filter(|found| found.removed).map(|found| found.id)
        }
        _ => None,
    }
}

/// Ends what was made before a position and still holds.
fn end(
    session: &mut Session,
    maker: &str,
    until: Position,
    author: &str,
) -> Result<Vec<String>, NodeError> {
    let mut versions = session.operator.engine.credentials()?;
    versions.retain(|version| version.position < until);
    // Whoever was made comes after who made it.
    versions.sort_by_key(|version| version.position);
    // From which position on: what somebody else's key did before its secret was known is not it.
    let mut makers = vec![(maker.to_owned(), 0)];
    let mut secrets: HashMap<String, Vec<u8>> = HashMap::new();
    let mut ids: Vec<String> = Vec::new();
    for Recorded { credential, position, author: by, .. } in versions {
        let name = author_of(&credential);
        let before = secrets.insert(credential.id.clone(), credential.secret.clone());
        // A person makes the last version of their own credential.
        let own = makers.iter().any(|(maker, _)| *maker == name);
        let theirs = makers.iter().any(|(maker, since)| *maker == by && *since <= position);
        if own || !theirs || before.as_ref() == Some(&credential.secret) {
            continue;
        }
        makers.push((name, position));
        if !revoked_since(session, &credential, before.is_none())? {
            revoke(session, &credential.id, author)?;
            ids.push(credential.id);
        }
    }
    for id in webhooks_of(session, &makers, until)? {
        webhooks::remove(session, &id, author)?;
        ids.push(id);
    }
    Ok(ids)
}

/// Whether what `version` gave holds no more: the credential was revoked, or, where it was not made
/// with that version, has other secrets now.
fn revoked_since(
    session: &Session,
    version: &Credential,
    is_made: bool,
) -> Result<bool, NodeError> {
    let now = found(session, &version.id)?;
    let knows = |secret: &[u8]| secret == version.secret.as_slice();
    let before_holds = crate::clock::now_nanos() < now.before_ends_at;
    let holds = is_made || knows(&now.secret) || (before_holds && knows(&now.before));
    Ok(now.revoked || !holds)
}

/// Webhooks that one of these made, or has changed or rotated since.
fn webhooks_of(
    session: &Session,
    makers: &[(String, Position)],
    until: Position,
) -> Result<Vec<String>, NodeError> {
    let engine = &session.operator.engine;
    let mut changed: HashSet<String> = HashSet::new();
    let mut filter = CommandFilter { kind: Some("webhook".to_owned()), ..Default::default() };
    filter.limit = usize::MAX;
    loop {
        let page = engine.commands(&filter)?;
        for (position, Control { author, command, .. }, _) in page.commands {
            let theirs = |(maker, since): &(String, Position)| {
                *maker == author && *since <= position && position < until
            };
            if let Command::Webhook { endpoint } = command
                && makers.iter().any(theirs)
                && let Ok(endpoint) = Endpoint::decode(&endpoint)
            {
                changed.insert(endpoint.id);
            }
        }
        let Some(next) = page.next else { break };
        filter.start = next;
    }
    let all = engine.webhooks()?.into_iter().map(|recorded| recorded.endpoint.id);
    Ok(all.filter(|id| changed.contains(id)).collect())
}
