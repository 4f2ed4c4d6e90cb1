//! JSON Schema, drafts 4 to 2020-12; a schema that names none is of draft 7.
//!
//! As configured here nothing is fetched (a reference leads into the same document or to one of
//! the references given), patterns are those of a linear-time engine (no look-around, no
//! back-references), and `format` is an annotation: it neither checks rows nor breaks anything.

mod array;
mod node;
mod object;
mod scalar;
mod walk;

pub(super) use walk::reads;

use super::{Change, Form, Known, SchemaError, text};
use jsonschema::{Draft, PatternOptions, Retrieve, Uri, Validator};
use node::Document;
use serde_json::Value;

/// Most bytes of a compiled pattern.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// A JSON Schema that was read.
#[derive(Debug)]
pub(super) struct Json {
    /// The document.
    own: Document,
    /// Documents that it refers to, by name.
    others: Vec<(String, Document)>,
    validator: Validator,
}

impl Json {
    pub(super) fn parse(text: &str, known: &[Known<'_>]) -> Result<Self, SchemaError> {
        text::bounded(text)?;
        let root: Value = serde_json::from_str(text).map_err(SchemaError::of)?;
        if !root.is_object() && !root.is_boolean() {
            return Err(SchemaError("a JSON Schema is an object, true or false".into()));
        }
        let documents = known.iter().filter_map(|(name, schema)| match &schema.form {
            Form::Json(json) => Some(((*name).to_owned(), json.own.root.clone())),
            _ => None,
        });
        let documents: Vec<_> = documents.collect();
        let validator = build(&root, documents.clone())?;
        let others = documents.into_iter().map(|(name, root)| (name, Document::new(root)));
        Ok(Self { own: Document::new(root), others: others.collect(), validator })
    }

    pub(super) fn check(&self, row: &Value) -> Result<(), Change> {
        self.validator.validate(row).map_err(|error| {
            let path = format!("#{}", error.instance_path());
            Change { path, what: error.masked_with("the value").to_string() }
        })
    }
}

/// A validator for a schema.
pub(super) fn build(root: &Value, others: Vec<(String, Value)>) -> Result<Validator, SchemaError> {
    let patterns =
        PatternOptions::regex().size_limit(PATTERN_BYTES_MAX).dfa_size_limit(PATTERN_BYTES_MAX);
    let mut options = jsonschema::options()
        .with_retriever(Others(others))
        .with_pattern_options(patterns)
        .should_validate_formats(false);
    if root.get("$schema").is_none() {
        options = options.with_draft(Draft::Draft7);
    }
    // What is wrong with a schema is told to who wrote it: its values are no secret.
    options.build(root).map_err(|error| SchemaError(format!("#{}: {error}", error.instance_path())))
}

/// The documents given with a schema; there are no others.
struct Others(Vec<(String, Value)>);

impl Retrieve for Others {
    fn retrieve(
        &self,
        uri: &Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let found = self.0.iter().find(|(name, _)| is_named(uri.as_str(), name));
        found.map(|(_, document)| document.clone()).ok_or_else(|| {
            format!("`{uri}` is not among the references, and nothing is fetched").into()
        })
    }
}

/// Whether a URI, relative or resolved against the root of no document, is that of `name`.
fn is_named(uri: &str, name: &str) -> bool {
    uri.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}
