//! The published JSON Schemas of book files, for completion and checks in editors.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};

use serde_json::{Value, json};

use crate::file::agreement::AgreementFile;
use crate::file::assets::AssetsFile;
use crate::file::calendars::CalendarFile;
use crate::file::dims::DimsFile;
use crate::file::kinds::KindsFile;
use crate::file::measures::MeasuresFile;
use crate::file::operator::OperatorFile;
use crate::file::parties::PartiesFile;
use crate::file::quotes::QuotesFile;
use crate::file::sources::SourcesFile;
use crate::mapping::MappingFile;

/// Every schema: its file name, and its JSON with two spaces of indent and a newline at the end.
pub fn schemas() -> Vec<(&'static str, String)> {
    vec![
        ("agreement.json", schema::<AgreementFile>("An agreement of a Saldo book")),
        ("assets.json", schema::<AssetsFile>("The assets of a Saldo book")),
        ("calendar.json", schema::<CalendarFile>("A calendar of a Saldo book")),
        ("dims.json", schema::<DimsFile>("The dimensions of a Saldo book")),
        ("kinds.json", schema::<KindsFile>("The event kinds of a Saldo book")),
        ("mapping.json", schema::<MappingFile>("A mapping of a Saldo book")),
        ("measures.json", schema::<MeasuresFile>("The measures of a Saldo book")),
        ("operator.json", schema::<OperatorFile>("The operator of a Saldo book")),
        ("parties.json", schema::<PartiesFile>("The parties of a Saldo book")),
        ("quotes.json", schema::<QuotesFile>("Exchange quotes of a Saldo book")),
        ("sources.json", schema::<SourcesFile>("The sources of a Saldo book")),
    ]
}

fn schema<T: JsonSchema>(title: &str) -> String {
    // Draft 7 is what editors' YAML support reads.
    let generator: SchemaGenerator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    let mut value = schema.to_value();
    leave_out_null(&mut value);
    // Whether maps keep an order of their own is decided by whoever builds the whole.
    value.sort_all_objects();
    format!("{value:#}\n")
}

/// What may be left out may not be given as nothing: the reader refuses a key without a value.
fn leave_out_null(value: &mut Value) {
    let is_null = |value: &Value| value == "null" || *value == json!({ "type": "null" });
    if let Value::Object(object) = value {
        for key in ["type", "anyOf"] {
            let Some(Value::Array(choices)) = object.get_mut(key) else { continue };
            choices.retain(|choice| !is_null(choice));
            if choices.len() != 1 {
                continue;
            }
            let Some(only) = choices.pop() else { continue };
            object.remove(key);
            match only {
                Value::Object(only) if key == "anyOf" && only.contains_key("$ref") => {
                    // Draft 7 ignores what stands beside a reference.
                    object.insert("allOf".to_owned(), json!([only]));
                }
                Value::Object(only) => object.extend(only),
                other => {
                    object.insert(key.to_owned(), other);
                }
            }
        }
        object.values_mut().for_each(leave_out_null);
    } else if let Value::Array(items) = value {
        items.iter_mut().for_each(leave_out_null);
    }
}
