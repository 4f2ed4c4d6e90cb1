//! Parties, agreements between them, their versions and periods.

use async_graphql::SimpleObject;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What people read instead of a name; empty where the book does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
pub struct Title {
    /// English.
    pub en: String,
    /// Korean.
    pub ko: String,
}

/// A company of the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
#[graphql(name = "PartyFacts")]
pub struct Party {
    /// Its name in the book.
    #[schema(example = "studio-a")]
    #[graphql(name = "name")]
    pub party: String,
    /// What people read.
    pub title: Title,
    /// Whether it is the operator itself.
    pub own: bool,
    /// Names of the agreements that it pays or is paid by, as far as the credential sees them.
    #[graphql(skip)]
    pub agreements: Vec<String>,
}

/// An agreement: the version in force now, or the last one where none is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
#[graphql(name = "AgreementFacts")]
pub struct Agreement {
    /// Its name in the book.
    #[graphql(name = "name")]
    pub agreement: String,
    /// What people read.
    pub title: Title,
    /// Who pays when a statement comes to more than zero.
    pub from: String,
    /// Who is paid then.
    pub to: String,
    /// Code of the asset that it is settled in.
    pub asset: String,
    /// IANA name of the zone whose midnights bound its periods.
    pub zone: String,
    /// How long they are: `day`, `week`, `half-month`, `month`, `quarter`, `half-year`, `year` or
    /// `custom`.
    #[schema(example = "month")]
    #[graphql(name = "periodKind")]
    pub period: String,
    /// The version, from 1.
    pub version: u32,
    /// From when it holds, RFC 3339; null for always.
    pub holds_from: Option<String>,
    /// Until when; null for ever.
    pub holds_until: Option<String>,
}

/// A version of an agreement, and who signed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
pub struct AgreementVersion {
    /// The agreement.
    pub agreement: String,
    /// The version, from 1.
    pub version: u32,
    /// Who pays when a statement comes to more than zero.
    pub from: String,
    /// Who is paid then.
    pub to: String,
    /// From when it holds, RFC 3339; null for always.
    pub holds_from: Option<String>,
    /// Until when; null for ever.
    pub holds_until: Option<String>,
    /// Hash of the terms that are signed, base64.
    pub terms: String,
    /// Whether closes wait for the signatures.
    pub required: bool,
    /// Who must sign.
    pub parties: Vec<String>,
    /// Names of the keys that signed; null, and `why`, where a signature is missing.
    pub signed: Option<Vec<String>>,
    /// What is missing.
    pub why: Option<String>,
    /// The record of the signatures.
    pub countersigned: Option<Countersigned>,
}

/// The record of signatures under a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
pub struct Countersigned {
    /// When, RFC 3339.
    pub at: String,
    /// By whom.
    pub by: String,
    /// Its position in the Log.
    pub position: u64,
}

/// A period of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
#[graphql(name = "PeriodFacts")]
pub struct Period {
    /// The agreement.
    #[graphql(skip)]
    pub agreement: String,
    /// The period, as people write it.
    #[schema(example = "2026-03")]
    #[graphql(name = "name")]
    pub period: String,
    /// Its first instant, RFC 3339.
    pub start: String,
    /// The first instant after it.
    pub end: String,
    /// `open` (it goes on), `provisional` (it is over and not closed), `closing`, `closed`.
    #[schema(example = "closed")]
    pub state: String,
    /// The version of the agreement that it is rated by.
    pub version: u32,
    /// Who pays when it comes to more than zero.
    pub from: String,
    /// Who is paid then.
    pub to: String,
    /// Code of the asset.
    pub asset: String,
    /// What the statement comes to, a decimal; null until it is closed.
    #[schema(example = "170.00")]
    pub payable: Option<String>,
    /// Id of the statement; null until it is closed.
    #[schema(example = "studio-a-share:2026-03:1")]
    #[graphql(name = "statementId")]
    pub statement: Option<String>,
    /// When it was closed, RFC 3339.
    pub closed_at: Option<String>,
    /// The position in the Log that the close stands on: what comes after it is late.
    pub cut_position: Option<u64>,
}
