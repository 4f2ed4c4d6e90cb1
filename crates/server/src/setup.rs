//! The link that makes the first administrator: offered at the start of an operator that has no
//! credentials, for 15 minutes and once.

use crate::app::Tenant;
use node::access::{holding_any, random_id, secret_hash};
use node::{NodeError, clock};
use std::sync::Mutex;

/// What the link's text begins with.
const PREFIX: &str = "saldo_setup.";
const NANOS: i64 = 15 * 60 * 1_000_000_000;

/// The link that is offered now.
#[derive(Default)]
pub struct Offer(Mutex<Option<([u8; 32], i64)>>);

impl Tenant {
    /// Offers a link where no credential holds: its text.
    ///
    /// # Errors
    /// When the Store cannot be read, or the system gives no randomness.
    pub fn offer_setup(&self) -> Result<Option<String>, NodeError> {
        if self.service.read(holding_any)? {
            return Ok(None);
        }
        let secret = random_id()? + &random_id()?;
        if let Ok(mut offer) = self.setup.0.lock() {
            *offer = Some((secret_hash(&secret), clock::now_nanos().saturating_add(NANOS)));
        }
        Ok(Some(format!("{PREFIX}{}.{secret}", self.service.operator())))
    }

    /// Takes the offered link, where this is its secret: nobody can use it again.
    pub fn take_setup(&self, secret: &str) -> bool {
        let Ok(mut offer) = self.setup.0.lock() else { return false };
        let now = clock::now_nanos();
        let own = offer.is_some_and(|(hash, end)| hash == secret_hash(secret) && now < end);
        if own {
            *offer = None;
        }
        own
    }
}

/// The operator and the secret of a link's text.
pub fn read(text: &str) -> Option<(&str, &str)> {
    text.trim().strip_prefix(PREFIX)?.split_once('.')
}
