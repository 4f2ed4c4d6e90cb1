//! Schemas against what others say of them: the differences between JSON Schemas that another
//! registry tests, and the JSON Schema suite; and our own cases of Avro and Protobuf.
#![allow(clippy::unwrap_used)] // a test may panic

mod common;

use formats::schema::{Kind, Level, Reference, Schema};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

fn parse(kind: Kind, text: &str) -> Schema {
    Schema::parse(kind, text, Vec::new()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The first change, or nothing where all is read.
fn broken(kind: Kind, old: &str, new: &str) -> String {
    let changes = parse(kind, new).reads(&parse(kind, old));
    changes.first().map(ToString::to_string).unwrap_or_default()
}

/// Where we say otherwise than the other registry, and why.
const DIFFERS: [(&str, bool, &str); 3] = [
    (
        "Detect removed boolean additional items",
        true,
        "without a list in `items` the word `additionalItems` says nothing",
    ),
    (
        "Detect changes to additional items schema",
        true,
        "without a list in `items` the word `additionalItems` says nothing",
    ),
    (
        "Detect required array to be changed",
        false,
        "a field that must be there now could be missing, also where no schema speaks of it",
    ),
];

#[test]
fn differences_of_another_registry() {
    let Some(folder) = common::shared("peer-schema-registry") else { return };
    let path = "json-schema-provider/src/test/resources/diff-schema-examples.json";
    let text = std::fs::read(folder.join(path)).unwrap();
    let cases: Vec<Value> = serde_json::from_slice(&text).unwrap();
    assert_eq!(cases.len(), 104);
    let mut wrong = Vec::new();
    let mut differing = 0;
    for (at, case) in cases.iter().enumerate() {
        let description = case["description"].as_str().unwrap();
        let mut expected = case["compatible"].as_bool().unwrap();
        if let Some((_, ours, _)) = DIFFERS.iter().find(|(name, ..)| *name == description) {
            assert_ne!(*ours, expected, "{description}");
            (expected, differing) = (*ours, differing + 1);
        }
        let (old, new) = (case["original_schema"].to_string(), case["update_schema"].to_string());
        let found = broken(Kind::Json, &old, &new);
        if found.is_empty() != expected {
            wrong.push(format!("{at} {description}: {expected}\n  {old}\n  {new}\n  {found}"));
        }
        assert_eq!(broken(Kind::Json, &old, &old), "", "a schema reads itself: {old}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(differing, DIFFERS.len());
}

/// Cases of the JSON Schema suite that are refused: their schemas lie on other machines.
const REMOTE: [(&str, usize); 4] = [
    ("draft2020-12/dynamicRef.json", 13),
    ("draft2020-12/refRemote.json", 31),
    ("draft2020-12/vocabulary.json", 5),
    ("draft7/refRemote.json", 23),
];

#[test]
fn the_json_schema_suite() {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    let mut held = 0;
    for draft in ["draft7", "draft2020-12"] {
        let Some(folder) = common::shared(&format!("peer-jsonschema/tests/{draft}")) else {
            return;
        };
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                continue; // what is optional: formats among it, which are annotations here
            }
            let bytes = std::fs::read(&path).unwrap();
            for group in serde_json::from_slice::<Vec<Value>>(&bytes).unwrap() {
                let text = group["schema"].to_string();
                let schema = Schema::parse(Kind::Json, &text, Vec::new());
                for test in group["tests"].as_array().unwrap() {
                    let valid = test["valid"].as_bool().unwrap();
                    match &schema {
                        Ok(schema) => {
                            let found = schema.check(&test["data"]).is_ok();
                            assert_eq!(found, valid, "{name}: {text} {}", test["data"]);
                            held += 1;
                        }
                        Err(error) => {
                            let why = error.to_string();
                            let remote = why.contains("nothing is fetched")
                                || why.contains("Unknown meta-schema: 'http://localhost");
                            assert!(remote, "{name}: {why}");
                            *counted.entry(format!("{draft}/{name}")).or_default() += 1;
                        }
                    }
                }
            }
        }
    }
    let remote = REMOTE.map(|(name, count)| (name.to_owned(), count));
    assert_eq!(counted, BTreeMap::from(remote));
    assert_eq!(held, 2154);
}

#[test]
fn json_schemas_that_follow_one_another() {
    let list = |name: &str| {
        let to = format!("#/definitions/{name}");
        json!({ "definitions": { name: { "properties": { "next": { "$ref": to } } } }, "$ref": to })
    };
    for (old, new, expected) in [
        (json!({}), json!(false), "#: the type was anything and is nothing"),
        (json!(false), json!({ "type": "string" }), ""),
        (
            json!({ "type": "object", "properties": { "a": { "type": "string" } } }),
            json!({ "type": "object", "properties": { "a": { "type": "integer" } } }),
            "#/properties/a: the type was string and is integer",
        ),
        (
            json!({ "properties": { "a": { "minimum": 1 } } }),
            json!({ "properties": { "a": { "exclusiveMinimum": 1 } } }),
            "#/properties/a/minimum: the minimum was 1 and is 1",
        ),
        (json!({ "multipleOf": 0.3 }), json!({ "multipleOf": 0.1 }), ""),
        (json!({ "enum": ["a", "b"] }), json!({ "type": "string", "maxLength": 1 }), ""),
        (
            json!({ "enum": ["a", "bb"] }),
            json!({ "type": "string", "maxLength": 1 }),
            "#: the value \"bb\" is not allowed any more",
        ),
        (
            json!({ "type": "integer" }),
            json!({ "oneOf": [{ "type": "number" }, { "type": "integer" }] }),
            "#/oneOf: what was allowed before may match more than one choice",
        ),
        (
            json!({ "type": "integer" }),
            json!({ "anyOf": [{ "type": "number" }, { "type": "integer" }] }),
            "",
        ),
        (
            json!({ "anyOf": [{ "type": "integer" }, { "type": "string" }] }),
            json!({ "anyOf": [{ "type": "string" }, { "type": "number" }, { "type": "null" }] }),
            "",
        ),
        (list("n"), list("m"), ""),
    ] {
        assert_eq!(broken(Kind::Json, &old.to_string(), &new.to_string()), expected, "{old} {new}");
    }
}

#[test]
fn json_schemas_whose_words_hang_together() {
    for (old, new, expected) in [
        (
            json!({ "if": { "type": "string" }, "then": { "minLength": 1 } }),
            json!({ "if": { "type": "string" }, "then": { "minLength": 2 } }),
            "#/then: `then` was added or changed",
        ),
        (
            json!({ "dependencies": { "a": ["b"] } }),
            json!({ "dependencies": { "a": ["b", "c"] } }),
            "#/dependencies/a: `a` demands \"c\" now",
        ),
        // A word that the draft does not know says nothing.
        (json!({}), json!({ "dependentRequired": { "a": ["b", "c"] } }), ""),
        (
            json!({ "type": "object", "properties": { "kind": { "const": "a" } },
                    "required": ["kind"] }),
            json!({ "oneOf": [
                { "properties": { "kind": { "const": "a" } }, "required": ["kind"] },
                { "properties": { "kind": { "const": "b" } }, "required": ["kind"] },
            ] }),
            "",
        ),
        (
            json!({ "patternProperties": { "^a": { "type": "string" } } }),
            json!({ "patternProperties": { "^a": { "type": "integer" } } }),
            "#/patternProperties/^a: the type was string and is integer",
        ),
        (
            json!({ "allOf": [{ "required": ["a"] }, { "required": ["b"] }] }),
            json!({ "required": ["b", "a"] }),
            "",
        ),
    ] {
        assert_eq!(broken(Kind::Json, &old.to_string(), &new.to_string()), expected, "{old} {new}");
    }
}

fn record(fields: &str) -> String {
    format!("{{\"type\":\"record\",\"name\":\"r\",\"namespace\":\"n\",\"fields\":[{fields}]}}")
}

#[test]
fn avro_schemas_that_follow_one_another() {
    let (a, b) = ("{\"name\":\"a\",\"type\":\"int\"}", "{\"name\":\"b\",\"type\":\"string\"}");
    let with = |text: &str| record(text);
    let named = |kind: &str| format!("{{\"name\":\"a\",\"type\":{kind}}}");
    let symbols = |list: &str, more: &str| {
        format!("{{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[{list}]{more}}}")
    };
    let list = "{\"name\":\"next\",\"type\":[\"null\",\"n.r\"],\"default\":null}";
    for (old, new, expected) in [
        (
            with(a),
            with(&format!("{a},{b}")),
            "#/fields/b: the field `b` was added without a default",
        ),
        (with(&format!("{a},{b}")), with(a), ""),
        (with(a), with("{\"name\":\"a\",\"type\":\"double\"}"), ""),
        (
            with("{\"name\":\"a\",\"type\":\"long\"}"),
            with(a),
            "#/fields/a: the type was long and is int",
        ),
        (with(a), with("{\"name\":\"z\",\"aliases\":[\"a\"],\"type\":\"int\"}"), ""),
        (with(a), with(a).replace("\"r\"", "\"s\""), "#: the type was n.r and is n.s"),
        (with(&named("[\"null\",\"int\"]")), with(&named("[\"null\",\"long\",\"string\"]")), ""),
        (
            with(&named("[\"null\",\"int\",\"string\"]")),
            with(&named("[\"null\",\"int\"]")),
            "#/fields/a: no variant of the union takes string any more",
        ),
        (with(&named("[\"null\",\"int\"]")), with(a), "#/fields/a: the type was null and is int"),
        (symbols("\"x\",\"y\"", ""), symbols("\"y\",\"x\",\"z\"", ""), ""),
        (
            symbols("\"x\",\"y\"", ""),
            symbols("\"x\"", ""),
            "#/symbols/y: the symbol `y` was removed, and there is no default",
        ),
        (symbols("\"x\",\"y\"", ""), symbols("\"x\"", ",\"default\":\"x\""), ""),
        (with(list), with(list), ""),
        (
            with(list),
            with(&format!("{list},{a}")),
            "#/fields/a: the field `a` was added without a default",
        ),
        (
            "{\"type\":\"fixed\",\"name\":\"f\",\"size\":4}".into(),
            "{\"type\":\"fixed\",\"name\":\"f\",\"size\":8}".into(),
            "#: the size was 4 and is 8",
        ),
        (
            "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,\"scale\":2}".into(),
            "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,\"scale\":3}".into(),
            "#: the decimal was (9,2) and is (9,3)",
        ),
        ("\"string\"".into(), "\"bytes\"".into(), ""),
    ] {
        check_avro(&old, &new, expected);
    }
}

/// The library's own checker agrees on all of these.
fn check_avro(old: &str, new: &str, expected: &str) {
    use apache_avro::schema_compatibility::{Compatibility, SchemaCompatibility};
    assert_eq!(broken(Kind::Avro, old, new), expected, "{old} {new}");
    let theirs = |text: &str| apache_avro::Schema::parse_str(text).unwrap();
    let theirs = SchemaCompatibility::can_read(&theirs(old), &theirs(new));
    let reads = matches!(theirs, Ok(Compatibility::Full));
    assert_eq!(reads, expected.is_empty(), "{old} {new} {theirs:?}");
}

#[test]
fn protobuf_schemas_that_follow_one_another() {
    let file = |body: &str| format!("syntax = \"proto3\"; package p; {body}");
    let message = |fields: &str| file(&format!("message M {{ {fields} }}"));
    for (old, new, expected) in [
        (message("int32 a = 1;"), message("int64 a = 1; string b = 2;"), ""),
        (
            message("int64 a = 1;"),
            message("int32 a = 1;"),
            "p.M.a (1): the type was int64 and is int32",
        ),
        (
            message("string a = 1;"),
            message("int32 a = 1;"),
            "p.M.a (1): the type was string and is int32",
        ),
        (message("string a = 1;"), message("bytes renamed = 1;"), ""),
        (message("string a = 1; int32 b = 2;"), message("string a = 1;"), ""),
        (message("string a = 1;"), message("repeated string a = 1;"), ""),
        (
            message("repeated string a = 1;"),
            message("string a = 1;"),
            "p.M.a (1): the field was repeated and is single",
        ),
        (file("message A {} message B {}"), file("message A {}"), "p.B: the message was removed"),
        (
            message("string a = 1; string b = 2;"),
            message("oneof x { string a = 1; string b = 2; }"),
            "p.M.x: fields that could stand together are in one oneof now",
        ),
        (message("string a = 1;"), message("oneof x { string a = 1; string b = 2; }"), ""),
        (
            message("oneof x { string a = 1; string b = 2; }"),
            message("oneof x { string a = 1; }"),
            "p.M.b (2): a member of the oneof `x` was removed",
        ),
        (
            message("M next = 1; map<string, int64> m = 2;"),
            message("M next = 1; map<string, string> m = 2;"),
            "p.M.MEntry.value (2): the type was int64 and is string",
        ),
        (
            file("message M { N n = 1; } message N { int32 a = 1; }"),
            file("message M { N n = 1; } message N { double a = 1; }"),
            "p.N.a (1): the type was int32 and is double",
        ),
        (
            "syntax = \"proto2\"; message M { optional int32 a = 1; }".into(),
            "syntax = \"proto2\"; message M { required int32 a = 1; }".into(),
            "M.a (1): the field is required now",
        ),
        (
            message(""),
            message("").replace("package p", "package q"),
            "#: the package was `p` and is `q`",
        ),
    ] {
        assert_eq!(broken(Kind::Protobuf, &old, &new), expected, "{old} {new}");
    }
}

#[test]
fn a_protobuf_schema_is_the_same_as_text_and_as_descriptor() {
    let text = "syntax = \"proto3\"; package p; message M { string first_name = 1; }".to_owned();
    let schema = parse(Kind::Protobuf, &text);
    let spaced = parse(Kind::Protobuf, &format!("// a comment\n{}", text.replace("; ", " ;\n")));
    let coded = parse(Kind::Protobuf, &schema.serialized().unwrap());
    assert_eq!(schema.canonical(), spaced.canonical());
    assert_eq!(schema.canonical(), coded.canonical());
}

#[test]
fn schemas_stand_on_others() {
    let reference = |name: &str, kind: Kind, text: &str| Reference {
        name: name.to_owned(),
        schema: Arc::new(parse(kind, text)),
    };
    for (kind, name, one, other, text) in [
        (
            Kind::Json,
            "money.json",
            "{\"type\":\"string\"}".to_owned(),
            "{\"type\":\"integer\"}".to_owned(),
            "{\"properties\":{\"amount\":{\"$ref\":\"money.json\"}}}".to_owned(),
        ),
        (
            Kind::Avro,
            "n.r",
            record("{\"name\":\"amount\",\"type\":\"string\"}"),
            record("{\"name\":\"amount\",\"type\":\"int\"}"),
            record("{\"name\":\"money\",\"type\":\"n.r\"}").replace("\"r\"", "\"e\""),
        ),
        (
            Kind::Protobuf,
            "money.proto",
            "syntax=\"proto3\"; message Money { string amount = 1; }".to_owned(),
            "syntax=\"proto3\"; message Money { int32 amount = 1; }".to_owned(),
            "syntax=\"proto3\"; import \"money.proto\"; message E { Money money = 1; }".to_owned(),
        ),
    ] {
        assert!(Schema::parse(kind, &text, Vec::new()).is_err(), "{text} alone");
        let with = |other: &str| Schema::parse(kind, &text, vec![reference(name, kind, other)]);
        let (first, second) = (with(&one).unwrap(), with(&other).unwrap());
        assert_eq!(first.reads(&first), []);
        let change = second.reads(&first).first().map(ToString::to_string).unwrap_or_default();
        assert!(change.contains("amount"), "{text}: {change}");
    }
    let remote = "{\"$ref\":\"http://127.0.0.1:9/x.json\"}";
    let refused = Schema::parse(Kind::Json, remote, Vec::new()).unwrap_err().to_string();
    assert!(refused.contains("nothing is fetched"), "{refused}");
}

#[test]
fn rows_are_what_their_schemas_say() {
    let json = json!({ "type": "object", "required": ["id"], "properties": { "meta":
        { "properties": { "shop": { "type": "string", "maxLength": 2 } } } } });
    let json = json.to_string();
    let avro = record(
        "{\"name\":\"id\",\"type\":\"string\"},{\"name\":\"meta\",\"default\":{},\
         \"type\":{\"type\":\"map\",\"values\":[\"null\",\"string\"]}}",
    );
    let proto = "syntax=\"proto3\"; message E { string id = 1; map<string,string> meta = 2; \
                 int64 big_number = 3; }";
    let proto = proto.to_owned();
    for (kind, text, row, expected) in [
        (Kind::Json, &json, json!({ "id": "a", "meta": { "shop": "s" } }), ""),
        (Kind::Json, &json, json!({ "id": "a", "meta": { "shop": "secret" } }), "#/meta/shop: "),
        (Kind::Json, &json, json!({}), "#: "),
        (Kind::Avro, &avro, json!({ "id": "a", "meta": { "shop": null } }), ""),
        (Kind::Avro, &avro, json!({ "id": "a", "meta": { "shop": { "string": "s" } } }), ""),
        (Kind::Avro, &avro, json!({ "id": "a" }), ""),
        (Kind::Avro, &avro, json!({ "id": 1 }), "#/id: it is not string"),
        (Kind::Avro, &avro, json!({ "id": "a", "x": 1 }), "#/x: the record has no such field"),
        (Kind::Avro, &avro, json!({ "meta": {} }), "#/id: the field is missing"),
        (Kind::Protobuf, &proto, json!({ "id": "a", "bigNumber": "9007199254740993" }), ""),
        (Kind::Protobuf, &proto, json!({ "id": "a", "big_number": 7, "meta": { "s": "t" } }), ""),
        (Kind::Protobuf, &proto, json!({ "id": 1 }), "#/id: it is not string"),
        (Kind::Protobuf, &proto, json!({ "meta": { "s": 1 } }), "#/meta/s: it is not string"),
        (Kind::Protobuf, &proto, json!({ "x": 1 }), "#/x: the message has no such field"),
    ] {
        let found = parse(kind, text).check(&row);
        let found = found.err().map(|change| change.to_string()).unwrap_or_default();
        assert!(found.is_empty() == expected.is_empty(), "{text} {row}: {found}");
        assert!(found.starts_with(expected), "{text} {row}: {found}");
        assert!(!found.contains("secret"), "no value is told: {found}");
    }
}

#[test]
fn what_is_no_schema_is_refused_and_nothing_hostile_takes_long() {
    let deep = |open: &str, close: &str| open.repeat(5_000) + &close.repeat(5_000);
    let wide = (0..60).map(|at| {
        format!(
            "\"a{at}\":{{\"anyOf\":[{{\"$ref\":\"#\"}},{{\"$ref\":\"#/properties/a{}\"}}]}},",
            (at + 1) % 60
        )
    });
    let wide = wide.collect::<Vec<_>>().concat();
    let wide = format!("{{\"properties\":{{{wide}\"z\":{{}}}}}}");
    for (kind, text) in [
        (Kind::Json, "[]".to_owned()),
        (Kind::Json, "{\"type\":\"nothing\"}".to_owned()),
        (Kind::Json, "{\"pattern\":\"(\"}".to_owned()),
        (Kind::Json, "{\"pattern\":\"(?=a)b\"}".to_owned()),
        (Kind::Json, format!("{{\"pattern\":\"{}\"}}", "(a{1,999}){1,999}")),
        (Kind::Json, deep("{\"not\":", "}")),
        (Kind::Json, " ".repeat(600_000)),
        (Kind::Avro, "{}".to_owned()),
        (Kind::Avro, "\"n.unknown\"".to_owned()),
        (Kind::Avro, deep("{\"type\":\"array\",\"items\":", "}")),
        (Kind::Protobuf, "message".to_owned()),
        (Kind::Protobuf, "syntax=\"proto3\"; message A { B b = 1; }".to_owned()),
        (Kind::Protobuf, "syntax=\"proto3\"; import \"/etc/passwd\";".to_owned()),
        (Kind::Protobuf, deep("message A {", "}")),
    ] {
        let short: String = text.chars().take(80).collect();
        assert!(Schema::parse(kind, &text, Vec::new()).is_err(), "{short}");
    }
    let (old, new) =
        (parse(Kind::Json, &wide), parse(Kind::Json, &wide.replace("\"z\":{}", "\"z\":true")));
    let begun = std::time::Instant::now();
    let _ = new.reads(&old);
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn levels_look_at_the_versions_and_ways_that_they_say() {
    let open = "{\"type\":\"object\"}";
    let text = "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}";
    let number = "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"number\"}}}";
    let earlier = |texts: &[&str]| -> Vec<(u32, Arc<Schema>)> {
        (1..).zip(texts.iter().map(|text| Arc::new(parse(Kind::Json, text)))).collect()
    };
    for (texts, new, level, versions) in [
        (&[text][..], number, Level::None, &[][..]),
        (&[text], number, Level::Backward, &[1]),
        (&[text], open, Level::Backward, &[]),
        (&[open], text, Level::Backward, &[1]),
        (&[open], text, Level::Forward, &[]),
        (&[text], open, Level::Forward, &[1]),
        (&[text], open, Level::Full, &[1]),
        (&[number, text], text, Level::Backward, &[]),
        (&[number, text], text, Level::BackwardTransitive, &[1]),
        (&[number, text], text, Level::ForwardTransitive, &[1]),
        (&[number, text], text, Level::FullTransitive, &[1, 1]),
        (&[], text, Level::FullTransitive, &[]),
    ] {
        let found = level.check(&parse(Kind::Json, new), &earlier(texts));
        let found: Vec<u32> = found.iter().map(|(version, ..)| *version).collect();
        assert_eq!(found, versions, "{texts:?} {new} {level:?}");
        assert_eq!(Level::from_word(level.word()), Some(level));
        assert_eq!(Level::from_number(level as u8), Some(level));
    }
}
