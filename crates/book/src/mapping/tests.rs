//! Mapping files: what is read from them, and every mistake with its place.
#![allow(clippy::unwrap_used)] // a test may panic

use super::{Column, Format, TimeFormat, compile};

const EVENT: &str = "events: [{ kind: bet, id: '{Id}', amount: Bet }]\n";
const HEAD: &str = "source: s\nformat: csv\noccurred_at: '{At}'\nasset: EUR\n";

/// Each mistake as `line:column code`, in the order found.
fn check(yaml: &str, expected: &[&str]) {
    let (mapping, found) = compile("mappings/m.yaml", yaml.as_bytes());
    let places: Vec<_> =
        found.iter().map(|d| format!("{}:{} {}", d.line, d.column, d.code)).collect();
    let shown: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(places, expected, "{yaml}\n{}", shown.join("\n"));
    assert_eq!(mapping.is_some(), expected.is_empty());
}

#[test]
fn a_mapping_is_read() {
    let yaml = format!(
        "{HEAD}encoding: EUC-KR\nmaps: {{ b: {{ y: z, x: w }} }}\n\
         csv: {{ delimiter: tab, columns: [Id, Bet] }}\n\
         numbers: {{ decimal: ',', thousands: space }}\n\
         times: {{ formats: [unix_ms, '%d.%m.%Y %H:%M'], zone: Asia/Seoul }}\n\
         joins: {{ o: {{ file: o.csv, key: k, on: '{{Id}}' }} }}\n{EVENT}"
    );
    let yaml = yaml.replace("'{At}'", "'{o.when} {`a b`}'");
    let (mapping, found) = compile("mappings/m.yaml", yaml.as_bytes());
    assert_eq!(found, []);
    let mapping = mapping.unwrap();
    assert_eq!((mapping.name.as_str(), mapping.format), ("m", Format::Csv));
    assert_eq!((mapping.encoding.as_str(), mapping.csv.delimiter), ("euc-kr", b'\t'));
    assert_eq!((mapping.maps[0].get("x"), mapping.maps[0].get("q")), (Some("w"), None));
    assert_eq!(mapping.times.formats[0], TimeFormat::Unix { unit_nanos: 1_000_000 });
    assert!(mapping.columns.contains(&Column::Join { join: 0, name: "when".to_owned() }));
    assert!(mapping.columns.contains(&Column::Row(vec!["a b".to_owned()])));
}

#[test]
fn every_mistake_is_found_where_it_stands() {
    check(&format!("{HEAD}{EVENT}"), &[]);
    check(
        "source: s\nformat: cvs\nsheet: x\nevents:\n  - kind: bet\n    id: '{Id'\n    amont: Bet\n",
        &["2:9 E1106", "7:5 E1101"],
    );
    check(
        &format!("{HEAD}events:\n  - {{ kind: bet, id: '{{Id}}', amount: 25.00 }}\n"),
        &["6:38 E1104"],
    );
    check(
        "source: s\nformat: csv\nrows: a\nsheet: b\nencoding: euc-kx\nevents:\n  \
         - kind: Bet\n    id: '{Id'\n    amount: \"Bet * (2\"\n",
        &[
            "4:8 E1505",
            "3:7 E1505",
            "5:11 E1506",
            "8:10 E1501",
            "7:5 E1511",
            "9:22 E1501",
            "7:5 E1511",
            "7:11 E1201",
        ],
    );
}

#[test]
fn mistakes_in_expressions() {
    let amount = |text: &str, expected: &[&str]| {
        let yaml =
            format!("{HEAD}events:\n  - kind: bet\n    id: '{{Id}}'\n    amount: \"{text}\"\n");
        check(&yaml, expected);
    };
    amount("Bet * Bonus / 100", &[]);
    amount("-(a + 1.5) * div(b, 3, 4, half_even) - abs(round(c, 2, up))", &[]);
    amount("Bet *", &["8:19 E1501"]);
    amount("Bet Bonus", &["8:18 E1501"]);
    amount("(Bet", &["8:18 E1501"]);
    amount("Bet * 'x'", &["8:20 E1502"]);
    amount("Bet > 1", &["8:14 E1502"]);
    amount("runde(Bet)", &["8:14 E1503"]);
    amount("abs(Bet, 2)", &["8:21 E1503"]);
    amount("round(Bet, 19, up)", &["8:25 E1501"]);
    amount("round(Bet, 2, sideways)", &["8:28 E1501"]);
    amount("map(none, Bet) + 1", &["8:18 E1504"]);
    amount("1.2.3", &["8:14 E1501"]);
    amount("Bet & 1", &["8:18 E1501"]);
    amount("$.a", &["8:14 E1501"]);
    amount("'open", &["8:14 E1501"]);
    amount(&format!("{}1", "-".repeat(60)), &["8:63 E1501"]);
    amount(&format!("{}1{}", "(".repeat(60), ")".repeat(60)), &["8:63 E1501"]);
}

#[test]
fn mistakes_around_events() {
    for (more, expected) in [
        ("times: { zone: Mars/Olympus }\n", &["5:16 E1403"][..]),
        ("times: { formats: ['%Y-%m-%d'] }\n", &["5:20 E1509"]),
        ("times: { formats: ['noon'] }\n", &["5:20 E1508"]),
        ("csv: { delimiter: ';;' }\n", &["5:19 E1507"]),
        ("csv: { delimiter: '\"' }\n", &["5:6 E1507"]),
        ("joins: { o: { file: ../o.csv, key: k, on: '{a}' } }\n", &["5:21 E1512"]),
        ("dims: { Who: '{a}' }\n", &["5:9 E1201"]),
        ("skip: [{ when: Bet, reason: r }]\n", &["5:16 E1502"]),
        ("controls: [{ name: t, kinds: [won], equals: total }]\n", &["5:45 E1203"]),
    ] {
        check(&format!("{HEAD}{more}{EVENT}"), expected);
    }
    check(&format!("{HEAD}events: []\n"), &["1:1 E1510"]);
    check(
        "source: s\nformat: csv\nevents:\n  - { kind: k, id: a, amount: b, ref_source: x }\n",
        &["4:5 E1511", "4:5 E1511", "4:5 E1511"],
    );
}
