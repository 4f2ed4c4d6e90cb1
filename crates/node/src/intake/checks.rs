//! What rows are checked by beside the rules: the schema that their source names.

use crate::schemas::{Catalog, Which};
use book::file::source_schema::SourceSchema;
use formats::Failure;
use formats::schema::Schema;
use ledger::Reject;
use std::sync::Arc;

/// What frames of rows that a schema passed say in place of a mapping: this, the subject, `/`, the
/// version.
const PREFIX: &str = "schema:";
/// Most characters of what is said of a row: a schema may list any number of values.
const REASON_CHARS_MAX: usize = 300;

/// The schema of a source, at one version.
#[derive(Clone, Debug)]
pub struct Checks {
    /// None where it is not registered: then no row is what it says.
    schema: Option<Arc<Schema>>,
    name: String,
}

impl Checks {
    /// The schema that a source names, as it is registered now.
    pub fn of(named: &SourceSchema, catalog: &Catalog) -> Self {
        let which = named.version.map_or(Which::Latest, Which::Number);
        let found = catalog.version(&named.subject, which, false);
        let version = found.as_ref().map_or(0, |(number, _)| *number);
        let schema = found.and_then(|(_, version)| catalog.schema(version.id)).ok();
        Self { schema, name: format!("{PREFIX}{}/{version}", named.subject) }
    }

    /// What frames name it by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Checks a row that is an event.
    ///
    /// # Errors
    /// Where it is not what the schema says; no value is told.
    pub fn check(&self, row: &[u8]) -> Result<(), Failure> {
        let wrong = |what: String| Err(Failure::new(Reject::SchemaMismatch, what));
        let Some(schema) = &self.schema else {
            return wrong(format!("{} is not registered", self.name));
        };
        let Ok(row) = serde_json::from_slice(row) else {
            return wrong("the row cannot be read as JSON".to_owned());
        };
        match schema.check(&row) {
            Ok(()) => Ok(()),
            Err(change) => {
                let change: String = change.to_string().chars().take(REASON_CHARS_MAX).collect();
                wrong(format!("{change} ({})", self.name))
            }
        }
    }
}

/// The subject and the version that a frame names.
pub fn checked_by(mapping: &str) -> Option<(&str, u32)> {
    let (subject, version) = mapping.strip_prefix(PREFIX)?.rsplit_once('/')?;
    Some((subject, version.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_tells_by_which_version_its_rows_were_checked() {
        for (mapping, expected) in [
            ("schema:feed-a-value/3", Some(("feed-a-value", 3))),
            ("schema:a/b/12", Some(("a/b", 12))),
            ("schema:a", None),
            ("schema:a/latest", None),
            ("bustabit", None),
            ("", None),
        ] {
            assert_eq!(checked_by(mapping), expected, "{mapping}");
        }
    }
}
