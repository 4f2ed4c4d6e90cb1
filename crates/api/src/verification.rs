//! The verification log: what each stage passed and failed.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An entry of the verification log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Verification {
    /// A frame of records that were verified together.
    Frame {
        /// Position of its first record.
        position: u64,
        /// Its source.
        source: String,
        /// When it was received, RFC 3339 in UTC.
        received_at: String,
        /// How many records it has.
        records: u32,
        /// What passed and failed, by stage.
        stages: BTreeMap<String, StageCount>,
        /// What failed.
        failures: Vec<RecordFailure>,
        /// The trace ids of the requests or the run that brought the records, at most 20 of them.
        #[serde(default)]
        trace_ids: Vec<String>,
    },
    /// A stated total that differs from the rows.
    Control {
        /// Position of its record.
        position: u64,
        /// The source.
        source: String,
        /// When it was found, RFC 3339 in UTC.
        received_at: String,
        /// Name of the control and its group.
        control: String,
        /// What is stated.
        stated: String,
        /// What the rows add up to.
        summed: String,
        /// One sentence.
        reason: String,
        /// The trace id of the run that found it.
        #[serde(default)]
        trace_id: Option<String>,
    },
    /// Tax invoices that were made or amended.
    Invoices {
        /// Position of the command.
        position: u64,
        /// When it was given, RFC 3339 in UTC.
        received_at: String,
        /// Who gave it.
        author: String,
        /// What was amended.
        amends: Option<String>,
        /// Ids of the documents.
        documents: Vec<String>,
        /// The trace id of what gave the command.
        #[serde(default)]
        trace_id: Option<String>,
    },
}

/// What a stage passed and failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StageCount {
    /// Records that passed.
    pub passed: u32,
    /// Records that failed.
    pub failed: u32,
}

/// A record that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordFailure {
    /// Its position.
    pub position: u64,
    /// Why.
    pub code: String,
    /// The stage.
    pub stage: String,
    /// The trace id of what brought it.
    #[serde(default)]
    pub trace_id: Option<String>,
}
