//! Credentials as documents, without their secrets.

use crate::guard::kind_name;
use api::access::Key;
use node::clock::show_time;
use node::engine::access::Recorded;

/// A credential as it was recorded.
pub fn key(recorded: Recorded) -> Key {
    let Recorded { credential, at, author, .. } = recorded;
    Key {
        id: credential.id,
        kind: kind_name(credential.kind).to_owned(),
        name: credential.name,
        role: credential.role,
        party: Some(credential.party).filter(|party| !party.is_empty()),
        created_at: show_time(at),
        created_by: author,
        expires_at: (credential.expires_at < i64::MAX).then(|| show_time(credential.expires_at)),
        networks: credential.networks,
        scopes: credential.scopes,
        before_ends_at: (!credential.before.is_empty())
            .then(|| show_time(credential.before_ends_at)),
        revoked: credential.revoked,
    }
}
