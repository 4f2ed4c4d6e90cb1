//! In `sources.yaml`: the schema of what a source sends.

use std::collections::BTreeMap;

use super::sources::SourcesFile;
use crate::diagnostic::Placed;
use crate::read::Named;

crate::record! {
    /// The schema of what a source sends in the native shape: each event is checked by it.
    pub struct SchemaSpec {
        /// Its subject in the schema registry.
        pub subject: Placed<String>,
        /// The version; the latest where nothing is said.
        pub version: Option<u32> = default,
        /// How events of older versions are read now.
        pub upcasts: Vec<UpcastSpec> = default,
    }
}

crate::record! {
    /// What changes from one version to the next.
    pub struct UpcastSpec {
        /// The version that it brings events from.
        pub from: u32,
        /// Fields that have another place: from and to, names joined by dots.
        pub rename: Named<String> = default,
        /// Fields that are put in where they lack, with their texts.
        pub defaults: Named<String> = default,
    }
}

/// The schema of what a source sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceSchema {
    /// Its subject in the schema registry.
    pub subject: String,
    /// The version; the latest where there is none.
    pub version: Option<u32>,
    /// How events of older versions are read now.
    pub upcasts: Vec<Upcast>,
}

/// What changes from one version of a subject to the next. Paths are names joined by dots, from
/// the root of an event: `meta.shop`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upcast {
    /// The version that it brings events from; to the next one.
    pub from: u32,
    /// Fields that have another place: from, to. A field that is there already stays.
    pub rename: BTreeMap<String, String>,
    /// Fields that are put in where they lack, with their texts.
    pub defaults: BTreeMap<String, String>,
}

/// The schema of each source that names one.
pub fn schemas(file: &SourcesFile) -> BTreeMap<String, SourceSchema> {
    let named = file.sources.sound().filter_map(|(name, spec)| Some((name, spec.schema.as_ref()?)));
    let schema = |spec: &SchemaSpec| SourceSchema {
        subject: spec.subject.value.clone(),
        version: spec.version,
        upcasts: spec.upcasts.iter().map(upcast).collect(),
    };
    named.map(|(name, spec)| (name.value.clone(), schema(spec))).collect()
}

fn upcast(spec: &UpcastSpec) -> Upcast {
    let pairs = |named: &Named<String>| -> BTreeMap<String, String> {
        named.sound().map(|(name, value)| (name.value.clone(), value.clone())).collect()
    };
    Upcast { from: spec.from, rename: pairs(&spec.rename), defaults: pairs(&spec.defaults) }
}
