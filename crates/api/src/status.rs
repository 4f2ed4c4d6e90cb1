//! Where an operator stands.

use async_graphql::SimpleObject;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The six counters; the first is the sum of the others.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject,
)]
pub struct Counters {
    /// Everything that came in.
    pub received: u64,
    /// Posted to the ledger.
    pub posted: u64,
    /// The same again.
    pub duplicate: u64,
    /// Lacks what it refers to.
    pub waiting: u64,
    /// Kept for a person.
    pub quarantined: u64,
    /// Turned away at the door.
    pub refused: u64,
}

/// Where an operator stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
pub struct Status {
    /// The operator.
    pub operator: String,
    /// The position after the last record whose effects can be read.
    pub position: u64,
    /// The book revision in force.
    pub book_revision: u32,
    /// All sources together.
    #[serde(flatten)]
    #[graphql(flatten)]
    pub total: Counters,
    /// By source.
    pub sources: BTreeMap<String, Counters>,
    /// What was turned away at the door of the service, by source and code.
    #[serde(default)]
    pub refusals: Vec<Refusals>,
    /// Open contests.
    pub contests: u64,
    /// Accounts in use.
    pub accounts: u64,
}

/// How often requests of a source were refused with a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
pub struct Refusals {
    /// The source.
    pub source: String,
    /// The stable code.
    #[schema(example = "E8043")]
    pub code: String,
    /// How often.
    pub count: u64,
}

/// Whether the service lives, or takes requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `ok`, or what is wrong.
    #[schema(example = "ok")]
    pub state: String,
}

/// Which program answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Version {
    /// `saldo`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Versions of the interface that it speaks.
    pub api: Vec<String>,
}
