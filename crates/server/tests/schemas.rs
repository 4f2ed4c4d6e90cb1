//! The schema registry: its documents, its numbers, who sees what, and events checked by a schema.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::http::Method;
use serde_json::{Value, json};
use support::{Served, event};

const MEDIA: &str = "application/vnd.schemaregistry.v1+json";

/// A registry, and who asks.
struct Registry {
    served: Served,
    key: String,
}

impl Registry {
    fn new() -> Self {
        let served = Served::with(|text| {
            text.replace(
                "feed-a: { party: studio-0,",
                "feed-a: { schema: { subject: feed-a-value, upcasts: [ { from: 1, rename: { \
                 meta.shop: meta.store }, defaults: { meta.zone: UTC } } ] }, party: studio-0,",
            )
        });
        let key = served.key("administrator", None);
        Self { served, key }
    }

    async fn ask_as(&self, key: &str, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let path = format!("/schema-registry{path}");
        let (media, body) =
            if body.is_null() { ("", String::new()) } else { (MEDIA, body.to_string()) };
        let (status, answer) = self.served.ask(&method, &path, key, media, &body).await;
        (status.as_u16(), answer)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.ask_as(&self.key, Method::GET, path, &Value::Null).await
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.ask_as(&self.key, Method::POST, path, body).await
    }

    async fn put(&self, path: &str, body: &Value) -> (u16, Value) {
        self.ask_as(&self.key, Method::PUT, path, body).await
    }

    async fn delete(&self, path: &str) -> (u16, Value) {
        self.ask_as(&self.key, Method::DELETE, path, &Value::Null).await
    }

    /// Registers a JSON Schema.
    async fn register(&self, subject: &str, schema: &Value) -> (u16, Value) {
        self.post(&format!("/subjects/{subject}/versions"), &given(schema)).await
    }
}

fn given(schema: &Value) -> Value {
    json!({ "schemaType": "JSON", "schema": schema.to_string() })
}

fn shop(types: &str) -> Value {
    json!({ "type": "object", "properties": { "meta": { "type": "object", "properties":
        { "shop": { "type": types } } } } })
}

#[tokio::test]
async fn schemas_are_registered_found_and_deleted() {
    let registry = Registry::new();
    assert_eq!(registry.get("/subjects").await, (200, json!([])));
    assert_eq!(registry.get("/schemas/types").await, (200, json!(["JSON", "PROTOBUF", "AVRO"])));
    let avro = json!({ "schema": "{\"type\": \"string\"}" });
    assert_eq!(registry.post("/subjects/a/versions", &avro).await, (200, json!({ "id": 1 })));
    let spaced = json!({ "schema": "{\n\"type\":\"string\" }" });
    assert_eq!(registry.post("/subjects/a/versions", &spaced).await, (200, json!({ "id": 1 })));
    assert_eq!(registry.post("/subjects/b%2Fc/versions", &avro).await, (200, json!({ "id": 1 })));
    assert_eq!(registry.register("j", &shop("string")).await, (200, json!({ "id": 2 })));
    let proto = "syntax = \"proto3\"; message M { string a = 1; }";
    let proto = json!({ "schemaType": "PROTOBUF", "schema": proto });
    assert_eq!(registry.post("/subjects/p/versions", &proto).await, (200, json!({ "id": 3 })));
    let (_, coded) = registry.get("/schemas/ids/3?format=serialized").await;
    let coded = json!({ "schemaType": "PROTOBUF", "schema": coded["schema"] });
    let (_, found) = registry.post("/subjects/p", &coded).await;
    assert_eq!((&found["id"], &found["version"]), (&json!(3), &json!(1)), "{found}");
    for (path, expected) in [
        ("/subjects", json!(["a", "b/c", "j", "p"])),
        ("/subjects?subjectPrefix=b", json!(["b/c"])),
        ("/subjects/a/versions", json!([1])),
        (
            "/subjects/a/versions/latest",
            json!({ "subject": "a", "version": 1, "id": 1,
            "schema": "{\"type\": \"string\"}" }),
        ),
        ("/subjects/a/versions/-1/schema", json!({ "type": "string" })),
        ("/schemas/ids/1", json!({ "schema": "{\"type\": \"string\"}" })),
        ("/schemas/ids/2", json!({ "schema": shop("string").to_string(), "schemaType": "JSON" })),
        ("/schemas/ids/1/subjects", json!(["a", "b/c"])),
        (
            "/schemas/ids/1/versions",
            json!([{ "subject": "a", "version": 1 },
            { "subject": "b/c", "version": 1 }]),
        ),
    ] {
        assert_eq!(registry.get(path).await, (200, expected), "{path}");
    }
    // Deleted, then for good; numbers are not used again.
    assert_eq!(registry.delete("/subjects/a").await, (200, json!([1])));
    assert_eq!(registry.get("/subjects").await, (200, json!(["b/c", "j", "p"])));
    assert_eq!(registry.get("/subjects/a/versions?deleted=true").await, (200, json!([1])));
    assert_eq!(registry.get("/schemas/ids/1").await.0, 200);
    assert_eq!(registry.post("/subjects/a/versions", &avro).await, (200, json!({ "id": 1 })));
    assert_eq!(registry.get("/subjects/a/versions").await, (200, json!([2])));
    assert_eq!(registry.delete("/subjects/a/versions/2").await, (200, json!(2)));
    assert_eq!(registry.delete("/subjects/a?permanent=true").await, (200, json!([1, 2])));
}

#[tokio::test]
async fn what_is_wrong_has_the_numbers_that_clients_know() {
    let registry = Registry::new();
    registry.register("j", &shop("string")).await;
    registry.register("gone", &shop("string")).await;
    registry.delete("/subjects/gone").await;
    let base = json!({ "schemaType": "JSON", "schema": "{\"$ref\":\"j.json\"}",
        "references": [{ "name": "j.json", "subject": "j", "version": 1 }] });
    assert_eq!(registry.post("/subjects/top/versions", &base).await.0, 200);
    let (_, by) = registry.get("/subjects/j/versions/1/referencedby").await;
    assert_eq!(by, json!([2]));
    let (get, post, put, delete) = (Method::GET, Method::POST, Method::PUT, Method::DELETE);
    let none = Value::Null;
    let level = |word: &str| json!({ "compatibility": word });
    let broken = given(&shop("nothing"));
    for (method, path, body, status, number, code) in [
        (&get, "/subjects/x/versions", none.clone(), 404, 40401, "E8060"),
        (&get, "/subjects/j/versions/9", none.clone(), 404, 40402, "E8060"),
        (&get, "/subjects/j/versions/0", none.clone(), 422, 42202, "E8066"),
        (&get, "/schemas/ids/9", none.clone(), 404, 40403, "E8060"),
        (&post, "/subjects/x", given(&shop("string")), 404, 40401, "E8060"),
        (&post, "/subjects/j", given(&shop("number")), 404, 40403, "E8060"),
        (&delete, "/subjects/gone", none.clone(), 404, 40404, "E8064"),
        (&delete, "/subjects/j?permanent=true", none.clone(), 404, 40405, "E8064"),
        (&delete, "/subjects/gone/versions/1", none.clone(), 404, 40406, "E8064"),
        (&delete, "/subjects/j/versions/1?permanent=true", none.clone(), 404, 40407, "E8064"),
        (&delete, "/subjects/j", none.clone(), 422, 42206, "E8063"),
        (&get, "/config/j", none.clone(), 404, 40408, "E8067"),
        (&get, "/mode/j", none.clone(), 404, 40409, "E8067"),
        (&put, "/config", level("SOME"), 422, 42203, "E8066"),
        (&put, "/mode", json!({ "mode": "IMPORT" }), 422, 42204, "E8066"),
        (&post, "/subjects/j/versions", broken, 422, 42201, "E8061"),
        (&post, "/subjects/j/versions", json!({ "schema": 1 }), 422, 42201, "E8061"),
        (&post, "/subjects/j/versions", given(&shop("number")), 409, 409, "E8062"),
        (
            &post,
            "/subjects/j/versions",
            json!({ "schema": "{}", "metadata": {} }),
            422,
            42201,
            "E8061",
        ),
        (&get, "/nothing", none.clone(), 404, 404, "E8003"),
        (&put, "/subjects", level("FULL"), 405, 405, "E8004"),
        (&get, "/subjects?deleted=perhaps", none.clone(), 400, 400, "E8009"),
    ] {
        let (found, answer) = registry.ask_as(&registry.key, method.clone(), path, &body).await;
        let message = answer["message"].as_str().unwrap_or_default();
        assert_eq!((found, &answer["error_code"]), (status, &json!(number)), "{path}: {answer}");
        assert!(message.ends_with(&format!("({code})")), "{path}: {message}");
    }
    let (status, answer) = registry.ask_as("nobody", Method::GET, "/subjects", &none).await;
    assert_eq!((status, &answer["error_code"]), (401, &json!(401)));
}

#[tokio::test]
async fn levels_decide_what_may_follow_and_the_change_is_named() {
    let registry = Registry::new();
    assert_eq!(registry.get("/config").await, (200, json!({ "compatibilityLevel": "BACKWARD" })));
    registry.register("j", &shop("string")).await;
    let path = "/compatibility/subjects/j/versions/latest?verbose=true";
    let (_, answer) = registry.post(path, &given(&shop("number"))).await;
    assert_eq!(answer["is_compatible"], false);
    let message = answer["messages"][0].as_str().unwrap();
    assert!(
        message.contains("#/properties/meta/properties/shop: the type was string and is number"),
        "{message}"
    );
    let unknown = "/compatibility/subjects/x/versions/latest";
    let (_, answer) = registry.post(unknown, &given(&shop("number"))).await;
    assert_eq!(answer, json!({ "is_compatible": true }));
    let open = json!({ "type": "object" });
    for (level, schema, fits) in [
        ("BACKWARD", &open, true),
        ("forward", &open, false),
        ("FULL", &open, false),
        ("FULL_TRANSITIVE", &open, false),
        ("NONE", &shop("number"), true),
    ] {
        let set = json!({ "compatibility": level });
        let kept = json!({ "compatibility": level.to_uppercase() });
        assert_eq!(registry.put("/config/j", &set).await, (200, kept));
        let (_, answer) = registry.post("/compatibility/subjects/j/versions", &given(schema)).await;
        assert_eq!(answer["is_compatible"], fits, "{level} {schema}");
    }
    let (_, was) = registry.delete("/config/j").await;
    assert_eq!(was, json!({ "compatibilityLevel": "NONE" }));
    assert_eq!(registry.get("/config/j?defaultToGlobal=true").await.0, 200);
    let read_only = json!({ "mode": "READONLY" });
    assert_eq!(registry.put("/mode/j", &read_only).await, (200, read_only.clone()));
    let (status, answer) = registry.register("j", &open).await;
    assert_eq!((status, &answer["error_code"]), (422, &json!(42205)), "{answer}");
    assert_eq!(registry.register("k", &open).await.0, 200);
    assert_eq!(registry.delete("/mode/j").await, (200, read_only));
    assert_eq!(registry.register("j", &open).await.0, 200);
}

#[tokio::test]
async fn a_counterparty_sees_the_schemas_of_its_sources_alone() {
    let registry = Registry::new();
    registry.register("base", &json!({ "type": "string" })).await;
    registry.register("other", &json!({ "type": "integer" })).await;
    let own = json!({ "schemaType": "JSON", "schema": "{\"properties\":{\"id\":{\"$ref\":\"b\"}}}",
        "references": [{ "name": "b", "subject": "base", "version": 1 }] });
    let (status, answer) = registry.post("/subjects/feed-a-value/versions", &own).await;
    assert_eq!(status, 200, "{answer}");
    let provider = registry.served.key("provider", Some("studio-0"));
    let finance = registry.served.key("finance", None);
    let none = Value::Null;
    let (get, post, delete) = (Method::GET, Method::POST, Method::DELETE);
    let new = given(&json!({}));
    let standing = |on: &str| {
        json!({ "schemaType": "JSON", "schema": "{\"$ref\":\"x\"}",
        "references": [{ "name": "x", "subject": on, "version": 1 }] })
    };
    let (on_base, on_other) = (standing("base"), standing("other"));
    for (key, method, path, body, status) in [
        (&provider, &get, "/subjects/feed-a-value/versions/latest", &none, 200),
        (&provider, &get, "/subjects/base/versions", &none, 200),
        (&provider, &get, "/subjects/other/versions", &none, 404),
        (&provider, &get, "/schemas/ids/1", &none, 200),
        (&provider, &get, "/schemas/ids/2", &none, 404),
        (&provider, &get, "/config/other", &none, 404),
        (&provider, &post, "/compatibility/subjects/feed-a-value/versions/latest", &new, 200),
        (&provider, &post, "/compatibility/subjects/other/versions/latest", &new, 404),
        (&provider, &post, "/compatibility/subjects/feed-a-value/versions", &on_base, 200),
        (&provider, &post, "/compatibility/subjects/feed-a-value/versions", &on_other, 422),
        (&provider, &post, "/subjects/feed-a-value", &on_other, 422),
        (&provider, &post, "/subjects/feed-a-value/versions", &new, 403),
        (&provider, &delete, "/subjects/feed-a-value", &none, 403),
        (&finance, &post, "/subjects/more/versions", &new, 200),
        (&finance, &delete, "/subjects/more", &none, 403),
    ] {
        let (found, answer) = registry.ask_as(key, method.clone(), path, body).await;
        assert_eq!(found, status, "{method} {path}: {answer}");
    }
    let (_, list) = registry.ask_as(&provider, Method::GET, "/subjects", &none).await;
    assert_eq!(list, json!(["base", "feed-a-value"]));
    let (status, answer) = registry.delete("/subjects/feed-a-value").await;
    assert_eq!((status, &answer["error_code"]), (422, &json!(42205)), "{answer}");
}

#[tokio::test]
async fn events_are_checked_by_the_schema_that_their_source_names() {
    let registry = Registry::new();
    let post = |lines: Vec<String>| {
        let (served, key) = (&registry.served, &registry.key);
        async move {
            let path = "/v1/sources/feed-a/events?wait=applied";
            let lines = lines.join("\n");
            let (_, answer) =
                served.ask(&Method::POST, path, key, "application/x-ndjson", &lines).await;
            let results = answer["results"].as_array().unwrap().clone();
            results.iter().map(|r| r["code"].as_str().unwrap_or("").to_owned()).collect::<Vec<_>>()
        }
    };
    let with = |id: &str, meta: Value| {
        let mut event: Value = serde_json::from_str(&event(id, "1.00")).unwrap();
        event["meta"] = meta;
        event.to_string()
    };
    let (good, bad) = (json!({ "shop": "s" }), json!({ "shop": 7 }));
    // A schema that the book names and nobody registered: nothing passes it.
    assert_eq!(post(vec![with("a", good.clone())]).await, ["E2209"]);
    let strict = |types: &str| {
        let mut schema = shop(types);
        schema["required"] = json!(["id", "kind"]);
        schema
    };
    assert_eq!(registry.register("feed-a-value", &strict("string")).await.0, 200);
    let lines = vec![with("a", good.clone()), with("b", bad.clone()), "{".to_owned()];
    assert_eq!(post(lines).await, ["", "E2209", "E2101"]);
    // The next version is in force for what comes after it.
    let wider = json!({ "type": "object", "properties": { "meta": { "properties":
        { "shop": { "type": ["string", "integer"] } } } } });
    assert_eq!(registry.register("feed-a-value", &wider).await.0, 200);
    assert_eq!(post(vec![with("b", bad)]).await, [""]);
    // What was taken in under version 1 is read as version 2 has it; what is stored stays.
    let now = |id: &'static str| {
        let tenant = registry.served.app.tenant(support::OPERATOR).unwrap();
        tenant.service.read(move |session| {
            let story = session.operator.engine.event_story("feed-a", id).unwrap();
            let raw = node::schemas::raw(session, &story).unwrap().unwrap();
            let (version, row) = node::schemas::row_now(session, &story).unwrap().unwrap();
            (version, row["meta"].clone(), String::from_utf8(raw).unwrap())
        })
    };
    let (version, meta, raw) = now("a");
    assert_eq!((version, meta), (2, json!({ "store": "s", "zone": "UTC" })));
    assert!(raw.contains("\"shop\":\"s\""), "{raw}");
    assert_eq!(now("b").1, json!({ "shop": 7 }));
}
