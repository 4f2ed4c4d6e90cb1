//! The one form of JSON against the vectors of RFC 8785's authors, and what schemas make of it.
#![allow(clippy::unwrap_used)] // a test may panic

mod common;

use formats::jcs::canonical;
use formats::schema::{Kind, Schema};

#[test]
fn vectors_of_the_authors() {
    let Some(folder) = common::shared("peer-jcs") else { return };
    let read = |folder: &std::path::Path, name: &str| std::fs::read_to_string(folder.join(name));
    let folder = folder.join("testdata");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder.join("input")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let given = read(&folder.join("input"), &name).unwrap();
        let wanted = read(&folder.join("output"), &name).unwrap();
        let found = canonical(&given).unwrap();
        assert_eq!(found.text, wanted, "{name}");
        assert_eq!(found.is_exact, name != "values.json", "{name}");
        let hex = read(&folder.join("outhex"), &name.replace(".json", ".txt")).unwrap();
        let hex: String = hex.split_whitespace().collect();
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
        assert_eq!(found.text.as_bytes(), bytes, "{name}");
        assert_eq!(canonical(&wanted).unwrap().text, wanted, "{name}: its form is its own");
        seen += 1;
    }
    assert_eq!(seen, 6);
}

#[test]
fn schemas_have_one_form_and_lose_nothing_by_it() {
    for (kind, text, form) in [
        (
            Kind::Json,
            "{\"type\": \"number\", \"maximum\": 1.50, \"minimum\": 1E2}",
            "{\"maximum\":1.5,\"minimum\":100,\"type\":\"number\"}",
        ),
        (Kind::Json, "{\"maximum\": 9007199254740993}", "more digits"),
        (Kind::Json, "{\"title\": \"a\", \"title\": \"b\"}", "two fields"),
        (
            Kind::Avro,
            "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"f\",\"type\":\"double\",\
             \"default\":1.0}]}",
            "{\"fields\":[{\"default\":1,\"name\":\"f\",\"type\":\"double\"}],\"name\":\"R\",\
             \"type\":\"record\"}",
        ),
    ] {
        let schema = Schema::parse(kind, text, Vec::new()).unwrap();
        match schema.normalized() {
            Ok(found) => {
                assert_eq!(found, form);
                let again = Schema::parse(kind, &found, Vec::new()).unwrap();
                assert_eq!(again.normalized().unwrap(), found);
                assert_eq!(again.reads(&schema), [], "it means the same");
                assert_eq!(schema.reads(&again), []);
            }
            Err(error) => assert!(error.to_string().contains(form), "{text}: {error}"),
        }
    }
}
