//! `operator.yaml`: whose book it is.

use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::Title;
use crate::code;
use crate::diagnostic::{Placed, Reporter};
use crate::names::Form;
use crate::suggest;

/// Versions of the meaning of rules that this program supports.
pub const SEMANTICS: &[u32] = &[1];

crate::record! {
    /// Whose book it is, and what holds throughout it.
    pub struct OperatorFile {
        /// Name of the operator: a-z, 0-9 and -.
        pub operator: Placed<String>,
        /// What people read.
        pub title: Title = default,
        /// Version of the meaning of rules; 1 is the only one so far.
        pub semantics: Placed<u32>,
        /// Time zone of periods where nothing else is said: an IANA name such as Asia/Seoul.
        pub zone: Option<Placed<String>> = default,
    }
}

/// What `operator.yaml` says.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Its name.
    pub name: String,
    /// Version of the meaning of rules.
    pub semantics: u16,
    /// IANA name of the default zone.
    pub zone: String,
}

/// Checks the file.
pub fn compile(file: &OperatorFile, reporter: &mut Reporter<'_>) -> Operator {
    Form::Name.check("an operator", &file.operator, reporter);
    let semantics = file.semantics.value;
    if !SEMANTICS.contains(&semantics) {
        let message = format!("semantics {semantics} is not supported by this program");
        reporter.error(code::NOT_ONE_OF, file.semantics.place, message, "write 1");
    }
    let zone = file.zone.as_ref().map_or("UTC", |zone| {
        check_zone(zone, reporter);
        &zone.value
    });
    Operator {
        name: file.operator.value.clone(),
        semantics: u16::try_from(semantics).unwrap_or_default(),
        zone: zone.to_owned(),
    }
}

/// The zone of that name, spelled exactly so; reports it when there is none.
pub fn check_zone(name: &Placed<String>, reporter: &mut Reporter<'_>) -> Option<TimeZone> {
    let zone = find_zone(&name.value);
    if let Some(zone) = zone.filter(|zone| zone.iana_name() == Some(name.value.as_str())) {
        return Some(zone);
    }
    let all: Vec<String> =
        TimeZoneDatabase::bundled().available().map(|zone| zone.to_string()).collect();
    let names: Vec<&str> = all.iter().map(String::as_str).collect();
    let near = suggest::nearest(&name.value, &names);
    let hint =
        near.map_or(code::UNKNOWN_ZONE.cause.to_owned(), |near| format!("did you mean `{near}`?"));
    let message = format!("there is no time zone `{}`", name.value);
    reporter.error(code::UNKNOWN_ZONE, name.place, message, hint);
    None
}

/// The zone of that name in the data that is part of the program: the same on every machine.
pub fn find_zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}
