//! Slow work beside the threads that answer, a little at once: whoever may only ask must not take
//! every core from those who bring events.

use crate::trace::carried;
use tokio::sync::Semaphore;

/// Pieces of work at once; the next ones wait.
static PLACES: Semaphore = Semaphore::const_new(2);

/// What it gives; nothing where it ended early.
pub async fn aside<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Option<R> {
    let place = PLACES.acquire().await.ok()?;
    let done = carried(move || {
        // Held until the work is done, whether or not whoever asked still waits.
        let _place = place;
        work()
    });
    done.await.ok()
}
