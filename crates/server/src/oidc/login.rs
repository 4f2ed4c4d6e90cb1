//! Sign-ins under way, held by the browsers that began them and not here: nobody fills a table by
//! beginning many. Only those that came back are remembered, until their time is over.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use node::NodeError;
use node::access::random_id;
use node::engine::query::scan::hex;
use std::collections::HashMap;
use std::sync::Mutex;

/// Most sign-ins that are remembered as used. Beyond it the provider alone sees that a code is not
/// used twice.
const USED_MAX: usize = 10_000;

/// What sign-ins are made with, and which came back.
pub struct Logins {
    key: hmac::Key,
    used: Mutex<HashMap<String, i64>>,
}

/// A sign-in: what its cookie says, and what follows from that.
pub struct Login {
    /// The text of the cookie: operator, end, 128 random bits.
    pub cookie: String,
    /// Whose provider.
    pub operator: String,
    /// What comes back beside the code.
    pub state: String,
    /// What the ID token says.
    pub nonce: String,
    /// What the challenge is the hash of.
    pub verifier: String,
}

impl Default for Logins {
    /// Under a key that everybody knows: for a service without providers.
    fn default() -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, &[]), used: Mutex::default() }
    }
}

impl Logins {
    /// Under a key of its own.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn new() -> Result<Self, NodeError> {
        let key = random_id()? + &random_id()?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        Ok(Self { key, used: Mutex::default() })
    }

    /// Begins one that ends at a time, nanoseconds UTC.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn begin(&self, operator: &str, ends_at: i64) -> Result<Login, NodeError> {
        Ok(self.of(format!("{operator}.{ends_at}.{}", random_id()?), operator))
    }

    fn of(&self, cookie: String, operator: &str) -> Login {
        let made =
            |what: &str| hex(hmac::sign(&self.key, format!("{what}.{cookie}").as_bytes()).as_ref());
        let (state, nonce, verifier) = (made("state"), made("nonce"), made("verifier"));
        Login { operator: operator.to_owned(), state, nonce, verifier, cookie }
    }

    /// Ends the one of a cookie, where it came back with its state, in time and for the first time.
    pub fn end(&self, cookie: &str, state: &str, now: i64) -> Option<Login> {
        let (operator, rest) = cookie.split_once('.')?;
        let ends_at: i64 = rest.split_once('.')?.0.parse().ok()?;
        let login = self.of(cookie.to_owned(), operator);
        verify_slices_are_equal(login.state.as_bytes(), state.as_bytes()).ok()?;
        if now >= ends_at {
            return None;
        }
        let mut used = self.used.lock().ok()?;
        if used.len() >= USED_MAX {
            used.retain(|_, end| now < *end);
        }
        if used.len() >= USED_MAX {
            used.clear();
        }
        used.insert(login.state.clone(), ends_at).is_none().then_some(login)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_ends_once_in_time_by_its_own_cookie_and_nothing_is_held_before() {
        let logins = Logins::new().unwrap();
        let mut all: Vec<Login> = (0..3).map(|_| logins.begin("house", 100).unwrap()).collect();
        assert_ne!(all[0].state, all[1].state);
        assert_ne!(all[0].nonce, all[0].verifier);
        assert!(logins.used.lock().unwrap().is_empty());
        let other = Logins::new().unwrap();
        let (own, next) = (all.remove(0), all.remove(0));
        let longer = own.cookie.replace(".100.", ".900.");
        let moved = own.cookie.replace("house", "casino");
        for (name, of, cookie, state, now, ends) in [
            ("another's state", &logins, &own.cookie, &next.state, 1, false),
            ("no state", &logins, &own.cookie, &String::new(), 1, false),
            ("another process", &other, &own.cookie, &own.state, 1, false),
            ("a longer time", &logins, &longer, &own.state, 1, false),
            ("another operator", &logins, &moved, &own.state, 1, false),
            ("too late", &logins, &own.cookie, &own.state, 100, false),
            ("its own", &logins, &own.cookie, &own.state, 99, true),
            ("again", &logins, &own.cookie, &own.state, 99, false),
            ("the next", &logins, &next.cookie, &next.state, 99, true),
        ] {
            assert_eq!(of.end(cookie, state, now).is_some(), ends, "{name}");
        }
    }
}
