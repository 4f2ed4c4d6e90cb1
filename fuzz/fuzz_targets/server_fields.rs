//! Structured fields of HTTP, as digests and signatures have them: what is read is written in one
//! form, which says the same. The file alone: the crate around it is large, and nothing of it is
//! looked at here.
#![no_main]

#[path = "../../crates/server/src/sealed/fields.rs"]
#[allow(dead_code)]
mod fields;

use fields::{Value, dictionary, write_item, write_list};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(members) = dictionary(text) else { return };
    let each = members.iter().map(|(key, value)| match value {
        Value::Item(item) => format!("{key}={}", write_item(item)),
        Value::List(items, params) => format!("{key}={}", write_list(items, params)),
    });
    let strict = each.collect::<Vec<_>>().join(", ");
    assert_eq!(dictionary(&strict), Some(members), "{strict}");
});
