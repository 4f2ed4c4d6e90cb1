//! The one law of compatibility: where the comparison says that a new schema reads what an old one
//! allowed, no value is valid under the old one and not under the new. The validator that is asked
//! knows nothing of the comparison.
#![allow(clippy::unwrap_used)] // a test may panic

use formats::schema::{Kind, Schema};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn value() -> impl Strategy<Value = Value> + Clone + use<> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2..4_i32).prop_map(Value::from),
        prop_oneof![Just(json!(0.5)), Just(json!(1.5)), Just(json!(2.0))],
        prop_oneof![Just("a"), Just("b"), Just("xy"), Just("")].prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::hash_map("[abx]", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn types() -> impl Strategy<Value = Value> {
    let one = prop::sample::select(vec![
        "object", "array", "string", "integer", "number", "boolean", "null",
    ]);
    prop_oneof![
        one.clone().prop_map(Value::from),
        prop::collection::hash_set(one, 2..4)
            .prop_map(|set| Value::from(set.into_iter().collect::<Vec<_>>())),
    ]
}

/// A word of a schema and what stands under it.
fn words(inner: impl Strategy<Value = Value> + Clone + 'static) -> BoxedStrategy<(String, Value)> {
    let named = |word: &'static str, value: BoxedStrategy<Value>| {
        value.prop_map(move |value| (word.to_owned(), value)).boxed()
    };
    let count = || (0..3_u32).prop_map(Value::from).boxed();
    let fields = || {
        let map = prop::collection::hash_map("[ab]", inner.clone(), 1..3);
        map.prop_map(|map| Value::Object(map.into_iter().collect())).boxed()
    };
    let list = || prop::collection::vec(inner.clone(), 1..3).prop_map(Value::from).boxed();
    let names = || {
        let names = prop::collection::hash_set("[ab]", 1..3);
        names.prop_map(|set| Value::from(set.into_iter().collect::<Vec<_>>())).boxed()
    };
    let values = prop::collection::vec(value(), 1..3).prop_map(Value::from);
    let patterns = prop::collection::hash_map("\\^[ab]", inner.clone(), 1..3)
        .prop_map(|map| Value::Object(map.into_iter().collect()));
    let depending = prop::collection::hash_map("[ab]", prop_oneof![names(), inner.clone()], 1..2)
        .prop_map(|map| Value::Object(map.into_iter().collect()));
    let steps = prop_oneof![Just(json!(1)), Just(json!(0.5)), Just(json!(2))];
    prop_oneof![
        4 => named("type", types().boxed()),
        1 => named("enum", values.boxed()),
        1 => named("const", value().boxed()),
        1 => named("minimum", count()),
        1 => named("exclusiveMinimum", count()),
        1 => named("maximum", count()),
        1 => named("multipleOf", steps.boxed()),
        1 => named("minLength", count()),
        1 => named("maxLength", count()),
        1 => named("pattern", prop_oneof![Just(json!("a")), Just(json!("^x"))].boxed()),
        1 => named("maxItems", count()),
        1 => named("minItems", count()),
        1 => named("uniqueItems", any::<bool>().prop_map(Value::from).boxed()),
        2 => named("items", prop_oneof![inner.clone(), list()].boxed()),
        1 => named("additionalItems", inner.clone().boxed()),
        1 => named("contains", inner.clone().boxed()),
        3 => named("properties", fields()),
        2 => named("required", names()),
        2 => named("additionalProperties", inner.clone().boxed()),
        1 => named("patternProperties", patterns.boxed()),
        1 => named("propertyNames", inner.clone().boxed()),
        1 => named("minProperties", count()),
        1 => named("maxProperties", count()),
        1 => named("dependencies", depending.boxed()),
        1 => named("anyOf", list()),
        1 => named("oneOf", list()),
        1 => named("allOf", list()),
        1 => named("not", inner.clone().boxed()),
        1 => named("if", inner.clone().boxed()),
        1 => named("then", inner.boxed()),
    ]
    .boxed()
}

fn schema() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Bool(true)),
        Just(Value::Bool(false)),
        types().prop_map(|types| json!({ "type": types })),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop::collection::vec(words(inner), 0..4)
            .prop_map(|words| Value::Object(words.into_iter().collect::<Map<_, _>>()))
    })
    .boxed()
}

/// A schema, and one made from it by a change: pairs by chance rarely have anything in common.
fn pair() -> impl Strategy<Value = (Value, Value)> {
    let changed = (schema(), words(schema()), any::<prop::sample::Index>());
    let changed = changed.prop_map(|(old, (word, value), at)| {
        let Value::Object(mut new) = old.clone() else { return (old, json!({ word: value })) };
        if let Some(name) =
            (!new.is_empty()).then(|| (*at.get(&new.keys().collect::<Vec<_>>())).clone())
        {
            new.remove(&name);
        }
        new.insert(word, value);
        (old, Value::Object(new))
    });
    let swapped = changed.clone().prop_map(|(old, new)| (new, old));
    prop_oneof![changed, swapped, (schema(), schema())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_that_was_allowed_is_forbidden(
        (old, new) in pair(),
        values in prop::collection::vec(value(), 30),
    ) {
        let read = |schema: &Value| Schema::parse(Kind::Json, &schema.to_string(), Vec::new());
        let (Ok(before), Ok(after)) = (read(&old), read(&new)) else { return Ok(()) };
        prop_assert_eq!(before.reads(&before), []);
        if after.reads(&before).is_empty() {
            for value in values.iter().filter(|value| before.check(value).is_ok()) {
                prop_assert!(after.check(value).is_ok(), "{} {} {}", old, new, value);
            }
        }
    }
}
