//! Sign-ins, as they are audited: who signed in or out is in the Log before it is answered; what
//! failed is added up until its minute is over. Of nobody known it is added up by hour and network:
//! one command a minute, whatever is tried. What was shown is never kept.

use crate::app::{App, Tenant};
use crate::guard::From;
use crate::limits::{DENIALS_MAX, NETWORKS_MAX};
use crate::refusal::Refusal;
use crate::trace::apart;
use crate::{kind_name, token};
use node::access::{KEY_PREFIX, read_key};
use node::engine::Command;
use node::engine::access::{CredentialKind, SignIn, Tried};
use node::{NodeError, clock};
use std::collections::BTreeMap;
use std::mem;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

const MINUTE_NANOS: i64 = 60_000_000_000;
const HOUR_NANOS: i64 = 60 * MINUTE_NANOS;
/// What is recorded where too many are tried at once to tell them apart.
const OTHERS: &str = "others";

/// What failed and no command has recorded yet, each with a count of 0, and how often.
#[derive(Default)]
pub struct Failures {
    open: Mutex<BTreeMap<SignIn, u64>>,
}

/// A sign-in of now that is counted once.
fn now(tried: Tried, who: &str, how: &str, code: &str) -> SignIn {
    let (since, network) = (clock::now_nanos(), String::new());
    let (who, how, code) = (who.to_owned(), how.to_owned(), code.to_owned());
    SignIn { since, tried, who, how, code, network, count: 1 }
}

/// The network that an address is told as: nobody in particular.
fn network(from: From) -> String {
    match from.0.map(|address| address.to_canonical()) {
        None => String::new(),
        Some(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Some(IpAddr::V6(address)) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

impl Failures {
    /// Counts one; whether it is the first since the last were recorded.
    fn count(&self, mut one: SignIn) -> bool {
        let Ok(mut open) = self.open.lock() else { return false };
        let first = open.is_empty();
        let known = !one.who.is_empty();
        let width = if known { MINUTE_NANOS } else { HOUR_NANOS };
        one.since = one.since.div_euclid(width) * width;
        one.count = 0;
        let most = if known { DENIALS_MAX } else { NETWORKS_MAX };
        let alike = open.keys().filter(|other| other.who.is_empty() != known).count();
        if alike >= most && !open.contains_key(&one) {
            let place = if known { &mut one.who } else { &mut one.network };
            OTHERS.clone_into(place);
        }
        *open.entry(one).or_default() += 1;
        first
    }

    /// Takes what is there: what each command records.
    fn take(&self) -> Vec<Vec<SignIn>> {
        let open = self.open.lock().map(|mut open| mem::take(&mut *open)).unwrap_or_default();
        let counted = open.into_iter().map(|(one, count)| SignIn { count, ..one });
        let (nobody, known): (Vec<_>, Vec<_>) = counted.partition(|one| one.who.is_empty());
        let nobody = Some(nobody).filter(|all| !all.is_empty());
        known.into_iter().map(|one| vec![one]).chain(nobody).collect()
    }

    /// What records it.
    pub(crate) fn commands(&self) -> Vec<Command> {
        let all = self.take();
        all.into_iter().map(|all| Command::SignIns { tried: SignIn::encode(&all) }).collect()
    }
}

impl Tenant {
    /// Counts what failed or was blocked; it is recorded when its minute is over.
    pub(crate) fn tried(
        self: &Arc<Self>,
        tried: Tried,
        (who, from): (&str, From),
        how: &str,
        code: &str,
    ) {
        let mut one = now(tried, who, how, code);
        if who.is_empty() {
            one.network = network(from);
        }
        if self.failures.count(one) {
            self.record_later();
        }
    }

    /// Records what a person did, before it is answered.
    ///
    /// # Errors
    /// When the service takes no commands: then it is not done.
    pub(crate) async fn audit(
        self: &Arc<Self>,
        tried: Tried,
        who: String,
        how: &'static str,
    ) -> Result<(), Refusal> {
        let tenant = Arc::clone(self);
        apart(move || {
            let tried = SignIn::encode(&[now(tried, &who, how, "")]);
            tenant.command(move |session| {
                session.command_by(&who, Command::SignIns { tried }).map(|_| ())
            })?
        })
        .await
    }

    /// The author's name of the person who is called so, where one is known.
    pub(crate) fn person_called(&self, name: &str) -> String {
        let found = self.credential_where(|credential| {
            credential.kind == CredentialKind::Person && credential.name == name
        });
        found.map(|id| format!("person:{id}")).unwrap_or_default()
    }
}

/// Counts a key, a token or anything else that was shown and does not hold.
pub(crate) fn failed(app: &App, shown: Option<&str>, from: From) {
    let only = || app.tenants.values().next().filter(|_| app.tenants.len() == 1).cloned();
    let shown = shown.map(str::trim).unwrap_or_default();
    let key = read_key(shown);
    let (tenant, how) = match &key {
        Some(key) => (app.tenant(key.operator).cloned(), "key"),
        None if shown.starts_with(KEY_PREFIX) => (None, "key"),
        None => (token::operator_of(shown).and_then(|name| app.tenant(&name).cloned()), "token"),
    };
    let Some(tenant) = tenant.or_else(only) else { return };
    let known = key.and_then(|key| tenant.credential(key.id));
    let who = known.map(|known| format!("{}:{}", kind_name(known.kind), known.id));
    let code = api::code::UNAUTHENTICATED.code;
    tenant.tried(Tried::Failed, (who.as_deref().unwrap_or_default(), from), how, code);
}

/// Records what failed so far.
///
/// # Errors
/// When the service takes no commands; what was to be recorded is lost then.
pub(crate) fn record(tenant: &Tenant) -> Result<(), NodeError> {
    let all = tenant.failures.commands();
    if all.is_empty() {
        return Ok(());
    }
    tenant.command(move |session| {
        all.into_iter().try_for_each(|command| session.command_by("saldo", command).map(|_| ()))
    })?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_add_up_by_who_and_minute_or_by_network_and_hour() {
        let failures = Failures::default();
        let at = |who: &str, network: &str, since: i64| {
            let network = network.to_owned();
            SignIn { since, network, ..now(Tried::Failed, who, "password", "E8034") }
        };
        for (one, first) in [
            (at("person:a", "", MINUTE_NANOS + 1), true),
            (at("person:a", "", MINUTE_NANOS + 2), false),
            (at("person:a", "", 2 * MINUTE_NANOS), false),
            (at("", "192.0.2.0/24", MINUTE_NANOS), false),
            (at("", "192.0.2.0/24", 59 * MINUTE_NANOS), false),
        ] {
            assert_eq!(failures.count(one), first);
        }
        let told: Vec<_> = failures
            .take()
            .iter()
            .map(|all| (all[0].who.clone(), all[0].since / MINUTE_NANOS, all[0].count))
            .collect();
        let person = |minute, count| ("person:a".to_owned(), minute, count);
        assert_eq!(told, [person(1, 2), person(2, 1), (String::new(), 0, 2)]);
        for number in 0..NETWORKS_MAX + 50 {
            failures.count(at("", &format!("{number}"), 0));
        }
        let all = failures.take();
        assert_eq!(all.len(), 1, "one command, whatever is tried");
        assert_eq!(all[0].len(), NETWORKS_MAX + 1);
        let others = all[0].iter().find(|one| one.network == OTHERS);
        assert_eq!(others.map(|one| one.count), Some(50));
    }

    #[test]
    fn an_address_is_told_as_its_network() {
        for (address, told) in [
            ("203.0.113.77", "203.0.113.0/24"),
            ("::ffff:203.0.113.77", "203.0.113.0/24"),
            ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ] {
            assert_eq!(network(From(address.parse().ok())), told);
        }
    }
}
