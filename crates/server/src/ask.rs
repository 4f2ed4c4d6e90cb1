//! What every read does: takes its parameters, waits for nothing in the way of others, and tells
//! nobody of what is not theirs.

use crate::extract::page_rows;
use crate::guard::Asker;
use crate::refusal::Refusal;
use crate::scope::Scope;
use crate::trace::apart;
use crate::view::page::Cut;
use api::code;
use node::Session;
use node::clock::parse_time;
use node::ledger::time::Bucket;

impl Asker {
    /// What it sees.
    pub fn scope(&self) -> Scope {
        Scope::of(self.party.clone())
    }

    /// Reads under its scope, away from the threads that answer requests.
    ///
    /// # Errors
    /// What `read` refuses; to a party whatever is not there is [`code::NO_SUCH`] without a word
    /// more, since what engines say of it names what there is.
    pub async fn read<R: Send + 'static>(
        &self,
        read: impl FnOnce(&Session, &Scope) -> Result<R, Refusal> + Send + 'static,
    ) -> Result<R, Refusal> {
        let (tenant, scope) = (self.tenant.clone(), self.scope());
        apart(move || {
            let found = tenant.service.read(|session| read(session, &scope));
            found.map_err(|refusal| scoped(&scope, refusal))
        })
        .await
    }
}

/// A refusal that names nothing to a party.
pub fn scoped(scope: &Scope, refusal: Refusal) -> Refusal {
    let own = [code::NO_SUCH.code, code::NOT_CLOSED.code];
    match refusal.0.status {
        404 if scope.party().is_some() && !own.contains(&refusal.0.code.as_str()) => {
            Refusal::of(&code::NO_SUCH, "")
        }
        _ => refusal,
    }
}

/// There is no such thing for who asks.
pub fn no_such() -> Refusal {
    Refusal::of(&code::NO_SUCH, "")
}

/// A page as asked for.
///
/// # Errors
/// [`code::BAD_PARAMETER`].
pub fn cut(after: Option<String>, limit: Option<usize>) -> Result<Cut, Refusal> {
    Ok(Cut { after, limit: page_rows(limit)? })
}

/// A time on a quarter of an hour, nanoseconds UTC; none where none is given.
///
/// # Errors
/// [`code::BAD_PARAMETER`], or when it is no time.
pub fn quarter(text: Option<&str>) -> Result<Option<i64>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    let nanos = parse_time(text)?;
    if Bucket::is_boundary(nanos) {
        return Ok(Some(nanos));
    }
    let what = format!("`{text}`; totals are kept per quarter of an hour UTC, give a time on one");
    Err(Refusal::of(&code::BAD_PARAMETER, what))
}

/// A time, or what stands for none.
///
/// # Errors
/// When it is no time.
pub fn time(text: Option<&str>, none: i64) -> Result<i64, Refusal> {
    Ok(text.map(parse_time).transpose()?.unwrap_or(none))
}
