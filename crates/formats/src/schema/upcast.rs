//! Upcasts: a row as an older version of its schema has it, brought to a newer one.

pub use book::file::source_schema::Upcast;

use serde_json::{Map, Value};

/// Brings a row from version `from` to version `to`; versions without an upcast change nothing.
/// Doing it again changes nothing further.
pub fn upcast(row: &mut Value, steps: &[Upcast], from: u32, to: u32) {
    for version in from..to {
        for step in steps.iter().filter(|step| step.from == version) {
            for (old, new) in &step.rename {
                if get(row, new).is_none()
                    && let Some(value) = take(row, old)
                {
                    put(row, new, value);
                }
            }
            for (path, value) in &step.defaults {
                if get(row, path).is_none() {
                    put(row, path, Value::String(value.clone()));
                }
            }
        }
    }
}

fn get<'v>(row: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(row, |value, name| value.get(name))
}

fn take(row: &mut Value, path: &str) -> Option<Value> {
    let (parents, name) = path.rsplit_once('.').unwrap_or(("", path));
    let mut names = parents.split('.').filter(|name| !name.is_empty());
    let parent = names.try_fold(row, |value, name| value.get_mut(name))?;
    parent.as_object_mut()?.remove(name)
}

/// Puts a value in, making the objects that lead to it; a parent that is no object stays.
fn put(row: &mut Value, path: &str, value: Value) {
    let mut at = row;
    let (parents, name) = path.rsplit_once('.').unwrap_or(("", path));
    for parent in parents.split('.').filter(|name| !name.is_empty()) {
        let Some(map) = at.as_object_mut() else { return };
        at = map.entry(parent).or_insert_with(|| Value::Object(Map::new()));
    }
    if let Some(map) = at.as_object_mut() {
        map.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rows_come_to_the_version_asked_for() {
        let map = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
        };
        let steps = [
            Upcast { from: 1, rename: map(&[("meta.shop", "meta.store.id")]), defaults: map(&[]) },
            Upcast { from: 2, rename: map(&[]), defaults: map(&[("meta.store.zone", "UTC")]) },
        ];
        let old = json!({ "id": "a", "meta": { "shop": "s" } });
        for (row, from, to, expected) in [
            (old.clone(), 1, 1, old.clone()),
            (old.clone(), 1, 2, json!({ "id": "a", "meta": { "store": { "id": "s" } } })),
            (old, 1, 3, json!({ "id": "a", "meta": { "store": { "id": "s", "zone": "UTC" } } })),
            (json!({ "meta": 1 }), 1, 3, json!({ "meta": 1 })),
            (json!([1]), 1, 3, json!([1])),
            (
                json!({ "meta": { "shop": "s", "store": { "id": "t" } } }),
                1,
                2,
                json!({ "meta": { "shop": "s", "store": { "id": "t" } } }),
            ),
        ] {
            let mut found = row.clone();
            upcast(&mut found, &steps, from, to);
            assert_eq!(found, expected, "{row} {from} {to}");
            upcast(&mut found, &steps, from, to);
            assert_eq!(found, expected, "again: {row}");
        }
    }
}
