//! Credentials: keys of programs.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What people call it.
    #[schema(example = "studio-a feed")]
    pub name: String,
    /// `administrator`, `finance`, `approver`, `auditor`, `provider`, `supplier` or `partner`.
    #[schema(example = "provider")]
    pub role: String,
    /// The party whose data it is for; the roles of counterparties need one.
    #[serde(default)]
    pub party: Option<String>,
    /// When it ends, RFC 3339; absent for never.
    #[serde(default)]
    pub expires_at: Option<String>,
    /// Networks that it may be used from, as CIDR; none for any.
    #[serde(default)]
    pub networks: Vec<String>,
    /// Whether it is for the sandbox: an operator of its own, with the same book and no real data.
    #[serde(default)]
    pub sandbox: bool,
}

/// A secret of a source to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSecret {
    /// When it ends, RFC 3339; absent for never.
    #[serde(default)]
    pub expires_at: Option<String>,
    /// Networks that it may be used from, as CIDR; none for any.
    #[serde(default)]
    pub networks: Vec<String>,
}

/// A secret that was made: shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MadeSecret {
    /// Its id, by which it is revoked.
    pub id: String,
    /// What requests are signed with, in the form of Standard Webhooks: `whsec_` and base64.
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    pub secret: String,
}

/// A key that was made, with its secret: shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MadeKey {
    /// The key's id.
    pub id: String,
    /// What to send as `Authorization: Bearer …`.
    pub key: String,
}

/// A key as it is listed: never its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Key {
    /// The key's id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its role.
    pub role: String,
    /// The party whose data it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// Who made it.
    pub created_by: String,
    /// When it ends, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Networks that it may be used from; none for any.
    pub networks: Vec<String>,
    /// Whether it was revoked.
    pub revoked: bool,
}
