//! The document of the interface holds together.
#![allow(clippy::unwrap_used)] // a test may panic

use serde_json::Value;
use std::collections::BTreeSet;

/// Every operation: path, method, what it says.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, of)| (path.as_str(), method.as_str(), of))
    })
}

#[test]
fn parameters_are_where_they_are_said_to_be() {
    let document = server::app::openapi();
    for (path, method, operation) in operations(&document) {
        let named: BTreeSet<&str> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{').and_then(|part| part.strip_suffix('}')))
            .collect();
        let said = operation["parameters"].as_array().into_iter().flatten();
        let in_path = said.filter(|one| one["in"] == "path");
        let in_path: BTreeSet<&str> = in_path.map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(in_path, named, "{method} {path}");
    }
}

#[test]
fn operations_have_names_of_their_own_and_every_shape_is_there() {
    let document = server::app::openapi();
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap();
        assert!(names.insert(name.to_owned()), "{method} {path}: {name}");
        assert!(!operation["summary"].as_str().unwrap_or_default().is_empty(), "{method} {path}");
        for class in ["4XX", "5XX"] {
            let of = &operation["responses"][class]["content"];
            // Clients of schema registries know another shape.
            let shown = if path.starts_with("/schema-registry/") {
                of.as_object().is_some_and(|of| !of.is_empty())
            } else {
                of["application/problem+json"].is_object()
            };
            assert!(shown, "{method} {path} {class}");
        }
    }
    let text = document.to_string();
    for part in text.split("\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}
