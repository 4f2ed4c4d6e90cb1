//! Random bytes as a value, so that tests can repeat what they saw.

use engine::port::{PortError, PortFault};
use std::sync::Arc;

/// Fills a buffer with random bytes; false when there are none to be had.
pub type Random = Arc<dyn Fn(&mut [u8]) -> bool + Send + Sync>;

/// The system's random bytes.
pub fn system_random() -> Random {
    Arc::new(|bytes| aws_lc_rs::rand::fill(bytes).is_ok())
}

/// An array of random bytes.
pub(crate) fn array<const N: usize>(random: &Random) -> Result<[u8; N], PortError> {
    let mut bytes = [0; N];
    fill(random, &mut bytes)?;
    Ok(bytes)
}

/// Fills `bytes`.
pub(crate) fn fill(random: &Random, bytes: &mut [u8]) -> Result<(), PortError> {
    if random(bytes) {
        return Ok(());
    }
    Err(PortError::new(PortFault::Io, "the system gives no random bytes"))
}
