//! The decision what becomes of a verified event, from facts that were loaded before: pure,
//! total, the same for every size of batch.

use crate::rules::{KindId, Reference, Rules};
use crate::{Outcome, Reject};

/// What is known of the event's own key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// Never seen, or seen only as quarantined content.
    Absent,
    /// Posted or waiting with the same content.
    Same,
    /// Posted or waiting with other content.
    Other,
    /// Not posted, but this very content was quarantined before.
    QuarantinedSame,
}

/// What is known of the event it refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// It refers to none.
    None,
    /// Not posted (absent, waiting or quarantined).
    Absent,
    /// Posted.
    Posted {
        /// Its kind.
        kind: KindId,
        /// Its time, nanoseconds UTC.
        occurred_at: i64,
        /// Whether its amount and asset are those that the event states (or it states none).
        same_amount: bool,
        /// Whether another event has cancelled it.
        cancelled: bool,
    },
}

/// What to post for an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Post {
    /// Nothing.
    Nothing,
    /// The legs of its kind.
    Legs,
    /// The reverse of what its target posted.
    Reversal,
}

/// What becomes of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its outcome.
    pub outcome: Outcome,
    /// Why, when it is quarantined.
    pub reject: Option<Reject>,
    /// What to post.
    pub post: Post,
}

impl Decision {
    const fn of(outcome: Outcome, post: Post) -> Self {
        Self { outcome, reject: None, post }
    }

    /// A quarantined event.
    pub const fn quarantine(reject: Reject) -> Self {
        Self { outcome: Outcome::Quarantined, reject: Some(reject), post: Post::Nothing }
    }
}

/// Decides on an event of `kind` that passed every stage of verification.
pub fn decide(rules: &Rules, kind: KindId, own: Own, target: Target) -> Decision {
    match own {
        Own::Same | Own::QuarantinedSame => {
            return Decision::of(Outcome::Duplicate, Post::Nothing);
        }
        Own::Other => return Decision::quarantine(Reject::Contest),
        Own::Absent => {}
    }
    decide_new(rules, kind, target)
}

/// Decides on an event whose key is known to be its own: a new one, or one that was waiting.
pub fn decide_new(rules: &Rules, kind: KindId, target: Target) -> Decision {
    let reference = &rules.kinds[usize::from(kind)].reference;
    match (reference, target) {
        (Reference::None | Reference::Optional(_), Target::None) => {
            Decision::of(Outcome::Posted, Post::Legs)
        }
        (Reference::None, _) => Decision::quarantine(Reject::ReferenceNotAllowed),
        (Reference::Required(_) | Reference::Cancels(_), Target::None) => {
            Decision::quarantine(Reject::ReferenceMissing)
        }
        (_, Target::Absent) => Decision::of(Outcome::Waiting, Post::Nothing),
        (
            Reference::Optional(kinds) | Reference::Required(kinds),
            Target::Posted { kind: found, .. },
        ) => {
            if kinds.contains(&found) {
                Decision::of(Outcome::Posted, Post::Legs)
            } else {
                Decision::quarantine(Reject::ReferenceKind)
            }
        }
        (Reference::Cancels(kinds), Target::Posted { kind: found, same_amount, cancelled, .. }) => {
            if !kinds.contains(&found) {
                Decision::quarantine(Reject::ReferenceKind)
            } else if !same_amount {
                Decision::quarantine(Reject::CancelAmount)
            } else if cancelled {
                Decision::quarantine(Reject::CancelledAlready)
            } else {
                Decision::of(Outcome::Posted, Post::Reversal)
            }
        }
    }
}
