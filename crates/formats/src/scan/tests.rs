//! Both roads against cases, and against each other.
#![allow(clippy::unwrap_used)] // a test may panic

use super::{Scanner, Spare};
use ledger::Reject;
use proptest::prelude::*;

fn check(line: &str, source: &str) -> Result<String, Reject> {
    let (mut fast, mut slow) = (Scanner::default(), Scanner::default());
    let (mut a, mut b) = (Spare::default().take(), Spare::default().take());
    let read = fast.scan(line.as_bytes(), source, &mut a);
    let reread = slow.scan_slowly(line.as_bytes(), source, &mut b);
    assert_eq!(read, reread, "{line}");
    read.map_err(|failure| failure.reject)?;
    assert_eq!(a, b, "{line}");
    // Once more by what the scanner has learned from the line.
    agree(&mut taught(&[line]), line, source);
    let dims: Vec<_> = a.dims.iter().map(|dim| format!("{}={}", dim.name, dim.value)).collect();
    let amount = a.amount.map(|amount| amount.to_string());
    Ok(format!(
        "{} {} {} {} {amount:?} {:?} [{}] {:?}",
        a.source,
        a.id,
        a.kind,
        a.occurred_at,
        a.asset,
        dims.join(","),
        a.reference.map(|to| format!("{}/{}", to.source, to.id)),
    ))
}

/// A scanner that has read some lines.
fn taught(lines: &[&str]) -> Scanner {
    let mut scanner = Scanner::default();
    for line in lines {
        let _ = scanner.scan(line.as_bytes(), "s", &mut Spare::default().take());
    }
    scanner
}

/// Whatever a scanner has learned, it reads a line as the slow road does.
fn agree(scanner: &mut Scanner, line: &str, source: &str) {
    let mut slow = Scanner::default();
    let (mut a, mut b) = (Spare::default().take(), Spare::default().take());
    let read = scanner.scan(line.as_bytes(), source, &mut a);
    assert_eq!(read, slow.scan_slowly(line.as_bytes(), source, &mut b), "{line}");
    if read.is_ok() {
        assert_eq!(a, b, "{line}");
    }
}

const HEAD: &str = r#""id":"t","kind":"win","occurred_at":"1970-01-01T00:00:01Z""#;

#[test]
fn lines_that_are_events() {
    for (line, expected) in [
        (
            r#"{"source":"s","id":"t-81","kind":"win","occurred_at":"1970-01-01T00:00:05Z",
            "amount":"25.00","asset":"EUR","dims":{"game":"roulette","player":"p-77"},
            "ref":"t-80","meta":{"a":[1,-0.5e+3,null,true,false,"\u00e9\n",{}]}}"#,
            concat!(
                r#"s t-81 win 5000000000 Some("25.00") Some("EUR") [game=roulette,player=p-77]"#,
                r#" Some("s/t-80")"#,
            ),
        ),
        (
            r#" { "ref" : { "id" : "a" , "source" : "other" } , "kind":"win", "id" : "t" ,
            "occurred_at" : "1970-01-01T00:00:00+00:00" , "dims" : { } } "#,
            r#"s t win 0 None None [] Some("other/a")"#,
        ),
        (
            r#"{"id":"\uc8fc\ubb38\t\ud83d\ude00\"","kind":"\u0077in",
            "occurred_at":"1970-01-01T00:00:00Z","dims":{"g\/":"주문"}}"#,
            "s 주문\t😀\" win 0 None None [g/=주문] None",
        ),
        (
            r#"{"id":"t","kind":"win","occurred_at":"1970-01-01T00:00:00Z",
            "dims":{"a":"1","a":"2"}}"#,
            "s t win 0 None None [a=1,a=2] None",
        ),
        (
            r#"{"\u0069d":"t","kind":"win","occurred_at":"1970-01-01T00:00:00Z","meta":"\ud800"}"#,
            "s t win 0 None None [] None",
        ),
    ] {
        assert_eq!(check(line, "s").as_deref(), Ok(expected), "{line}");
    }
}

#[test]
fn lines_that_are_not() {
    use Reject::{FieldForm, FieldMissing, FieldUnknown, Unreadable};
    for (tail, expected) in [
        (r#","amount":25.00"#, FieldForm),
        (r#","amount":"25.00 ""#, FieldForm),
        (r#","amount":"1e3""#, FieldForm),
        (r#","amount":null"#, FieldForm),
        (r#","amount":"+1""#, FieldForm),
        (r#","id":"t""#, FieldForm),
        (r#","meta":1,"meta":1"#, FieldForm),
        (r#","asset":7"#, FieldForm),
        (r#","dims":[]"#, FieldForm),
        (r#","dims":{"a":1}"#, FieldForm),
        (r#","ref":{}"#, FieldForm),
        (r#","ref":{"id":"a","id":"b"}"#, FieldForm),
        (r#","ref":{"id":"a","x":"b"}"#, FieldForm),
        (r#","ref":null"#, FieldForm),
        (r#","source":"other""#, FieldForm),
        (r#","Amount":"25""#, FieldUnknown),
        (r#","x":1,"x":2"#, FieldUnknown),
        (r#","asset":"\ud800""#, Unreadable),
        (r#","asset":"\ud800\u0041""#, Unreadable),
        (",\"asset\":\"a\tb\"", Unreadable),
        (r#","meta":01"#, Unreadable),
        (r#","meta":"\x""#, Unreadable),
        (r#","meta":[1,]"#, Unreadable),
        (",", Unreadable),
        ("}{", Unreadable),
    ] {
        let line = format!("{{{HEAD}{tail}}}");
        assert_eq!(check(&line, "s"), Err(expected), "{line}");
    }
    for (line, expected) in [
        ("{}", FieldMissing),
        ("", Unreadable),
        ("[]", Unreadable),
        ("null", Unreadable),
        (r#"{"kind":"a","id":"b"}"#, FieldMissing),
    ] {
        assert_eq!(check(line, "s"), Err(expected), "{line}");
    }
    assert_eq!(check(&format!("{{{HEAD}}}"), ""), Err(FieldMissing));
    let mut scanner = Scanner::default();
    let failure = scanner.scan(b"{\"id\":\"\xff\"}", "s", &mut Spare::default().take());
    assert_eq!(failure.map_err(|failure| failure.reject), Err(Unreadable));
}

#[test]
fn meta_is_bounded_in_depth() {
    for (depth, good) in [(32, true), (33, false), (20_000, false)] {
        let meta = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(check(&format!("{{{HEAD},\"meta\":{meta}}}"), "s").is_ok(), good, "{depth}");
    }
}

#[test]
fn the_dimension_buffer_is_kept() {
    let line = format!("{{{HEAD},\"dims\":{{\"a\":\"1\",\"b\":\"2\"}}}}");
    let (mut scanner, mut spare) = (Scanner::default(), Spare::default());
    let mut places = Vec::new();
    for _ in 0..3 {
        let mut draft = spare.take();
        scanner.scan(line.as_bytes(), "s", &mut draft).unwrap();
        places.push(draft.dims.as_ptr().addr());
        spare.put(draft);
    }
    assert_eq!(places[1], places[0]);
    assert_eq!(places[2], places[0]);
}

fn json_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9-]{0,9}",
        "\\PC{0,6}",
        Just(r"\u0041\n".to_owned()),
        Just(r"\ud83d\ude00".to_owned()),
        Just(r"\ud83d".to_owned()),
        Just("1970-01-01T00:00:01Z".to_owned()),
        Just("12.50".to_owned()),
    ]
}

fn json_value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => json_text().prop_map(|text| format!("\"{text}\"")),
        1 => prop::sample::select(vec!["1", "-0.5e3", "01", "null", "true", "1e999", "tru"])
            .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|items| format!("[{}]", items.join(" , "))),
            prop::collection::vec((prop_oneof!["id", "source", "a"], inner), 0..3).prop_map(|m| {
                let members: Vec<_> = m.iter().map(|(k, v)| format!("\"{k}\": {v}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn the_roads_agree_on_near_events(
        members in prop::collection::vec(
            (prop_oneof![
                "source", "id", "kind", "occurred_at", "amount", "asset", "dims", "ref", "meta",
                "x",
            ], json_value()), 0..9),
        head: bool, junk in prop_oneof![8 => Just(""), 1 => Just(","), 1 => Just("}")],
    ) {
        let member = |(key, value): &(_, _)| format!("\"{key}\":{value}");
        let members: Vec<_> = members.iter().map(member).collect();
        let head = if head { HEAD } else { "" };
        let comma = if head.is_empty() || members.is_empty() { "" } else { "," };
        let line = format!("{{{head}{comma}{}{junk}}}", members.join(",\n "));
        let _ = check(&line, "s");
        let _ = check(&line, "");
    }

    #[test]
    fn the_roads_agree_on_damaged_events(at in 0usize..200, byte: u8, cut in 0usize..200) {
        let line = format!("{{{HEAD},\"amount\":\"1.5\",\"asset\":\"EUR\",\
            \"dims\":{{\"a\":\"\\u00e9\"}},\
            \"ref\":{{\"source\":\"o\",\"id\":\"i\"}},\"meta\":[1.5,{{\"b\":null}}]}}");
        let mut bytes = line.into_bytes();
        if let Some(place) = bytes.get_mut(at) { *place = byte; }
        bytes.truncate(cut.max(1));
        if let Ok(line) = std::str::from_utf8(&bytes) { let _ = check(line, "s"); }
    }

    #[test]
    fn what_is_learned_misleads_nobody(
        at in 0usize..260, byte in prop::sample::select(b"\"\\{}[],: 0a-\x01\x7f".to_vec()),
        values in prop::collection::vec(json_text(), 8), dims: bool, to: bool, cut in 0usize..600,
    ) {
        let [id, kind, time, amount, game, player, of, session] = &values[..] else {
            return Ok(());
        };
        let line = |id: &str, kind: &str, time: &str, amount: &str| {
            let dims = if dims { format!("\"player\":\"{player}\",") } else { String::new() };
            let to = if to { format!(",\"ref\":\"{of}\"") } else { String::new() };
            format!("{{\"id\":\"{id}\",\"kind\":\"{kind}\",\"occurred_at\":\"{time}\",\
                \"amount\":\"{amount}\",\"asset\":\"EUR\",\
                \"dims\":{{{dims}\"game\":\"{game}\"}}{to},\
                \"meta\":{{\"s\":[\"{session}\",{{\"b\":null}},\"x\"]}}}}")
        };
        let plain = line("t", "win", "1970-01-01T00:00:01Z", "1.5");
        let mut scanner = taught(&[&plain, &format!("{{{HEAD}}}")]);
        let other = line(id, kind, time, amount);
        for line in [&plain, &other] {
            agree(&mut scanner, line, "s");
            let mut bytes = line.clone().into_bytes();
            if let Some(place) = bytes.get_mut(at) { *place = byte; }
            bytes.truncate(cut.max(1));
            if let Ok(line) = std::str::from_utf8(&bytes) { agree(&mut scanner, line, "s"); }
        }
    }

    #[test]
    fn arbitrary_bytes_are_survived(bytes: Vec<u8>) {
        let mut scanner = Scanner::default();
        let _ = scanner.scan(&bytes, "s", &mut Spare::default().take());
    }
}
