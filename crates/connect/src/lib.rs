//! Reaching out: webhooks that arrive at least once, in order, at an address that may be called.
//!
//! It knows what is sent, to whom, and when to try again. It knows no store, no book and no rule:
//! what there is to send comes from a [`Feed`], and how far it came is told to a [`Progress`].
//!
//! ```text
//! Feed ─▶ window ─▶ circuit ─▶ post ─▶ the endpoint
//!         by subject            │ signed, over TLS, to an address that was checked
//!           ▲                   ▼
//!           └── backoff ◀── not 2xx
//! ```

pub mod guard;
pub mod post;
pub mod schedule;
pub mod sender;
pub mod sign;
pub mod target;
pub mod window;

pub use post::{Client, Failure};
pub use schedule::{Circuit, Pace};
pub use sender::{
    Attempt, Batch, Endpoint, Feed, Handle, Limits, Message, Progress, Status, start,
};
pub use target::{BadUrl, Target};
