//! Credentials: keys of programs.

use crate::commands::Given;
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
    /// The only actions that it is for, such as `bring-events`; none for all that its role may do.
    #[serde(default)]
    pub scopes: Vec<String>,
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

/// What an earlier request under the same `Idempotency-Key` did. Its secret was in the first answer
/// alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MadeBefore {
    /// The id of what was made or changed.
    pub id: String,
    /// The command as it is in the Log.
    pub given: Given,
    /// What to do where the secret is lost.
    pub note: String,
}

/// A rotation: of now, or of an earlier request under the same `Idempotency-Key`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum RotatedOnce {
    /// The new secret, shown this once.
    Now(Rotated),
    /// What was done before.
    Before(MadeBefore),
}

/// A key as it is listed: never its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Key {
    /// The key's id; of a client what follows the operator's name and a point in `client_id`.
    pub id: String,
    /// `key`, `client` or `person`.
    pub kind: String,
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
    /// The only actions that it is for; none for all that its role may do.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Until when the secret before the last rotation holds too, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_ends_at: Option<String>,
    /// Whether it was revoked.
    pub revoked: bool,
}

/// A client that was made, with its secret: shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MadeClient {
    /// What to send as `client_id`: `OPERATOR.ID`.
    pub client_id: String,
    /// What to send as `client_secret`.
    pub client_secret: String,
}

/// How to rotate a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotate {
    /// Seconds that the secret before still holds; a day where it is absent, 30 days at most.
    #[serde(default)]
    #[schema(maximum = 2_592_000)]
    pub overlap_seconds: Option<u32>,
}

/// Whose credentials end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeMadeBy {
    /// Who made them, as the audit log names authors: `key:ID`, `client:ID`, `person:ID`, or an
    /// account of the operator's machine.
    #[schema(min_length = 1, example = "key:5f1d2a")]
    pub made_by: String,
}

/// What ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RevokedMadeBy {
    /// Ids of the credentials and webhooks, in order of their making.
    pub revoked: Vec<String>,
}

/// A secret that was rotated: shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rotated {
    /// The credential's id; of a client `OPERATOR.ID`.
    pub id: String,
    /// The key's new text, or the client's new secret.
    pub secret: String,
    /// When the secret before ends, RFC 3339.
    pub before_ends_at: String,
}

/// A token, as RFC 6749 answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// What to send as `Authorization: Bearer …`.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds that it holds.
    pub expires_in: i64,
    /// The only actions that it is for, with blanks between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

/// Why no token is given, as RFC 6749 says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenRefused {
    /// `invalid_client`, `invalid_request`, `unsupported_grant_type` or `invalid_scope`.
    pub error: String,
    /// What is wrong in particular.
    pub error_description: String,
    /// Where the code is explained: a path of this service.
    pub error_uri: String,
    /// The stable code.
    pub code: String,
}

/// Keys that tokens are signed with (RFC 7517).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Jwks {
    /// The keys.
    pub keys: Vec<Jwk>,
}

/// A public key (RFC 8037).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Jwk {
    /// `OKP`.
    pub kty: String,
    /// `Ed25519`.
    pub crv: String,
    /// The key, base64url.
    pub x: String,
    /// Its id, as in the header of tokens.
    pub kid: String,
    /// `EdDSA`.
    pub alg: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub usage: String,
}

/// Where tokens are given (RFC 8414).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Metadata {
    /// Who issues: `iss` and `aud` of tokens.
    pub issuer: String,
    /// Where tokens are given.
    pub token_endpoint: String,
    /// Where the keys are.
    pub jwks_uri: String,
    /// `client_credentials`.
    pub grant_types_supported: Vec<String>,
    /// None: no flow here has one.
    pub response_types_supported: Vec<String>,
    /// How a client may show its secret.
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// The actions.
    pub scopes_supported: Vec<String>,
}

/// A key that tokens are signed with, as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SigningKey {
    /// Its id, as in the header of tokens.
    pub kid: String,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// Who made it.
    pub created_by: String,
    /// When its tokens have ended; absent for the one that signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<String>,
}

/// A key that signs for the operator, or did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OperatorKey {
    /// Its public half, as `proof check` takes it: name, hash and key.
    #[schema(example = "house+3f2a9c01+AXRmAfLYfpmiqlQFXc2pJF+idq3QqkjVWFPT42djIcYy")]
    pub key: String,
    /// Since when it signs, RFC 3339; absent for the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The note of the key before and of this one, that this one follows; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A new key to sign tokens with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSigningKey {
    /// Whether the keys before and all their tokens end at once: when one may be known to others.
    #[serde(default)]
    pub end_others: bool,
}

/// Something that should take two, and who may do it alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Duty {
    /// What it is.
    pub duty: String,
    /// The actions that are its halves.
    pub halves: Vec<String>,
    /// The credentials that may do both.
    pub held_by: Vec<DutyHolder>,
}

/// A credential that may do both halves of a duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DutyHolder {
    /// Its id.
    pub id: String,
    /// `key`, `client` or `person`.
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Its role.
    pub role: String,
}

/// A person to be invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// The name to sign in with.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// `administrator`, `finance`, `approver`, `auditor`, `provider`, `supplier` or `partner`.
    #[schema(example = "approver")]
    pub role: String,
    /// The party whose data it is for; the roles of counterparties need one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// Networks that they may sign in from, as CIDR; none for any.
    #[serde(default)]
    pub networks: Vec<String>,
}

/// A person who was invited: the link is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitedPerson {
    /// Id of the credential.
    pub id: String,
    /// Where the person sets a password: a page of this service.
    pub link: String,
    /// When the link ends, RFC 3339: a day from now.
    pub ends_at: String,
}

/// What a person who is signed in changes of what they show.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeSignIn {
    /// The password of now.
    pub password: String,
    /// A one-time code, where they are asked for.
    #[serde(default)]
    pub code: Option<String>,
    /// Another password: at least 12 characters.
    #[serde(default)]
    #[schema(min_length = 12)]
    pub new_password: Option<String>,
    /// Whether one-time codes are asked for from now on; true also for new ones. Absent: as now.
    #[serde(default)]
    pub totp: Option<bool>,
}

/// What was changed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangedSignIn {
    /// What the authenticator is told, base32: shown this once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp_secret: Option<String>,
    /// The same, as authenticators scan it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp_uri: Option<String>,
}

/// The first administrator to be made, or a person who was invited.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// The text of the link that `saldo serve` printed, or of an invitation.
    pub token: String,
    /// The name to sign in with; of an invitation the one that it was made for.
    pub name: String,
    /// The password: at least 12 characters.
    #[schema(min_length = 12)]
    pub password: String,
    /// Whether a one-time code is asked for at every sign-in.
    #[serde(default)]
    pub totp: bool,
}

/// The first administrator, made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SetUp {
    /// The operator.
    pub operator: String,
    /// Id of the credential.
    pub id: String,
    /// The name to sign in with.
    pub name: String,
    /// What the authenticator is told, base32: shown this once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp_secret: Option<String>,
    /// The same, as authenticators scan it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp_uri: Option<String>,
}

/// Who signs in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The operator; needed where several are served.
    #[serde(default)]
    pub operator: Option<String>,
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
    /// The one-time code, where one is asked for.
    #[serde(default)]
    pub code: Option<String>,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// The operator.
    pub operator: String,
    /// Id of the person.
    pub id: String,
    /// What people call them.
    pub name: String,
    /// The role.
    pub role: String,
    /// The party whose data alone they see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// When the session ends at the latest, RFC 3339.
    pub ends_at: String,
}

/// What policies say of one action of one role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Decision {
    /// The role.
    #[schema(example = "finance")]
    pub role: String,
    /// The action.
    #[schema(example = "close-periods")]
    pub action: String,
    /// Whether it is allowed.
    pub allowed: bool,
    /// Why, in a sentence.
    #[schema(example = "policies permit it and none forbids it")]
    pub why: String,
    /// The policies that say so: their file, and the name in `@id` or the place in it. Files of
    /// `shipped/` are those that a book has not replaced.
    #[schema(example = json!(["shipped/finance.cedar#1"]))]
    pub by: Vec<String>,
}
