//! `saldo access`: keys and clients of programs, made, rotated and revoked while no server runs on
//! the directory.
//!
//! JSON of create: `{"id","key"}`, or of a client `{"client_id","client_secret"}`; of secret
//! `{"id","secret"}`; of rotate `{"id","secret","before_ends_at"}` or `{"kid"}`; of the list:
//! `[{"id","kind","name","role","party","created_at","created_by","expires_at","networks":[],
//! "scopes":[],"revoked"}]`; of the report:
//! `[{"duty","halves":[],"held_by":[{"id","kind","name","role"}]}]`.

use super::{Ended, Globals, Outcome};
use crate::args::run::{Access, Create, Rotate, Secret};
use crate::output::{self, Column, Format, Plain, Rows, talk};
use api::access::{Duty, Key};
use node::access::{self, NewKey};
use node::clock::{self, parse_time, show_time};
use node::{NodeError, Purpose, Session};
use serde_json::json;
use server::policy::cedar::Policies;
use std::collections::BTreeMap;

/// Makes, lists or revokes.
pub fn run(globals: &Globals, args: Access) -> Outcome {
    match args {
        Access::Create(args) => create(globals, args),
        Access::Secret(args) => secret(globals, &args),
        Access::List { at, format } => list(globals, at.as_deref(), format),
        Access::Report { at, format } => report(globals, at.as_deref(), format),
        Access::Rotate(args) => rotate(globals, &args),
        Access::Revoke { id, made_by } => {
            let mut session = globals.open(Purpose::Change)?;
            let author = clock::author();
            let made = made_by.map(|maker| access::revoke_made_by(&mut session, &maker, &author));
            let mut ids = made.transpose()?.unwrap_or_default();
            if let Some(id) = id {
                access::revoke(&mut session, &id, &author)?;
                ids.push(id);
            }
            session.checkpoint()?;
            revoked(&ids);
            Ok(Ended::Done)
        }
    }
}

/// Says what ended.
pub(super) fn revoked(ids: &[String]) {
    match ids {
        [] => talk("there is nothing to revoke"),
        [id] => talk(format!("{id} does not hold from now on")),
        ids => talk(format!("{} do not hold from now on", ids.join(", "))),
    }
}

fn create(globals: &Globals, args: Create) -> Outcome {
    let expires_at = args.expires.as_deref().map(parse_time).transpose()?;
    let Create { client, sandbox, name, role, party, networks, scopes, format, .. } = args;
    server::policy::known_scopes(&scopes)?;
    let new = NewKey { client, name, role, party, expires_at, networks, scopes };
    let mut session = globals.open(Purpose::Change)?;
    if sandbox {
        session = sandbox_of(globals, &session)?;
    }
    let made = access::make(&mut session, &new, &clock::author())?;
    session.checkpoint()?;
    let (id, secret) = (&made.id, &made.secret);
    match (format, client) {
        (Plain::Json, false) => output::json(&json!({ "id": id, "key": secret }))?,
        (Plain::Json, true) => {
            output::json(&json!({ "client_id": id, "client_secret": secret }))?;
        }
        (Plain::Text, _) => {
            let (what, word) = if client { ("client", "secret") } else { ("key", "text") };
            talk(format!("{what} {id}; its {word} is shown this once and kept nowhere:"));
            output::text(&format!("{secret}\n"))?;
        }
    }
    Ok(Ended::Done)
}

/// The sandbox of an operator that is open.
fn sandbox_of(globals: &Globals, session: &Session) -> Result<Session, NodeError> {
    let state = session.operator.engine.state();
    let operator = &session.place.operator;
    node::sandbox::of(operator)?;
    let files = state.books.current().map(|book| book.files.clone()).unwrap_or_default();
    node::sandbox::open(&globals.dir, operator, &files, &state.schemas)
}

fn secret(globals: &Globals, args: &Secret) -> Outcome {
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

fn rotate(globals: &Globals, args: &Rotate) -> Outcome {
    let mut session = globals.open(Purpose::Change)?;
    let author = clock::author();
    let Some(id) = &args.id else {
        let kid = access::token_key::rotate(&mut session, args.end_others, &author)?;
        session.checkpoint()?;
        match args.format {
            Plain::Json => output::json(&json!({ "kid": kid }))?,
            Plain::Text => talk(format!("{kid} signs tokens from now on")),
        }
        return Ok(Ended::Done);
    };
    let ends_at = clock::now_nanos().saturating_add(i64::from(args.overlap) * 1_000_000_000);
    let made = access::rotate(&mut session, id, ends_at, &author)?;
    session.checkpoint()?;
    let before_ends_at = show_time(ends_at);
    match args.format {
        Plain::Json => output::json(&json!({
            "id": made.id, "secret": made.secret, "before_ends_at": before_ends_at,
        }))?,
        Plain::Text => {
            talk(format!("the secret before ends at {before_ends_at}; the new one, shown once:"));
            output::text(&format!("{}\n", made.secret))?;
        }
    }
    Ok(Ended::Done)
}

fn list(globals: &Globals, at: Option<&str>, format: Format) -> Outcome {
    let moment = at.map(parse_time).transpose()?;
    let session = globals.open(Purpose::Read)?;
    let found = access::at(&session, moment.unwrap_or(i64::MAX))?;
    keys(&found.into_iter().map(server::view::key::key).collect::<Vec<_>>(), moment, format)
}

/// Credentials as they stood at a moment, or stand now.
pub fn keys(found: &[Key], moment: Option<i64>, format: Format) -> Outcome {
    let moment = moment.unwrap_or_else(clock::now_nanos);
    let ended = |end: &String| parse_time(end).is_ok_and(|end| end <= moment);
    let state = |key: &Key| match &key.expires_at {
        _ if key.revoked => "revoked",
        Some(end) if ended(end) => "ended",
        _ => "holds",
    };
    let cells = found.iter().map(|key| {
        vec![
            key.id.clone(),
            key.kind.clone(),
            key.name.clone(),
            key.role.clone(),
            key.party.clone().unwrap_or_default(),
            key.networks.join(" "),
            key.scopes.join(" "),
            key.created_at.clone(),
            key.created_by.clone(),
            key.expires_at.clone().unwrap_or_else(|| "never".to_owned()),
            state(key).to_owned(),
        ]
    });
    let words = ["id", "kind", "name", "role", "party", "networks", "scopes"];
    let columns = words.into_iter().chain(["made", "by", "ends", "state"]).map(Column::text);
    let (columns, cells) = (columns.collect(), cells.collect());
    Rows { columns, cells, json: json!(found) }.print(format)?;
    Ok(Ended::Done)
}

fn report(globals: &Globals, at: Option<&str>, format: Format) -> Outcome {
    let session = globals.open(Purpose::Read)?;
    let at = at.map(parse_time).transpose()?.unwrap_or_else(clock::now_nanos);
    let books = &session.operator.engine.state().books;
    let policies = Policies::of(books.current().map_or(&BTreeMap::default(), |book| &book.files));
    duties(&server::duties::report(&access::at(&session, at)?, &policies, at), format)
}

/// Who may do alone what should take two.
pub fn duties(found: &[Duty], format: Format) -> Outcome {
    let mut cells = Vec::new();
    for duty in found {
        for holder in &duty.held_by {
            let cell = [&duty.duty, &holder.id, &holder.kind, &holder.name, &holder.role];
            cells.push(cell.into_iter().cloned().collect());
        }
    }
    let columns = ["what should take two", "id", "kind", "name", "role"];
    let columns = columns.map(Column::text).into_iter().collect();
    Rows { columns, cells, json: json!(found) }.print(format)?;
    Ok(Ended::Done)
}
