//! `sources.yaml`: the feeds of events.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use ledger::rules::Source;

use super::Title;
use super::source_schema::SchemaSpec;
use crate::code;
use crate::compile::Scope;
use crate::diagnostic::{Placed, Reporter};
use crate::names::{self, Form};
use crate::read::Named;
use crate::scalar::{Length, Moment};

/// How far ahead of its receipt an event may lie where nothing is said: clocks differ.
const AHEAD_NANOS: i64 = 3_600_000_000_000;

crate::record! {
    /// The feeds of events.
    pub struct SourcesFile {
        /// Sources by name: a-z, 0-9 and -.
        pub sources: Named<SourceSpec>,
    }
}

crate::record! {
    /// A feed of events.
    pub struct SourceSpec {
        /// The party that sends it.
        pub party: Option<Placed<String>> = default,
        /// The kinds that it may send; every one where nothing is said.
        pub kinds: Vec<Placed<String>> = default,
        /// Sources of one group may refer to each other's events.
        pub group: Option<Placed<String>> = default,
        /// Earliest time that it may report; 1970 where nothing is said.
        pub earliest: Option<Placed<Moment>> = default,
        /// How far ahead of its receipt an event's time may lie; an hour where nothing is said.
        pub ahead: Option<Length> = default,
        /// How what comes over HTTP is signed, at the least; a key is enough where nothing is said.
        pub signed: Option<Signed> = default,
        /// The mapping of its files where none is named.
        pub mapping: Option<Placed<String>> = default,
        /// The schema of what it sends in the native shape.
        pub schema: Option<SchemaSpec> = default,
        /// What people read.
        pub title: Title = default,
    }
}

crate::choice! {
    /// How a request is signed.
    pub enum Signed {
        /// Not at all: the key that it carries is enough.
        None = "none",
        /// With a secret of the source, in the form of Standard Webhooks.
        Hmac = "hmac",
        /// With a key of the source's party, as an HTTP message signature.
        Message = "message",
    }
}

/// Checks the file; the sources ascend by name.
pub fn compile(file: &SourcesFile, scope: &Scope, reporter: &mut Reporter<'_>) -> Vec<Source> {
    names::check_all(Form::Name, "a source", &file.sources, reporter);
    check_groups(file, reporter);
    let mut sources = Vec::new();
    for (name, spec) in file.sources.sound() {
        let party = spec.party.as_ref().and_then(|party| {
            scope.parties.check(party, reporter);
            scope.parties.index(&party.value)
        });
        if let Some(mapping) = &spec.mapping {
            scope.mappings.check(mapping, reporter);
        }
        sources.push(Source {
            name: name.value.clone(),
            party,
            kinds: scope.kinds.indices(&spec.kinds, reporter),
            group: spec.group.as_ref().unwrap_or(name).value.clone(),
            earliest: spec.earliest.as_ref().map_or(0, |at| earliest(at, reporter)),
            ahead_nanos_max: spec.ahead.map_or(AHEAD_NANOS, |length| length.nanos),
        });
    }
    sources.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    sources
}

/// The mapping of each source that names one.
pub fn mappings(file: &SourcesFile) -> BTreeMap<String, String> {
    let named =
        file.sources.sound().filter_map(|(name, spec)| Some((name, spec.mapping.as_ref()?)));
    named.map(|(name, mapping)| (name.value.clone(), mapping.value.clone())).collect()
}

/// How requests of each source are signed, where it says so.
pub fn signed(file: &SourcesFile) -> BTreeMap<String, Signed> {
    let said = file.sources.sound().filter_map(|(name, spec)| Some((name, spec.signed?)));
    said.map(|(name, signed)| (name.value.clone(), signed)).collect()
}

fn earliest(at: &Placed<Moment>, reporter: &mut Reporter<'_>) -> i64 {
    at.value.nanos(&TimeZone::UTC).unwrap_or_else(|| {
        let message = "the time is before 1678 or after 2262";
        reporter.error(code::NOT_A_TIME, at.place, message, "");
        0
    })
}

fn check_groups(file: &SourcesFile, reporter: &mut Reporter<'_>) {
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for group in file.sources.sound().filter_map(|(_, spec)| spec.group.as_ref()) {
        *sizes.entry(&group.value).or_default() += 1;
    }
    for (name, spec) in file.sources.sound() {
        let Some(group) = &spec.group else { continue };
        Form::Name.check("a group", group, reporter);
        if group.value != name.value && file.sources.names().any(|other| other == group.value) {
            let message = format!("`{}` is a source already and cannot name a group", group.value);
            reporter.error(code::DUPLICATE_NAME, group.place, message, "");
        } else if sizes.get(group.value.as_str()) == Some(&1) {
            let message = format!("the group `{}` has only this source", group.value);
            reporter.warning(code::GROUP_OF_ONE, group.place, message, code::GROUP_OF_ONE.hint);
        }
    }
}
