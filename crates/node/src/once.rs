//! Commands that are given once, however often they are asked for.

use crate::clock;
use crate::{NodeError, Session};
use engine::once::Once;

/// What came of a command that is given once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done<R = u64> {
    /// It was given now; its position, or what it came to.
    Now(R),
    /// It had been given before; its position.
    Before(u64),
    /// Something else had been asked for under the same key; nothing was done.
    Other,
}

impl Session {
    /// Lets `work` give a command under the name of `author`, unless it was given before under the
    /// same key. The key is recorded with the first command of `work`, which stands for all of it.
    ///
    /// # Errors
    /// Those of `work`: then the key is free again where no command was recorded.
    pub fn once<R>(
        &mut self,
        author: &str,
        once: Once,
        work: impl FnOnce(&mut Self) -> Result<R, NodeError>,
    ) -> Result<Done<R>, NodeError> {
        let engine = &mut self.operator.engine;
        if let Some(given) = engine.given_once(author, &once.key, clock::now_nanos())? {
            let same = given.fingerprint == once.fingerprint;
            return Ok(if same { Done::Before(given.position) } else { Done::Other });
        }
        engine.carry(Some(once));
        let own = std::mem::replace(&mut self.author, author.to_owned());
        let done = work(self);
        self.author = own;
        self.operator.engine.carry(None);
        done.map(Done::Now)
    }
}
