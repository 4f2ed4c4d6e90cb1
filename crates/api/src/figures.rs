//! Figures: totals and measures.

use async_graphql::SimpleObject;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One account's debits, credits and how many postings they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
#[graphql(name = "AccountTotal")]
pub struct TotalRow {
    /// Path of the account.
    pub account: String,
    /// Code of the asset.
    pub asset: String,
    /// Sum of debits, a decimal.
    #[schema(example = "120.50")]
    pub debit: String,
    /// Sum of credits, a decimal.
    #[schema(example = "0.00")]
    pub credit: String,
    /// Postings.
    pub count: u64,
}

/// One value of a measure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
#[graphql(name = "MeasureValue")]
pub struct MeasureRow {
    /// Code of the asset.
    pub asset: String,
    /// The value, a decimal.
    #[schema(example = "-80.00")]
    pub value: String,
    /// Postings that it stands on.
    pub count: u64,
    /// Values of the dimensions asked for.
    pub by: BTreeMap<String, String>,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// What is on the page.
    pub items: Vec<T>,
    /// What `after` must be for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
