//! The `OpenAPI` document: what the routes say of themselves, and what holds for all of them.

use crate::policy::{self, Action};
use crate::{once, routes};
use axum::http::Method;
use serde_json::{Map, Value, json};

/// Methods that a path may have.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// An `Idempotency-Key`: printable characters but quotes and backslashes, in quotes or without.
const KEY_PATTERN: &str = r#"^"?[!#-\[\]-~]([ !#-\[\]-~]{0,253}[!#-\[\]-~])?"?$"#;

/// The document of the whole interface.
pub fn document() -> Value {
    let (_, mut document) = routes::all().split_for_parts();
    routes::describe(&mut document);
    let mut document = serde_json::to_value(&document).unwrap_or_default();
    document["components"]["securitySchemes"] = json!({
        "key": { "type": "http", "scheme": "bearer",
                 "description": "A key as `saldo access create` or `POST /v1/keys` made it." }
    });
    let Some(paths) = document["paths"].as_object_mut() else { return document };
    for (path, item) in paths {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) {
                complete(path, method, operation);
            }
        }
    }
    document
}

/// Adds to one operation what holds for every one of its kind.
fn complete(path: &str, method: &str, operation: &mut Map<String, Value>) {
    let words = path.split('/').filter(|word| !word.is_empty() && *word != "v1");
    let words: Vec<&str> = words.map(|word| word.trim_matches(['{', '}'])).collect();
    operation.insert("operationId".to_owned(), json!(format!("{method}_{}", words.join("_"))));
    // What is not of the interface's version belongs together: health, metrics, documents.
    let is_versioned = path.starts_with("/v1/");
    let group = words.first().copied().filter(|_| is_versioned).unwrap_or("service");
    operation.insert("tags".to_owned(), json!([group]));
    let action = method.to_uppercase().parse::<Method>().ok();
    let action = action.and_then(|method| policy::action(&method, path));
    let is_public = action.is_some_and(Action::is_open);
    let is_local = action == Some(Action::SeeMetrics);
    let is_read = method == "get" && !is_public && !is_local;
    if is_local {
        operation.insert("security".to_owned(), json!([{ "key": [] }, {}]));
    } else if !is_public {
        operation.insert("security".to_owned(), json!([{ "key": [] }]));
    }
    let parameters = parameters(path, method, is_read);
    let all = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(all) = all.as_array_mut() {
        all.extend(parameters);
        // Positions are u64, which no format names: one of int64 would end too early.
        let schemas = all.iter_mut().filter_map(|one| one["schema"].as_object_mut());
        schemas.for_each(|schema| {
            schema.remove("format");
        });
    }
    let responses = operation.entry("responses").or_insert_with(|| json!({}));
    let refused = if path.starts_with(routes::schemas::PREFIX) {
        (api::schemas::MEDIA_TYPE, "#/components/schemas/RegistryError")
    } else {
        ("application/problem+json", "#/components/schemas/Problem")
    };
    answers(responses, is_read, refused);
}

/// The headers that an operation takes.
fn parameters(path: &str, method: &str, is_read: bool) -> Vec<Value> {
    let mut parameters = Vec::new();
    if is_read {
        parameters.push(header(
            "Saldo-After",
            false,
            &json!({ "type": "integer", "minimum": 0 }),
            "Wait until effects up to this position can be read, at most 5 seconds.",
        ));
        parameters.push(header(
            "If-None-Match",
            false,
            &json!({ "type": "string" }),
            "The ETag that the caller has: 304 where it still holds.",
        ));
    }
    if path == "/v1/sources/{source}/events" {
        parameters.push(header(
            "Saldo-Operator",
            false,
            &json!({ "type": "string", "pattern": "^[a-z0-9-]{1,64}$" }),
            "The operator that a signed request is for, where a process serves several.",
        ));
    }
    let needs_key = method == "post" && once::COMMANDS.contains(&path);
    if needs_key || once::KEYED.contains(&(method, path)) {
        let schema = json!({ "type": "string", "minLength": 1, "maxLength": 257,
                             "pattern": KEY_PATTERN });
        parameters.push(header(
            "Idempotency-Key",
            needs_key,
            &schema,
            "Names this command: sent again, it is not done again.",
        ));
    }
    parameters
}

fn header(name: &str, required: bool, schema: &Value, what: &str) -> Value {
    json!({ "name": name, "in": "header", "required": required, "schema": schema,
            "description": what })
}

/// Refusals are problems everywhere; reads carry a tag and a position.
fn answers(responses: &mut Value, is_read: bool, (media, schema): (&str, &str)) {
    let problem = json!({
        "description": "why it was refused, and what to do next",
        "content": { media: { "schema": { "$ref": schema } } },
    });
    for class in ["4XX", "5XX"] {
        if responses.get(class).is_none() {
            responses[class] = problem.clone();
        }
    }
    for answer in responses.as_object_mut().into_iter().flat_map(Map::values_mut) {
        let empty = answer["description"].as_str().is_none_or(str::is_empty);
        if empty {
            answer["description"] = json!("as asked");
        }
    }
    if !is_read {
        return;
    }
    responses["304"] = json!({ "description": "the caller has this answer already" });
    if let Some(found) = responses.get_mut("200") {
        let text = json!({ "type": "string" });
        found["headers"]["ETag"] =
            json!({ "schema": text, "description": "changes when the answer does" });
        found["headers"]["Saldo-Position"] = json!({ "schema": { "type": "integer" },
            "description": "how many records of the Log the answer had seen, at least" });
    }
}
