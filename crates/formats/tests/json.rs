//! JSON documents and lines by mapping, and a collection of hostile JSON.
#![allow(clippy::unwrap_used)] // a test may panic

mod common;

use common::{Keep, mapping, shared};
use formats::{Input, Scanner, Spare, decode};

const HEAD: &str = "source: s\noccurred_at: 2026-01-01T00:00:00Z\nasset: EUR\n";

/// The events as `row id amount`, then bad rows as `row code`.
fn check(more: &str, text: &str, expected: Result<&[&str], &str>) {
    let mut keep = Keep::default();
    let result =
        decode(&mapping(&format!("{HEAD}{more}")), Input::bytes(text.as_bytes()), 0, &mut keep);
    let mut found = Vec::new();
    for (row, event, _) in &keep.events {
        found.push(format!("{row} {} {}", event.id, event.amount.unwrap_or_default()));
    }
    for (row, failure, _) in &keep.bad {
        found.push(format!("{row} {}", failure.reject.code()));
    }
    match (result, expected) {
        (Ok(_), Ok(expected)) => assert_eq!(found, expected, "{text}"),
        (Err(error), Err(code)) => assert_eq!(error.code.code, code, "{text}"),
        (result, expected) => panic!("{text}: {result:?}, not {expected:?}"),
    }
}

#[test]
fn rows_in_documents() {
    let deep = "format: json\nrows: orders.items\n\
        events: [{ kind: k, id: '{$.shop}-{^.no}-{n.o}', amount: price }]\n";
    check(
        deep,
        r#"{"shop":"a","orders":[
            {"no":1,"items":[{"n":{"o":1},"price":"2.50"},{"n":{"o":2},"price":1e2}]},
            {"no":2,"items":{"n":{"o":3},"price":0.1}},{"no":3}]}"#,
        Ok(&["1 a-1-1 2.50", "2 a-1-2 100", "3 a-2-3 0.1"]),
    );
    check(
        deep,
        r#"{"shop":"a","orders":[{"no":1,"items":[1,[],{"n":2}]}]}"#,
        Ok(&["1 E2101", "2 E2101", "3 E2202"]),
    );
    check(deep, r#"{"shop":"a"}"#, Err("E3011"));
    check(deep, r#"{"shop":"#, Err("E3004"));
    let flat = "format: json\nevents: [{ kind: k, id: '{id}', amount: '-(a + 0.5)' }]\n";
    check(
        flat,
        r#"[{"id":"x","a":"1.25"},{"id":7,"a":2},{"id":[],"a":2},{"id":"y","a":true}]"#,
        Ok(&["1 x -1.75", "2 7 -2.5", "3 E2201", "4 E2201"]),
    );
    check(flat, r#"{"id":"\u00e9","a":1}"#, Ok(&["1 é -1.5"]));
    check(flat, "[]", Ok(&[]));
    let lines = "format: ndjson\nevents: [{ kind: k, id: '{id}', amount: abs(a.b) }]\n";
    check(
        lines,
        "{\"id\":1,\"a\":{\"b\":-2}}\n\n[1]\n{\"id\":2}\nnull x\r\n{\"id\":3,\"a\":{\"b\":1}}",
        Ok(&["1 1 2", "5 3 1", "2 E2101", "3 E2202", "4 E2101"]),
    );
}

#[test]
fn exact_numbers_of_documents() {
    let yaml = "format: json\nevents: [{ kind: k, id: i, amount: a }]\n";
    for (number, expected) in [
        ("0.1", "1 i 0.1"),
        ("123456789012345678901234567890.12", "1 i 123456789012345678901234567890.12"),
        ("9007199254740993", "1 i 9007199254740993"),
        ("1E-2", "1 i 0.01"),
        ("1e400", "1 E2201"),
    ] {
        check(yaml, &format!("{{\"a\":{number}}}"), Ok(&[expected]));
    }
}

/// `y_` must be read, `n_` must not, `i_` may be either; nothing may panic.
#[test]
fn json_test_suite() {
    let Some(folder) = shared("bad-jsontestsuite") else { return };
    let any =
        mapping(&format!("{HEAD}format: json\nevents: [{{ kind: k, id: i, amount: '1' }}]\n"));
    let mut files = 0;
    for entry in std::fs::read_dir(folder.join("test_parsing")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let bytes = std::fs::read(&path).unwrap();
        let read = decode(&any, Input::bytes(&bytes), 0, &mut Keep::default());
        let refused = matches!(&read, Err(error) if matches!(error.code.code, "E3003" | "E3004"));
        match name.as_bytes()[0] {
            b'y' => assert!(!refused, "{name}: {read:?}"),
            b'n' => assert!(refused, "{name}: {read:?}"),
            _ => {}
        }
        formats::fuzz_json(&bytes);
        formats::fuzz_scan(&bytes);
        as_meta(&name, &bytes);
        files += 1;
    }
    assert!(files > 300);
}

/// The same text as the `meta` of an event. What only a parser that builds values refuses
/// (a surrogate without its pair) may pass there, and a byte order mark may not.
fn as_meta(name: &str, bytes: &[u8]) {
    let mut line = br#"{"id":"t","kind":"k","occurred_at":"2026-01-01T00:00:00Z","meta":"#.to_vec();
    line.extend_from_slice(bytes);
    line.push(b'}');
    let mut scanner = Scanner::default();
    let read = scanner.scan(&line, "s", &mut Spare::default().take());
    match name.as_bytes()[0] {
        b'y' => assert_eq!(read, Ok(()), "{name}"),
        b'n' => assert!(read.is_err(), "{name}"),
        _ => {}
    }
}
