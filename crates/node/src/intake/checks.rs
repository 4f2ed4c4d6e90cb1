//! What rows are checked by beside the rules: the schema that their source names.

use crate::clock::show_time;
use crate::schemas::{Catalog, Which};
use book::file::source_schema::SourceSchema;
use formats::Failure;
use formats::schema::Schema;
use ledger::{Draft, Reject};
use serde_json::{Map, Value, json};
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
        match serde_json::from_slice(row) {
            Ok(row) => self.check_value(&row),
            Err(_) => wrong("the row cannot be read as JSON".to_owned()),
        }
    }

    /// Checks what a mapping made of a row, in the native shape.
    ///
    /// # Errors
    /// As [`Checks::check`].
    pub fn check_draft(&self, draft: &Draft<'_>) -> Result<(), Failure> {
        self.check_value(&native(draft))
    }

    fn check_value(&self, row: &Value) -> Result<(), Failure> {
        let Some(schema) = &self.schema else {
            return wrong(format!("{} is not registered", self.name));
        };
        match schema.check(row) {
            Ok(()) => Ok(()),
            Err(change) => {
                let change: String = change.to_string().chars().take(REASON_CHARS_MAX).collect();
                wrong(format!("{change} ({})", self.name))
            }
        }
    }
}

fn wrong(what: String) -> Result<(), Failure> {
    Err(Failure::new(Reject::SchemaMismatch, what))
}

/// An event as a source would send it; fields that it does not have are absent.
fn native(draft: &Draft<'_>) -> Value {
    let mut row = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            row.insert(name.to_owned(), value);
        }
    };
    put("source", Some(draft.source.into()));
    put("id", Some(draft.id.into()));
    put("kind", Some(draft.kind.into()));
    put("occurred_at", Some(show_time(draft.occurred_at).into()));
    put("amount", draft.amount.map(|amount| amount.to_string().into()));
    put("asset", draft.asset.map(Value::from));
    let dims = draft.dims.iter().map(|dim| (dim.name.to_owned(), dim.value.into()));
    put("dims", (!draft.dims.is_empty()).then(|| Value::Object(dims.collect())));
    put(
        "ref",
        draft.reference.as_ref().map(|reference| {
            if reference.source == draft.source {
                reference.id.into()
            } else {
                json!({ "source": reference.source, "id": reference.id })
            }
        }),
    );
    Value::Object(row)
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
