//! `saldo access`: keys of programs, made and revoked while no server runs on the directory.
//!
//! JSON of create: `{"id","key"}`; of secret: `{"id","secret"}`; of the list:
//! `[{"id","name","role","party","created_at",
//! "created_by","expires_at","networks":[],"revoked"}]`.

use super::{Ended, Globals, Outcome};
use crate::args::run::{Access, Create, Secret};
use crate::output::{self, Column, Format, Plain, Rows, talk};
use node::access::{self, NewKey};
use node::clock::{self, parse_time, show_time};
use node::{Purpose, engine};
use serde_json::json;

/// Makes, lists or revokes.
pub fn run(globals: &Globals, args: Access) -> Outcome {
    match args {
        Access::Create(args) => create(globals, args),
        Access::Secret(args) => secret(globals, args),
        Access::List { format } => list(globals, format),
        Access::Revoke { id } => {
            let mut session = globals.open(Purpose::Change)?;
            access::revoke(&mut session, &id, &clock::author())?;
            session.checkpoint()?;
            talk(format!("{id} does not hold from now on"));
            Ok(Ended::Done)
        }
    }
}

fn create(globals: &Globals, args: Create) -> Outcome {
    let expires_at = args.expires.as_deref().map(parse_time).transpose()?;
    let Create { name, role, party, networks, format, .. } = args;
    let new = NewKey { name, role, party, expires_at, networks };
    let mut session = globals.open(Purpose::Change)?;
    let (id, key) = access::make(&mut session, &new, &clock::author())?;
    session.checkpoint()?;
    match format {
        Plain::Json => output::json(&json!({ "id": id, "key": key }))?,
        Plain::Text => {
            talk(format!("key {id}; its text is shown this once and kept nowhere:"));
            output::text(&format!("{key}\n"))?;
        }
    }
    Ok(Ended::Done)
}

fn secret(globals: &Globals, args: Secret) -> Outcome {
    let expires_at = args.expires.as_deref().map(parse_time).transpose()?;
    let mut session = globals.open(Purpose::Change)?;
    let when = (expires_at, args.networks.as_slice());
    let made = access::make_secret(&mut session, &args.source, when, &clock::author())?;
    session.checkpoint()?;
    match args.format {
        Plain::Json => output::json(&json!({ "id": made.id, "secret": made.secret }))?,
        Plain::Text => {
            talk(format!("secret {} of {}; it is shown this once:", made.id, args.source));
            output::text(&format!("{}\n", made.secret))?;
        }
    }
    Ok(Ended::Done)
}

fn list(globals: &Globals, format: Format) -> Outcome {
    let session = globals.open(Purpose::Read)?;
    let (mut cells, mut json) = (Vec::new(), Vec::new());
    for engine::access::Recorded { credential, at, author, .. } in access::current(&session)? {
        let ends = (credential.expires_at < i64::MAX).then(|| show_time(credential.expires_at));
        let party = Some(&credential.party).filter(|party| !party.is_empty());
        json.push(json!({
            "id": credential.id,
            "name": credential.name,
            "role": credential.role,
            "party": party,
            "created_at": show_time(at),
            "created_by": author,
            "expires_at": ends,
            "networks": credential.networks,
            "revoked": credential.revoked,
        }));
        cells.push(vec![
            credential.id.clone(),
            credential.name.clone(),
            credential.role.clone(),
            credential.party.clone(),
            show_time(at),
            ends.unwrap_or_else(|| "never".to_owned()),
            if credential.revoked { "revoked" } else { "holds" }.to_owned(),
        ]);
    }
    let words = ["id", "name", "role", "party", "made", "ends", "state"];
    let columns = words.map(Column::text).into_iter().collect();
    Rows { columns, cells, json: json.into() }.print(format)?;
    Ok(Ended::Done)
}
