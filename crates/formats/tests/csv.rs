//! CSV: encodings, quotes that are never closed, row texts, resuming, control totals, joins.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)] // a test may panic; few rows

mod common;

use common::{Keep, mapping, shared};
use formats::{Input, Summary, decode};
use ledger::Reject;

const HEAD: &str = "source: s\nformat: csv\noccurred_at: 2026-01-01T00:00:00Z\nasset: EUR\n";
const EVENT: &str =
    "events:\n  - { kind: k, id: '{id}', amount: amount, dims: { who: '{who}' } }\n";

fn run(yaml: &str, bytes: &[u8], resume: u64) -> (Keep, Summary) {
    let mut keep = Keep::default();
    let summary = decode(&mapping(yaml), Input::bytes(bytes), resume, &mut keep).unwrap();
    (keep, summary)
}

/// The events as `row id amount who`, then the bad rows as `row code raw`.
fn check(more: &str, bytes: &[u8], expected: &[&str]) {
    let (keep, summary) = run(&format!("{HEAD}{more}{EVENT}"), bytes, 0);
    let mut found = Vec::new();
    for (row, event, _) in &keep.events {
        let amount = event.amount.map(|amount| amount.to_string()).unwrap_or_default();
        found.push(format!("{row} {} {amount} {}", event.id, event.dim("who")));
    }
    for (row, failure, raw) in &keep.bad {
        found.push(format!("{row} {} {raw}", failure.reject.code()));
    }
    assert_eq!(found, expected, "{more}{}", String::from_utf8_lossy(bytes));
    assert_eq!(summary.rows as usize, keep.events.len() + keep.bad.len());
}

#[test]
fn encodings_and_spellings() {
    check("", b"\xef\xbb\xbfid,amount,who\r\n1,2.50,\xec\xa3\xbc\r\n", &["1 1 2.50 주"]);
    check("encoding: euc-kr\n", b"id,amount,who\n1,2,\xc1\xd6\n", &["1 1 2 주"]);
    check("encoding: windows-1252\n", b"id,amount,who\n1,2,caf\xe9\n", &["1 1 2 café"]);
    let utf16: Vec<u8> =
        "\u{feff}id,amount,who\n1,2,주\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check("encoding: utf-16le\n", &utf16, &["1 1 2 주"]);
    check(
        "csv: { delimiter: ';' }\nnumbers: { decimal: ',', thousands: '.' }\n",
        b"id;amount;who\n1;1.234,5;a\n2;1,2,3;b\n",
        &["1 1 1234.5 a", "2 E2201 2;1,2,3;b"],
    );
    check("csv: { columns: [amount, id, who] }\n", b"5,x,y", &["1 x 5 y"]);
    check("nulls: [NA]\n", b"id,amount,who\n1,2,NA\n2,NA,a\n", &["1 1 2 ", "2 E2202 2,NA,a"]);
    check(
        "csv: { delimiter: tab, quote: \"'\" }\n",
        b"id\tamount\twho\n1\t2\t'a''\tb'\n",
        &["1 1 2 a'\tb"],
    );
}

#[test]
fn bad_rows_do_not_stop_the_file() {
    check(
        "",
        b"id,amount,who\n1,2,a\n2,2\n3,\xff,c\n\n4,x,d\n5,6,\"e, \"\"f\"\"\"\n",
        &["1 1 2 a", "5 5 6 e, \"f\"", "2 E2101 2,2", "3 E2101 3,\u{fffd},c", "4 E2201 4,x,d"],
    );
    check(
        "encoding: euc-kr\n",
        b"id,amount,who\n1,2,\xff\xff\n2,3,b\n",
        &["2 2 3 b", "1 E2101 1,2,\u{fffd}\u{fffd}"],
    );
}

#[test]
fn a_quote_that_is_never_closed_spoils_one_line() {
    check("", b"id,amount,who\n1,2,\"a\n2,3,b\n3,4,c", &["2 2 3 b", "3 3 4 c", "1 E2101 1,2,\"a"]);
    let mut bytes = b"id,amount,who\n1,2,\"a\n".to_vec();
    for row in 2..60_000 {
        bytes.extend_from_slice(format!("{row},3,b\n").as_bytes());
    }
    let (keep, summary) = run(&format!("{HEAD}{EVENT}"), &bytes, 0);
    assert_eq!((summary.rows, summary.events, summary.bad), (59_999, 59_998, 1));
    assert_eq!(keep.bad[0].1.reject, Reject::RecordTooLarge);
    assert_eq!((keep.events[59_997].1.id.as_str(), keep.events[0].2.as_str()), ("59999", "2,3,b"));
}

#[test]
fn resuming_gives_the_rest_and_the_same_totals() {
    let yaml = format!(
        "{HEAD}{EVENT}controls: [{{ name: t, kinds: [k], equals: total, per: '{{who}}' }}]\n"
    );
    let bytes = b"id,amount,who,total\n1,2,a,5\n2,3,a,5\n3,1,b,2\n4,x,b,2\n";
    let (whole, summary) = run(&yaml, bytes, 0);
    assert_eq!((summary.controls, summary.controls_failed), (2, 1));
    let finding = &whole.findings[0];
    assert_eq!((finding.group.as_str(), finding.rows), ("b", (3, 4)));
    assert!(
        finding.reason.contains("states 2") && finding.reason.contains("1 rows"),
        "{finding:?}"
    );
    for resume in 0..=4u64 {
        let (rest, _) = run(&yaml, bytes, resume);
        assert_eq!(rest.findings, whole.findings, "{resume}");
        let expected: Vec<_> = whole.events.iter().filter(|e| e.0 > resume).cloned().collect();
        assert_eq!(rest.events, expected, "{resume}");
    }
    let mut keep = Keep { stop_after: Some(1), ..Keep::default() };
    let summary = decode(&mapping(&yaml), Input::bytes(bytes), 0, &mut keep).unwrap();
    assert!(summary.stopped && keep.events.len() == 1 && keep.findings.is_empty());
}

#[test]
fn a_row_is_taken_whole_or_not_at_all() {
    let yaml = format!(
        "{HEAD}events:\n  - {{ kind: k, id: '{{id}}', amount: amount }}\n  \
         - {{ kind: w, id: '{{id}}-w', amount: amount / 3, ref: '{{id}}' }}\n\
         skip:\n  - {{ when: id = 'x', reason: test row }}\n"
    );
    let (keep, summary) = run(&yaml, b"id,amount\n1,3\n2,4\nx,5\n", 0);
    assert_eq!((summary.events, summary.bad, summary.skipped), (2, 1, 1));
    assert_eq!(keep.bad[0].1.reason, "a quotient is not exact: round it with `div` in the mapping");
    assert_eq!(keep.skipped, [(3, "test row".to_owned())]);
    assert_eq!(keep.events[1].1.reference, Some(("s".to_owned(), "1".to_owned())));
    assert_eq!(keep.events[0].2, keep.events[1].2);
}

#[test]
fn files_that_cannot_be_read() {
    let yaml = format!("{HEAD}{EVENT}");
    let joined =
        yaml.replace("'{who}'", "'{j.x}'") + "joins: { j: { file: o.csv, key: k, on: '{id}' } }\n";
    for (yaml, bytes, code) in [
        (&yaml, &b""[..], "E3005"),
        (&yaml, b"id,amount\n", "E3006"),
        (&yaml, b"id,amount,who,id\n", "E3007"),
        (&yaml, b"\xff\xfe,amount,who\n", "E3003"),
        (&joined, b"id,amount\n", "E3010"),
    ] {
        let error =
            decode(&mapping(yaml), Input::bytes(bytes), 0, &mut Keep::default()).unwrap_err();
        assert_eq!(error.code.code, code, "{error}");
    }
}

#[test]
fn joins_look_values_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let yaml = format!("{HEAD}{}", EVENT.replace("'{who}'", "'{o.name}'"))
        + "joins: { o: { file: others.csv, key: k, on: '{id}' } }\n";
    std::fs::write(path("rows.csv"), "id,amount\n1,2\n2,3\n").unwrap();
    for (others, expected) in [
        ("k,name,z\n1,a,9\n1,a,8\n", Some("a")),
        ("k,name\n1,a\n1,b\n", None),
        ("k,nome\n1,a\n", None),
    ] {
        std::fs::write(path("others.csv"), others).unwrap();
        let mut keep = Keep::default();
        let result = decode(&mapping(&yaml), Input::Path(&path("rows.csv")), 0, &mut keep);
        assert_eq!(result.is_ok(), expected.is_some(), "{others}: {result:?}");
        if let Some(expected) = expected {
            assert_eq!((keep.events[0].1.dim("who"), keep.events[1].1.dim("who")), (expected, ""));
        }
    }
}

/// Each file of the collection as the rows that its JSON twin says.
#[test]
fn csv_spectrum() {
    let Some(folder) = shared("bad-csv-spectrum") else { return };
    let mut files = 0;
    for entry in std::fs::read_dir(folder.join("csvs")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let twin = std::fs::read(folder.join(format!("json/{name}.json"))).unwrap();
        let twin: Vec<serde_json::Map<String, serde_json::Value>> =
            serde_json::from_slice(&twin).unwrap();
        let dims: Vec<String> =
            twin[0].keys().map(|key| format!("{}: '{{`{key}`}}'", key.to_lowercase())).collect();
        let yaml = format!(
            "{HEAD}events:\n  - {{ kind: k, id: r, amount: '1', dims: {{ {} }} }}\n",
            dims.join(", ")
        );
        let mut keep = Keep::default();
        decode(&mapping(&yaml), Input::Path(&path), 0, &mut keep).unwrap();
        assert_eq!(keep.events.len(), twin.len(), "{name}");
        for (row, (_, event, _)) in twin.iter().zip(&keep.events) {
            for (key, value) in row {
                let found = event.dim(&key.to_lowercase()).replace("\r\n", "\n");
                assert_eq!(found, value.as_str().unwrap().replace("\r\n", "\n"), "{name} {key}");
            }
        }
        files += 1;
    }
    assert!(files > 8);
}
