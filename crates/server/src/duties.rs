//! Separation of duties: which credentials may do both halves of what two people should.

use crate::guard::kind_name;
use crate::policy::Action;
use crate::policy::cedar::{Policies, Question, Resource};
use api::access::{Duty, DutyHolder};
use node::engine::access::Recorded;

/// What should take two: what it is, and the two halves by name. Halves that are one action are
/// said too: then whoever may begin it may also finish it.
const DUTIES: &[(&str, &str, &str)] = &[
    ("change the book, and let it come into force", "change-book", "change-book"),
    ("change the book, and close periods under it", "change-book", "close-periods"),
    ("correct a record, and resolve a contest", "mend-records", "mend-records"),
    ("close a period, and hold or release its lines", "close-periods", "hold-lines"),
    ("make keys, and bring events", "manage-keys", "bring-events"),
    ("make keys, and change the book", "manage-keys", "change-book"),
    ("place a legal hold, and lift it", "place-legal-holds", "place-legal-holds"),
    ("see who did what, and do it: make keys", "see-audit", "manage-keys"),
];

/// The report: every duty whose halves are actions, with those credentials that hold at a time and
/// may do both.
pub fn report(credentials: &[Recorded], policies: &Policies, at: i64) -> Vec<Duty> {
    let duty = |(what, first, second): &(&str, &str, &str)| {
        let halves = [Action::named(first)?, Action::named(second)?];
        let holds = |recorded: &&Recorded| recorded.credential.holds_at(at);
        let both = |recorded: &&Recorded| halves.iter().all(|half| may(recorded, policies, *half));
        let held: Vec<&Recorded> = credentials.iter().filter(holds).filter(both).collect();
        let holder = |recorded: &&Recorded| DutyHolder {
            id: recorded.credential.id.clone(),
            kind: kind_name(recorded.credential.kind).to_owned(),
            name: recorded.credential.name.clone(),
            role: recorded.credential.role.clone(),
        };
        Some(Duty {
            duty: (*what).to_owned(),
            halves: halves.map(Action::name).to_vec(),
            held_by: held.iter().map(holder).collect(),
        })
    };
    DUTIES.iter().filter_map(duty).collect()
}

fn may(recorded: &Recorded, policies: &Policies, action: Action) -> bool {
    let credential = &recorded.credential;
    let scoped = credential.scopes.is_empty() || credential.scopes.contains(&action.name());
    let question = Question {
        role: credential.role.clone(),
        party: Some(credential.party.clone()).filter(|party| !party.is_empty()),
        kind: kind_name(credential.kind),
        action,
        resource: Resource::Operator,
    };
    scoped && policies.allow(&question)
}
