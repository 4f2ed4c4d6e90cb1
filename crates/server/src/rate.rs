//! How often each may ask: GCRA per credential, per party and per address, each by class of
//! request; told in `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers).
//!
//! A bulk counts as one request: what it may weigh is a limit of its own.

use crate::limits;
use crate::refusal::Refusal;
use api::code;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use node::config::rates::{Asking, Rate, RateSettings};
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// Keys whose rate is as new are forgotten after so many questions.
const QUESTIONS_BETWEEN_CLEANINGS: u32 = 4096;
/// How many times more often a person's password may be tried from anywhere than from one place.
const ANYWHERE_TIMES: u32 = 10;

/// What a request is counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It brings events.
    Bring,
    /// It reads.
    Read,
    /// It changes something.
    Command,
}

/// How one who was let through stands: what the answer's headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The rate that is nearest to its end.
    pub rate: Rate,
    /// Requests that may come at once.
    pub remaining: u32,
    /// Seconds after which the rate is as new, or after which one may come again.
    pub reset_seconds: u64,
}

/// The rate of everybody.
pub struct Rates<C: Clock = DefaultClock> {
    /// Of a credential, by class.
    credential: [Limiter<C>; 3],
    /// Of all credentials of a party, by class.
    party: [Limiter<C>; 3],
    /// Of an address that shows no credential.
    open: Limiter<C>,
    /// Of an address whose credentials do not hold.
    failed: Limiter<C>,
    /// Of an address that tries passwords.
    password: Limiter<C>,
    /// Of a person whose password is tried, from around an address.
    person: Limiter<C>,
    /// The same wherever from.
    anywhere: Limiter<C>,
    keys: RandomState,
}

impl Default for Rates {
    fn default() -> Self {
        Self::new(&RateSettings::default(), &DefaultClock::default())
    }
}

impl<C: Clock + Clone> Rates<C> {
    /// Everybody's rate is as new, by this clock.
    pub fn new(settings: &RateSettings, clock: &C) -> Self {
        let of = |asking| Limiter::new(settings.of(asking), clock.clone());
        Self {
            credential: [Asking::Bring, Asking::Read, Asking::Command].map(of),
            party: [Asking::PartyBring, Asking::PartyRead, Asking::PartyCommand].map(of),
            open: of(Asking::Open),
            failed: of(Asking::Failed),
            password: of(Asking::Password),
            person: of(Asking::Person),
            anywhere: Limiter::new(anywhere(settings.of(Asking::Person)), clock.clone()),
            keys: RandomState::new(),
        }
    }

    /// Counts a request of a credential, and of its party.
    ///
    /// # Errors
    /// [`code::TOO_MANY_REQUESTS`] with the standing.
    pub fn credential(
        &self,
        class: Class,
        operator: &str,
        id: &str,
        party: Option<&str>,
    ) -> Result<Standing, Box<Exceeded>> {
        let own = self.credential[class as usize].ask(self.key(&(operator, id)))?;
        let Some(party) = party else { return Ok(own) };
        let all = self.party[class as usize].ask(self.key(&(operator, party)))?;
        Ok(if all.remaining < own.remaining { all } else { own })
    }

    /// Counts a request that needs no credential.
    ///
    /// # Errors
    /// [`code::TOO_MANY_REQUESTS`] with the standing.
    pub fn open(&self, from: IpAddr) -> Result<Standing, Box<Exceeded>> {
        self.open.ask(self.key(&network(from)))
    }

    /// Counts a request whose credential does not hold.
    ///
    /// # Errors
    /// [`code::TOO_MANY_REQUESTS`] with the standing.
    pub fn failed(&self, from: IpAddr) -> Result<Standing, Box<Exceeded>> {
        self.failed.ask(self.key(&network(from)))
    }

    /// Counts a password that is about to be tried: by address, and by whose it is.
    ///
    /// # Errors
    /// [`code::TOO_MANY_REQUESTS`] with the standing.
    pub fn password(
        &self,
        from: Option<IpAddr>,
        operator: &str,
        person: &str,
    ) -> Result<(), Box<Exceeded>> {
        if let Some(from) = from {
            self.password.ask(self.key(&network(from)))?;
        }
        let around = from.map(|from| network(from) >> if is_v4(from) { 8 } else { 80 });
        self.person.ask(self.key(&(operator, person, around)))?;
        self.anywhere.ask(self.key(&(operator, person))).map(|_| ())
    }

    /// A keyed hash: names are of any length, and nobody can choose colliding ones.
    fn key(&self, of: &impl Hash) -> u64 {
        self.keys.hash_one(of)
    }
}

/// The rate of a person from anywhere: whoever guesses from one place alone locks nobody out who is
/// elsewhere, and from many places there are no more guesses than find no password still.
fn anywhere(person: Rate) -> Rate {
    Rate { requests: person.requests.saturating_mul(ANYWHERE_TIMES), ..person }
}

fn is_v4(address: IpAddr) -> bool {
    address.to_canonical().is_ipv4()
}

/// The network that an address is counted as: a subscriber has a whole /64 of version 6.
pub(crate) fn network(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_bits().into(),
        IpAddr::V6(v6) => v6.to_bits() & !u128::from(u64::MAX),
    }
}

type Keyed<C> = RateLimiter<u64, HashMapStateStore<u64>, C, StateInformationMiddleware>;

struct Limiter<C: Clock> {
    rate: Rate,
    keyed: Keyed<C>,
    clock: C,
    questions: AtomicU32,
}

impl<C: Clock + Clone> Limiter<C> {
    fn new(rate: Rate, clock: C) -> Self {
        let at_least_one = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        let each = Duration::from_secs(rate.seconds.into()) / rate.requests.max(1);
        let quota = Quota::with_period(each.max(Duration::from_nanos(1)))
            .unwrap_or(Quota::per_second(NonZeroU32::MIN))
            .allow_burst(at_least_one(rate.requests));
        let keyed = RateLimiter::hashmap_with_clock(quota, clock.clone());
        Self { rate, keyed: keyed.with_middleware(), clock, questions: AtomicU32::new(0) }
    }

    fn ask(&self, key: u64) -> Result<Standing, Box<Exceeded>> {
        let key = if self.is_full() { 0 } else { key };
        let rate = self.rate;
        match self.keyed.check_key(&key) {
            Ok(snapshot) => {
                let remaining = snapshot.remaining_burst_capacity();
                let used = u64::from(rate.requests.saturating_sub(remaining));
                let reset_seconds = (used * u64::from(rate.seconds)).div_ceil(rate.requests.into());
                Ok(Standing { rate, remaining, reset_seconds })
            }
            Err(until) => {
                let wait = until.wait_time_from(self.clock.now());
                let reset_seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                let reset_seconds = reset_seconds.max(1);
                Err(Box::new(Exceeded(Standing { rate, remaining: 0, reset_seconds })))
            }
        }
    }

    /// Whether so many are known that whoever is new shares one rate; the idle are forgotten.
    fn is_full(&self) -> bool {
        let asked = self.questions.fetch_add(1, Ordering::Relaxed);
        if asked % QUESTIONS_BETWEEN_CLEANINGS == QUESTIONS_BETWEEN_CLEANINGS - 1 {
            self.keyed.retain_recent();
        }
        self.keyed.len() >= limits::RATE_KEYS_MAX
    }
}

/// More than agreed.
#[derive(Debug)]
pub struct Exceeded(pub Standing);

impl From<Box<Exceeded>> for Refusal {
    fn from(exceeded: Box<Exceeded>) -> Self {
        let Standing { rate, reset_seconds, .. } = exceeded.0;
        let Rate { name, requests, seconds } = rate;
        let what = format!(
            "the rate `{name}` is {requests} requests in {seconds} s; wait {reset_seconds} s"
        );
        let mut refusal = Self::of(&code::TOO_MANY_REQUESTS, what);
        refusal.1 = Some(exceeded.0);
        refusal
    }
}

impl Standing {
    /// Says it in the headers of an answer.
    pub fn tell(&self, headers: &mut HeaderMap, refused: bool) {
        let Rate { name, requests, seconds } = self.rate;
        let mut put = |name: HeaderName, text: String| {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(name, value);
            }
        };
        put(POLICY, format!("\"{name}\";q={requests};w={seconds}"));
        put(LIMIT, format!("\"{name}\";r={};t={}", self.remaining, self.reset_seconds));
        if refused {
            put(header::RETRY_AFTER, self.reset_seconds.to_string());
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;

    #[test]
    fn a_rate_ends_and_comes_back() {
        let clock = FakeRelativeClock::default();
        let rates = Rates::new(&RateSettings::default(), &clock);
        let from = "192.0.2.7".parse().unwrap();
        let Rate { requests, seconds, .. } = RateSettings::default().of(Asking::Failed);
        for left in (0..requests).rev() {
            assert_eq!(rates.failed(from).unwrap().remaining, left);
        }
        let exceeded = rates.failed(from).unwrap_err().0;
        let each = u64::from(seconds.div_ceil(requests));
        assert_eq!((exceeded.remaining, exceeded.reset_seconds), (0, each));
        assert!(rates.failed("192.0.2.8".parse().unwrap()).is_ok(), "another address");
        clock.advance(Duration::from_secs(seconds.into()));
        assert_eq!(rates.failed(from).unwrap().remaining, requests - 1);
    }

    #[test]
    fn a_person_is_locked_out_where_somebody_guesses_and_not_elsewhere() {
        let rates = Rates::new(&RateSettings::default(), &FakeRelativeClock::default());
        let tried = |from: String| {
            let from: IpAddr = from.parse().unwrap();
            rates.password(Some(from), "house", "kim").is_ok()
        };
        let most = RateSettings::default().of(Asking::Person).requests;
        let passed = |from: &dyn Fn(u32) -> String| (0..200).filter(|at| tried(from(*at))).count();
        assert_eq!(passed(&|at| format!("198.51.100.{at}")), most as usize, "one place");
        assert_eq!(passed(&|at| format!("2001:db8:1:{at:x}::1")), most as usize, "one site");
        assert!(tried("203.0.113.1".to_owned()), "elsewhere");
        let all = 3 + passed(&|at| format!("203.{at}.113.1"));
        assert_eq!(all, (most * (ANYWHERE_TIMES - 2) + 2) as usize, "anywhere");
    }

    #[test]
    fn a_party_has_one_rate_over_all_its_credentials() {
        let rates = Rates::new(&RateSettings::default(), &FakeRelativeClock::default());
        let ask = |id: &str| rates.credential(Class::Command, "house", id, Some("studio"));
        let settings = RateSettings::default();
        let most = settings.of(Asking::PartyCommand).requests;
        let own = settings.of(Asking::Command).requests;
        let mut passed = 0;
        for id in 0..=most / own + 1 {
            passed += (0..own).filter(|_| ask(&id.to_string()).is_ok()).count();
        }
        assert_eq!(passed, most as usize);
        assert!(rates.credential(Class::Command, "house", "x", Some("other")).is_ok());
        assert!(rates.credential(Class::Read, "house", "0", Some("studio")).is_ok());
    }

    #[test]
    fn the_key_of_a_source_posts_as_fast_as_promised() {
        let clock = FakeRelativeClock::default();
        let rates = Rates::new(&RateSettings::default(), &clock);
        for at in 0..150_000 {
            if at % 15 == 0 {
                clock.advance(Duration::from_millis(1));
            }
            let asked = rates.credential(Class::Bring, "house", "k", Some("studio"));
            assert!(asked.is_ok(), "post {at} at 15,000/s");
        }
    }

    #[test]
    fn addresses_are_counted_by_network_and_their_number_is_bounded() {
        let clock = FakeRelativeClock::default();
        let rates = Rates::new(&RateSettings::default(), &clock);
        let same = |a: &str, b: &str| {
            let rest = |text: &str| rates.open(text.parse().unwrap()).unwrap().remaining;
            rest(a) == rest(b) + 1
        };
        assert!(same("2001:db8::1", "2001:db8::2"), "one subscriber");
        assert!(same("::ffff:192.0.2.1", "192.0.2.1"), "one address, written twice");
        for at in 0..u32::try_from(limits::RATE_KEYS_MAX).unwrap() + 10 {
            // A shared rate may end; a key more is not made for that.
            let _ = rates.open(IpAddr::from(at.to_be_bytes()));
        }
        assert!(rates.open.keyed.len() <= limits::RATE_KEYS_MAX + 1);
        clock.advance(Duration::from_mins(10));
        for _ in 0..QUESTIONS_BETWEEN_CLEANINGS {
            let _ = rates.open("192.0.2.1".parse().unwrap());
        }
        assert!(rates.open.keyed.len() < 10, "the idle are forgotten");
    }
}
