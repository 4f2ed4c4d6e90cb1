//! Sessions of people in browsers: a random text in a cookie, its hash here. They end when they
//! are idle, when they are old, and with the process.
//!
//! A request that changes something must come from a page of this service: its `Origin`, or where
//! a browser sends none its `Sec-Fetch-Site`, says so. The cookie is `SameSite=Strict` besides.

use crate::app::{App, Tenant};
use crate::guard::{Asker, From};
use crate::limits::{SESSION_IDLE_SECONDS, SESSION_SECONDS_MAX, SESSIONS_MAX};
use crate::refusal::Refusal;
use api::code;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use node::access::{random_id, secret_hash};
use node::clock::now_nanos;
use node::engine::access::Tried;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

const SECOND_NANOS: i64 = 1_000_000_000;

/// A person who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The operator.
    pub operator: String,
    /// Id of the person's credential; of a person of the identity provider its subject.
    pub id: String,
    /// What people call them.
    pub name: String,
    /// The role.
    pub role: String,
    /// The party whose data alone they see.
    pub party: Option<String>,
    /// Whether there is a credential that must still hold.
    pub local: bool,
    /// When it began, nanoseconds UTC.
    pub begun: i64,
    /// When it was used last.
    pub seen: i64,
}

/// Every session of the process.
#[derive(Default)]
pub struct Sessions {
    open: Mutex<HashMap<[u8; 32], Session>>,
    /// The last step whose one-time code was used, by operator and person.
    steps: Mutex<HashMap<(String, String), i64>>,
}

impl Sessions {
    /// Begins one: the text of its cookie.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn begin(&self, session: Session) -> Result<String, Refusal> {
        let text = random_id()? + &random_id()?;
        let now = session.begun;
        if let Ok(mut open) = self.open.lock() {
            if open.len() >= SESSIONS_MAX {
                open.retain(|_, session| session.holds_at(now));
            }
            if open.len() >= SESSIONS_MAX
                && let Some(oldest) = open.iter().min_by_key(|(_, s)| s.seen).map(|(key, _)| *key)
            {
                open.remove(&oldest);
            }
            open.insert(secret_hash(&text), session);
        }
        Ok(text)
    }

    /// The session of a cookie, where it holds; it is used now.
    pub fn find(&self, text: &str, now: i64) -> Option<Session> {
        let mut open = self.open.lock().ok()?;
        let key = secret_hash(text);
        let session = open.get_mut(&key)?;
        if !session.holds_at(now) {
            open.remove(&key);
            return None;
        }
        session.seen = now;
        Some(session.clone())
    }

    /// Ends the session of a cookie.
    pub fn end(&self, text: &str) {
        if let Ok(mut open) = self.open.lock() {
            open.remove(&secret_hash(text));
        }
    }

    /// Ends every session of a person but the one of this cookie.
    pub fn end_others(&self, operator: &str, id: &str, but: Option<(&str, Session)>) {
        let but = but.map(|(text, _)| secret_hash(text));
        if let Ok(mut open) = self.open.lock() {
            open.retain(|key, session| {
                session.operator != operator || session.id != id || Some(*key) == but
            });
        }
    }

    /// Uses a one-time code's step; whether it was not used before.
    pub fn use_step(&self, operator: &str, person: &str, step: i64) -> bool {
        let Ok(mut steps) = self.steps.lock() else { return false };
        let last = steps.entry((operator.to_owned(), person.to_owned())).or_insert(i64::MIN);
        let fresh = *last < step;
        *last = step.max(*last);
        fresh
    }
}

impl Session {
    fn holds_at(&self, now: i64) -> bool {
        now < self.seen.saturating_add(SESSION_IDLE_SECONDS * SECOND_NANOS) && now < self.ends_at()
    }

    /// The name that is recorded with what this person commands.
    pub fn author(&self) -> String {
        format!("person:{}", self.id)
    }

    /// How the person signed in.
    pub fn how(&self) -> &'static str {
        if self.local { "password" } else { "provider" }
    }

    /// When it ends at the latest, nanoseconds UTC.
    pub fn ends_at(&self) -> i64 {
        self.begun.saturating_add(SESSION_SECONDS_MAX * SECOND_NANOS)
    }
}

/// Begins a session once it is in the Log that it does: the text of its cookie.
///
/// # Errors
/// When it cannot be recorded, or the system gives no randomness.
pub async fn begin(app: &App, session: Session) -> Result<String, Refusal> {
    let ended = || Refusal::of(&code::UNAUTHENTICATED, "");
    let tenant = app.tenant(&session.operator).ok_or_else(ended)?;
    tenant.audit(Tried::SignedIn, session.author(), session.how()).await?;
    app.sessions.begin(session)
}

/// The cookie's name: bound to the host wherever a browser holds that to be safe.
fn name(app: &App) -> &'static str {
    if app.is_secure() { "__Host-saldo_session" } else { "saldo_session" }
}

/// A cookie with this text; an empty one takes it away.
pub fn cookie(app: &App, text: &str) -> HeaderValue {
    let secure = if app.is_secure() { "; Secure" } else { "" };
    let age = if text.is_empty() { 0 } else { SESSION_SECONDS_MAX };
    let name = name(app);
    let value = format!("{name}={text}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::try_from(value).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// The text of a request's cookie of this name.
pub fn named<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut each =
        all.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    each.find(|(known, _)| *known == name).map(|(_, text)| text)
}

/// The session that a request shows, and its cookie's text.
pub fn shown<'h>(app: &App, headers: &'h HeaderMap) -> Option<(&'h str, Session)> {
    let text = named(headers, name(app))?;
    Some((text, app.sessions.find(text, now_nanos())?))
}

/// Whoever's session a request shows, where they may still use it.
///
/// # Errors
/// [`code::UNAUTHENTICATED`]; [`code::OTHER_ORIGIN`].
pub fn asker(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
    from: From,
) -> Result<Asker, Refusal> {
    if named(headers, name(app)).is_none() {
        return Err(Refusal::of(&code::UNAUTHENTICATED, ""));
    }
    let ended = || Refusal::of(&code::UNAUTHENTICATED, "the session has ended");
    let (_, session) = shown(app, headers).ok_or_else(ended)?;
    if !method.is_safe() {
        same_origin(app, headers)?;
    }
    let tenant: &Arc<Tenant> = app.tenant(&session.operator).ok_or_else(ended)?;
    let (mut role, mut party) = (session.role, session.party);
    if session.local {
        let found = tenant.credential(&session.id).filter(|credential| {
            credential.holds_at(now_nanos()) && from.within(&credential.networks)
        });
        let credential = found.ok_or_else(ended)?;
        role = credential.role;
        party = Some(credential.party).filter(|party| !party.is_empty());
    }
    Ok(Asker::person(Arc::clone(tenant), session.id, role, party))
}

/// Refuses what a page of another site made the browser send.
///
/// # Errors
/// [`code::OTHER_ORIGIN`].
pub fn same_origin(app: &App, headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let same = match text(header::ORIGIN.as_str()) {
        Some(origin) => {
            let scheme = if app.is_secure() { "https" } else { "http" };
            let host = text(header::HOST.as_str()).map(|host| format!("{scheme}://{host}"));
            origin == &*app.issuer || Some(origin) == host.as_deref()
        }
        None => matches!(text("sec-fetch-site"), Some("same-origin" | "none")),
    };
    if same { Ok(()) } else { Err(Refusal::of(&code::OTHER_ORIGIN, "")) }
}
