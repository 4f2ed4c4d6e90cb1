//! The schema registry: the documents of Confluent's interface, with its names of fields.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The media type of every answer of the registry.
pub const MEDIA_TYPE: &str = "application/vnd.schemaregistry.v1+json";

/// Why the registry refuses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RegistryError {
    /// The HTTP status, or it and two digits more.
    #[schema(example = 40401)]
    pub error_code: u32,
    /// What is wrong, with the stable code of Saldo at its end.
    pub message: String,
}

/// Another schema that one stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SchemaReference {
    /// The name under which the text speaks of it.
    pub name: String,
    /// Its subject.
    pub subject: String,
    /// Its version.
    pub version: u32,
}

/// A schema as it is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewSchema {
    /// Its text; of Protobuf also its descriptor in base64.
    pub schema: String,
    /// `AVRO`, `JSON` or `PROTOBUF`; Avro where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "JSON")]
    pub schema_type: Option<String>,
    /// What it stands on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub references: Option<Vec<SchemaReference>>,
    /// Not kept: refused where it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<serde_json::Value>,
    /// Not kept: refused where it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_set: Option<serde_json::Value>,
}

/// The id of a schema that was registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SchemaId {
    /// The id.
    pub id: u32,
}

/// A schema by its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchemaText {
    /// Its text.
    pub schema: String,
    /// `JSON` or `PROTOBUF`; absent for Avro.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_type: Option<String>,
    /// What it stands on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<SchemaReference>,
}

/// A version of a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubjectSchema {
    /// The subject.
    pub subject: String,
    /// The version.
    pub version: u32,
    /// The id of its schema.
    pub id: u32,
    /// `JSON` or `PROTOBUF`; absent for Avro.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_type: Option<String>,
    /// What it stands on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<SchemaReference>,
    /// Its text.
    pub schema: String,
}

/// A subject and one of its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubjectVersion {
    /// The subject.
    pub subject: String,
    /// The version.
    pub version: u32,
}

/// Whether a schema may follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Compatibility {
    /// Whether it may.
    pub is_compatible: bool,
    /// Each change that prevents it, where `verbose` was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<String>>,
}

/// A level of compatibility as it is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewLevel {
    /// `BACKWARD`, `FORWARD`, `FULL`, each with `_TRANSITIVE` or without, or `NONE`.
    #[schema(example = "FULL_TRANSITIVE")]
    pub compatibility: String,
}

/// A level of compatibility as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CurrentLevel {
    /// The level.
    #[schema(example = "BACKWARD")]
    pub compatibility_level: String,
}

/// Whether anything may be registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RegistryMode {
    /// `READWRITE` or `READONLY`.
    #[schema(example = "READWRITE")]
    pub mode: String,
}
