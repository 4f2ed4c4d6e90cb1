//! `saldo --server URL`: the same commands, asked of a service. The key comes from the variable
//! `SALDO_KEY` or the file of `--key-file`, never from the command line, where others could see it.
//!
//! JSON is the answer of the service as its interface documents it; lists are arrays.

mod book;
mod ingest;
pub mod tables;
mod trust;

use super::access::{self, revoked};
use super::{Ended, Globals, Outcome, agreement, invoice, key, legal_hold, log, policy, schema};
use super::{explain, notices, story, webhook};
use crate::args::agree::{Agreement, Key};
use crate::args::ask::{Explain, Log, Measure, Prove, Statement, Totals};
use crate::args::door::Policy;
use crate::args::keep::{Contest, Hold, Keep, LegalHold, Lift, Place, Quarantine};
use crate::args::make::Close;
use crate::args::run::{Access, Create, Rotate};
use crate::args::{Command, Reach};
use crate::errors::{Failure, NO_ANSWER, NO_FILE, NO_KEY, NOT_REMOTE};
use crate::output::{self, Format, Paper, Plain, Speech, talk};
use api::access::{
    NewKey, NewSecret, NewSigningKey, OperatorKey, RevokeMadeBy, RevokedMadeBy, Rotate as Rotation,
    SigningKey,
};
use api::address::escaped;
use api::client::{Client, ClientError, Query};
use api::commands::{Because, Close as HowToClose, Given};
use api::legal_holds::{LiftLegalHold, NewLegalHold};
use api::quarantine::{Fix, Keep as Kept, Quarantined, Resolve};
use api::verification::Verification;
use node::clock::parse_time;
use node::settle::{LineId, Period};
use serde::Serialize;
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::Path;

/// Everything of a list, as far as the service gives it.
const ALL: usize = usize::MAX;

/// A service, and who asks it.
pub struct Remote {
    client: Client,
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let ClientError::Refused(problem) = &error else {
            return Self::said(NO_ANSWER, error);
        };
        match crate::errors::page(&problem.code) {
            Some(page) => Self::said(page, &problem.detail).hinted(problem.hint.clone()),
            None => Self::said(NO_ANSWER, format!("{}: {error}", problem.code)),
        }
    }
}

/// Runs a command on a service.
pub fn run(server: &str, reach: &Reach, globals: &Globals, command: Command) -> Outcome {
    let key = match &reach.key_file {
        Some(path) => std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?,
        None => std::env::var("SALDO_KEY").map_err(|_| Failure::said(NO_KEY, server))?,
    };
    let remote = Remote { client: Client::trusting(server, &key, &trust::trust()?)? };
    remote.run(globals, command)
}

impl Remote {
    fn run(&self, globals: &Globals, command: Command) -> Outcome {
        match command {
            Command::Check(args) => book::check(&self.client, globals, args.format),
            Command::Plan(args) => book::plan(&self.client, globals, args.format),
            Command::Apply(args) => book::apply(&self.client, globals, &args.reason, args.format),
            Command::Status(args) => {
                let found: Value = self.client.get("/v1/status", &Query::new())?;
                match args.format {
                    Plain::Json => output::json(&found)?,
                    Plain::Text => output::text(&tables::status(&found))?,
                }
                Ok(Ended::Done)
            }
            Command::Totals(args) => self.totals(&args),
            Command::Measure(args) => self.measure(&args),
            Command::Statement(args) => self.statement(&args),
            Command::Explain(args) => self.explain(&args),
            Command::Ingest(args) => ingest::run(&self.client, &args),
            Command::Close(args) => self.close(&args),
            Command::Quarantine(args) => self.quarantine(args),
            Command::Contest(args) => self.contest(&args),
            Command::Hold(args) => self.line(&args, "hold"),
            Command::Release(args) => self.line(&args, "release"),
            Command::Notices(args) => {
                let query = Query::new().with("agreement", &args.agreement);
                let query = query.maybe("period", args.period);
                let found: Vec<_> = self.client.get("/v1/notices", &query)?;
                notices::shown(&found, args.format)
            }
            Command::Log(args) => self.log(args),
            Command::LegalHold(args) => self.legal_hold(args),
            Command::Retention(args) => {
                legal_hold::kept(&self.client.get("/v1/retention", &Query::new())?, args.format)
            }
            Command::Access(args) => self.access(args),
            Command::Invoice(args) => invoice::remote(&self.client, &args),
            Command::Agreement(Agreement::List { format }) => self.versions(format),
            Command::Key(Key::Rotate { output }) => self.another_key(output.as_deref()),
            Command::Webhook(args) => webhook::run(&self.client, args),
            Command::Schema(args) => schema::run(&self.client, args),
            Command::Policy(Policy::Explain(args)) => policy::explain(&self.client, &args),
            Command::Prove(Prove::Statement { agreement, period, output }) => {
                self.proof(&format!("{}/proof", statement_path(&agreement, &period)), &output)
            }
            Command::Prove(Prove::Event { source, id, output }) => {
                let path = format!("/v1/events/{}/{}/proof", escaped(&source), escaped(&id));
                self.proof(&path, &output)
            }
            Command::Evidence(args) => {
                let path = format!("{}/evidence", statement_path(&args.agreement, &args.period));
                let bytes = self.client.bytes(&path, &Query::new(), "application/zip")?;
                output::bytes(Some(&args.output), &bytes, true)?;
                Ok(Ended::Done)
            }
            _ => Err(Failure::said(NOT_REMOTE, "it works on a directory")),
        }
    }

    /// What was verified, or commanded.
    fn log(&self, args: Log) -> Outcome {
        match args {
            Log::Verify(args) => {
                let query = Query::new().maybe("source", args.source).maybe("stage", args.stage);
                let query = query.maybe("code", args.code);
                log::entries(&self.verification(&query, args.limit)?, args.format)
            }
            Log::Commands(args) => {
                let query = Query::new().maybe("by", args.author).maybe("command", args.kind);
                let query = query.maybe("from", args.from).maybe("to", args.to);
                self.list("/v1/audit", &query, args.limit, args.format)
            }
        }
    }

    /// The latest entries of the verification log, or all of it from the beginning.
    fn verification(
        &self,
        query: &Query,
        most: Option<usize>,
    ) -> Result<Vec<Verification>, ClientError> {
        if let Some(most @ 1..=1000) = most {
            return self.client.all("/v1/verification", query, most);
        }
        let first = Some("0".to_owned());
        let mut found = self.client.behind("/v1/verification", query, first, ALL)?;
        found.drain(..found.len().saturating_sub(most.unwrap_or(ALL)));
        Ok(found)
    }

    fn versions(&self, format: Format) -> Outcome {
        let known: Vec<Value> = self.client.all("/v1/agreements", &Query::new(), ALL)?;
        let mut found = Vec::new();
        for name in known.iter().filter_map(|known| known["agreement"].as_str()) {
            let path = format!("/v1/agreements/{}/versions", escaped(name));
            found.extend(self.client.all(&path, &Query::new(), ALL)?);
        }
        agreement::versions(&found, format)
    }

    /// Lets another key sign for the operator.
    fn another_key(&self, output: Option<&Path>) -> Outcome {
        let keys: Vec<OperatorKey> = self.command("/v1/operator-keys", &json!({}))?;
        let last = keys.last().map(|key| (key.key.as_str(), key.note.as_deref()));
        let (public, note) = last.unwrap_or_default();
        talk(format!("another key signs from now on; its public half is {public}"));
        key::noted(note.unwrap_or_default(), output)?;
        Ok(Ended::Done)
    }

    fn proof(&self, path: &str, output: &Path) -> Outcome {
        let bytes = self.client.bytes(path, &Query::new(), "application/octet-stream")?;
        output::bytes(Some(output), &bytes, true)?;
        Ok(Ended::Done)
    }

    fn list(&self, path: &str, query: &Query, most: Option<usize>, format: Format) -> Outcome {
        let items: Vec<Value> = self.client.all(path, query, most.unwrap_or(ALL))?;
        tables::rows(items, format)
    }

    fn totals(&self, args: &Totals) -> Outcome {
        let query = Query::new().maybe("account", args.account.as_ref());
        let query = query.maybe("from", args.from.as_ref()).maybe("to", args.to.as_ref());
        self.list("/v1/totals", &query, None, args.format)
    }

    fn measure(&self, args: &Measure) -> Outcome {
        let by = (!args.by.is_empty()).then(|| args.by.join(","));
        let query = Query::new().with("period", &args.period);
        let query = query.maybe("zone", args.zone.as_ref()).maybe("by", by);
        self.list(&format!("/v1/measures/{}", escaped(&args.name)), &query, None, args.format)
    }

    fn statement(&self, args: &Statement) -> Outcome {
        let lang = if args.lang == Speech::Ko { "ko" } else { "en" };
        let query = Query::new().with("lang", lang).maybe("draft", args.draft.then_some(true));
        let path = format!("{}/statement", statement_path(&args.agreement, &args.period));
        let (accept, is_binary) = match args.format {
            Paper::Json | Paper::Table => ("application/json", false),
            Paper::Csv => ("text/csv", false),
            Paper::Pdf => ("application/pdf", true),
            Paper::Xlsx => {
                ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", true)
            }
        };
        let bytes = self.client.bytes(&path, &query, accept)?;
        let file = args.output.as_deref();
        if args.format == Paper::Table {
            let document =
                serde_json::from_slice(&bytes).map_err(|error| Failure::said(NO_ANSWER, error))?;
            return tables::statement(&document, lang);
        }
        output::bytes(file, &bytes, is_binary)?;
        Ok(Ended::Done)
    }

    fn explain(&self, args: &Explain) -> Outcome {
        let (path, text): (_, fn(&Value) -> String) = match args.what.as_slice() {
            [event, source, id] if event == "event" => {
                (format!("/v1/events/{}/{}", escaped(source), escaped(id)), story::text)
            }
            [line] => match LineId::parse(line) {
                Some(LineId { agreement, period, path: Some(path), .. }) => {
                    let statement = statement_path(agreement, &period.to_string());
                    (format!("{statement}/explain/{}", escaped(path)), explain::line_text)
                }
                _ => return Err(Failure::said(NOT_REMOTE, "codes are explained without one")),
            },
            _ => return Err(Failure::said(NOT_REMOTE, "a line's id, or event SOURCE ID")),
        };
        let found = self.client.get(&path, &Query::new())?;
        match args.format {
            Plain::Json => output::json(&found)?,
            Plain::Text => output::text(&text(&found))?,
        }
        Ok(Ended::Done)
    }

    fn close(&self, args: &Close) -> Outcome {
        let period: Period = args.period.parse()?;
        let agreements = match &args.agreement {
            Some(name) => vec![name.clone()],
            None => {
                let known: Vec<api::agreements::Agreement> =
                    self.client.all("/v1/agreements", &Query::new(), ALL)?;
                let fits = known.into_iter().filter(|a| a.period == period.kind().word());
                fits.map(|known| known.agreement).collect()
            }
        };
        let (mut given, mut waiting) = (Vec::new(), agreements);
        let refused = loop {
            let (tried, mut refused) = (waiting.len(), Vec::new());
            for agreement in waiting {
                let path = format!("{}/close", statement_path(&agreement, &args.period));
                match self.command::<Value>(&path, &HowToClose::default()) {
                    Ok(done) => {
                        if args.format == Plain::Text {
                            output::text(&self.closed(&agreement, &args.period))?;
                        }
                        given.push(done);
                    }
                    Err(why @ ClientError::Refused(_)) => refused.push((agreement, why)),
                    Err(error) => return Err(error.into()),
                }
            }
            if refused.len() == tried || refused.is_empty() {
                break refused;
            }
            // Those that net others are refused until what they net is closed.
            waiting = refused.into_iter().map(|(agreement, _)| agreement).collect();
        };
        let ended = if refused.is_empty() { Ended::Done } else { Ended::Found };
        for (agreement, why) in refused {
            talk(format!("{agreement} {period}: {}", Failure::from(why).told().trim_end()));
        }
        if args.format == Plain::Json {
            output::json(&given.into())?;
        }
        Ok(ended)
    }

    /// What a closed period came to, where whoever closes may see it.
    fn closed(&self, agreement: &str, period: &str) -> String {
        let path = format!("{}/statement", statement_path(agreement, period));
        let found: Result<Value, _> = self.client.get(&path, &Query::new());
        let came = found.ok().map(|document| {
            let of = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
            format!("; {} pays {} {} {}", of("from"), of("to"), of("payable"), of("asset"))
        });
        format!("{agreement} {period}: closed{}\n", came.unwrap_or_default())
    }

    fn quarantine(&self, args: Quarantine) -> Outcome {
        match args {
            Quarantine::List { source, code, limit, format } => {
                let query = Query::new().maybe("source", source).maybe("code", code);
                self.list("/v1/quarantine", &query, limit, format)
            }
            Quarantine::Show { id, format } => {
                let path = format!("/v1/quarantine/{id}");
                tables::one(&self.client.get(&path, &Query::new())?, format)
            }
            Quarantine::Fix { id, event, reason } => {
                let text = if event.as_os_str() == "-" {
                    let mut text = String::new();
                    std::io::stdin()
                        .read_to_string(&mut text)
                        .map_err(|error| Failure::said(NO_FILE, format!("stdin: {error}")))?;
                    text
                } else {
                    std::fs::read_to_string(&event).map_err(|e| Failure::file(&event, &e))?
                };
                let event = serde_json::value::RawValue::from_string(text.trim().to_owned())
                    .map_err(|error| Failure::said(NO_FILE, format!("no JSON: {error}")))?;
                self.gave(&format!("/v1/quarantine/{id}/fix"), &Fix { event, reason })
            }
            Quarantine::Replay { id, code, format, .. } => self.replay(id, code, format),
        }
    }

    fn replay(&self, id: Option<u64>, code: Option<String>, format: Plain) -> Outcome {
        let ids = match id {
            Some(id) => vec![id],
            None => {
                let query = Query::new().maybe("code", code);
                let found: Vec<Quarantined> = self.client.all("/v1/quarantine", &query, ALL)?;
                found.into_iter().map(|record| record.id).collect()
            }
        };
        let mut done = Vec::new();
        for id in ids {
            done.push(self.command(&format!("/v1/quarantine/{id}/replay"), &json!({}))?);
        }
        tables::rows(done, if format == Plain::Json { Format::Json } else { Format::Table })
    }

    fn contest(&self, args: &Contest) -> Outcome {
        match args {
            Contest::List { format } => self.list("/v1/contests", &Query::new(), None, *format),
            Contest::Resolve { id, keep, reason } => {
                let keep = if *keep == Keep::First { Kept::First } else { Kept::Later };
                let resolve = Resolve { keep, reason: reason.clone() };
                self.gave(&format!("/v1/contests/{id}/resolve"), &resolve)
            }
        }
    }

    fn line(&self, args: &Hold, what: &str) -> Outcome {
        // A line's id ends with its path.
        let line = LineId::parse(&args.line).and_then(|id| id.path).unwrap_or(&args.line);
        let statement = statement_path(&args.agreement, &args.period);
        let path = format!("{statement}/lines/{}/{what}", escaped(line));
        self.gave(&path, &Because { reason: args.reason.clone() })
    }

    fn legal_hold(&self, args: LegalHold) -> Outcome {
        match args {
            LegalHold::List { format } => {
                let found: Vec<_> = self.client.get("/v1/legal-holds", &Query::new())?;
                legal_hold::holds(&found, format)
            }
            LegalHold::Place(Place { party, source, from, to, ordered_by, reason, .. }) => {
                let new = NewLegalHold { party, source, from, to, ordered_by, reason };
                self.gave("/v1/legal-holds", &new)
            }
            LegalHold::Lift(Lift { id, ordered_by, reason, .. }) => {
                let path = format!("/v1/legal-holds/{}/lift", escaped(&id));
                self.gave(&path, &LiftLegalHold { ordered_by, reason })
            }
        }
    }

    fn access(&self, args: Access) -> Outcome {
        match args {
            Access::List { at, format } => {
                let moment = at.as_deref().map(parse_time).transpose()?;
                let found: Vec<_> = self.client.get("/v1/keys", &Query::new().maybe("at", at))?;
                access::keys(&found, moment, format)
            }
            Access::Report { at, format } => {
                let query = Query::new().maybe("at", at);
                let found: Vec<_> = self.client.get("/v1/access/report", &query)?;
                access::duties(&found, format)
            }
            Access::Create(args) => self.key(args),
            Access::Revoke { id, made_by } => {
                let mut ids: Vec<String> = id.into_iter().collect();
                for id in &ids {
                    self.client.delete(&format!("/v1/keys/{}", escaped(id)), &once()?)?;
                }
                if let Some(made_by) = made_by {
                    let asked = RevokeMadeBy { made_by };
                    let ended: RevokedMadeBy = self.command("/v1/access/revoke", &asked)?;
                    ids.extend(ended.revoked);
                }
                revoked(&ids);
                Ok(Ended::Done)
            }
            Access::Secret(args) => {
                let path = format!("/v1/sources/{}/secrets", escaped(&args.source));
                let new = NewSecret { expires_at: args.expires, networks: args.networks };
                made(&self.client, &path, &new, ("id", "secret"), args.format)
            }
            Access::Rotate(args) => self.rotate(args),
        }
    }

    fn key(&self, args: Create) -> Outcome {
        let Create { client, sandbox, name, role, party, expires, networks, scopes, format } = args;
        let expires_at = expires;
        let new = NewKey { name, role, party, expires_at, networks, sandbox, scopes };
        if client {
            let shown = ("client_id", "client_secret");
            return made(&self.client, "/v1/clients", &new, shown, format);
        }
        made(&self.client, "/v1/keys", &new, ("id", "key"), format)
    }

    fn rotate(&self, args: Rotate) -> Outcome {
        let Some(id) = args.id else {
            let new = NewSigningKey { end_others: args.end_others };
            let keys: Vec<SigningKey> = self.command("/v1/signing-keys", &new)?;
            let kid = keys.last().map(|key| key.kid.as_str()).unwrap_or_default();
            match args.format {
                Plain::Json => output::json(&json!({ "kid": kid }))?,
                Plain::Text => talk(format!("{kid} signs tokens from now on")),
            }
            return Ok(Ended::Done);
        };
        let path = format!("/v1/keys/{}/rotate", escaped(&id));
        let rotation = Rotation { overlap_seconds: Some(args.overlap) };
        made(&self.client, &path, &rotation, ("id", "secret"), args.format)
    }

    fn command<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        document: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.client.command(path, &once()?, document)
    }

    /// Gives a command, and says what was recorded.
    fn gave(&self, path: &str, document: &impl Serialize) -> Outcome {
        let given: Given = self.command(path, document)?;
        let Given { position, at, command, about, .. } = given;
        talk(format!("{command} {about}: recorded at position {position}, {at}"));
        Ok(Ended::Done)
    }
}

/// Shows the id of something that was made, and its text, which is kept nowhere.
fn shown_once([id, text]: &[(&str, &str); 2], format: Plain) -> Outcome {
    match format {
        Plain::Json => output::json(&json!({ id.0: id.1, text.0: text.1 }))?,
        Plain::Text => {
            talk(format!("{} {}; its text is shown this once and kept nowhere:", text.0, id.1));
            output::text(&format!("{}\n", text.1))?;
        }
    }
    Ok(Ended::Done)
}

/// Makes something whose text is shown once; where its answer was lost, says so.
pub fn made(
    client: &Client,
    path: &str,
    new: &impl Serialize,
    (id, text): (&str, &str),
    format: Plain,
) -> Outcome {
    let made: Value = client.command(path, &once()?, new)?;
    let of = |name: &str| made[name].as_str().unwrap_or_default();
    if made["note"].is_string() {
        talk(format!("{}: {}", of("id"), of("note")));
        return Ok(Ended::Found);
    }
    shown_once(&[(id, of(id)), (text, of(text))], format)
}

/// The key of one command.
pub fn once() -> Result<String, ClientError> {
    let bytes = node::keys::random::<16>();
    let bytes = bytes.map_err(|error| ClientError::Strange(error.to_string()))?;
    Ok(node::engine::query::scan::hex(&bytes))
}

fn statement_path(agreement: &str, period: &str) -> String {
    format!("/v1/agreements/{}/periods/{}", escaped(agreement), escaped(period))
}
