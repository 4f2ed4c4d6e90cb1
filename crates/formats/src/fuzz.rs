//! One entry for each decoder that takes any bytes: they may refuse them, and must not panic,
//! hang or contradict themselves.

use crate::schema::{Kind, Schema};
use crate::sink::{ControlFinding, Sink, Stop};
use crate::{Failure, Input, Scanner, Spare, decode, decode_events};
use book::mapping::{Mapping, compile};
use ledger::Draft;
use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex, Once, PoisonError};

/// Looks at everything and keeps nothing.
struct Look;

impl Sink for Look {
    fn event(&mut self, _: u64, draft: &mut Draft<'_>, _: &[u8]) -> Result<(), Stop> {
        let _ = draft.check_envelope();
        Ok(())
    }

    fn bad(&mut self, _: u64, failure: &Failure, _: &[u8]) -> Result<(), Stop> {
        assert!(!failure.reason.is_empty());
        Ok(())
    }

    fn skipped(&mut self, _: u64, _: &str) {}

    fn control(&mut self, _: ControlFinding) {}

    fn progress(&mut self, _: u64, _: u64) {}
}

fn fixed(format: &str, more: &str) -> Mapping {
    let yaml = format!(
        "source: s\nformat: {format}\n{more}\
         occurred_at: 2026-01-01T00:00:00Z\nasset: EUR\n\
         events:\n  - {{ kind: k, id: 'r{{@row}}', amount: '1' }}\n"
    );
    columns(&yaml)
}

/// A mapping that reads three columns `a`, `b` and `c` in every way.
fn columns(yaml: &str) -> Mapping {
    let (mapping, found) = compile("mappings/fuzz.yaml", yaml.as_bytes());
    // The texts are constants of this module, and its tests compile each of them.
    mapping.unwrap_or_else(|| panic!("{found:?}"))
}

const READING: &str = "nulls: ['NA']\n\
    times: { formats: [rfc3339, unix_ms, '%Y-%m-%d'], zone: UTC }\n\
    numbers: { decimal: ',', thousands: '.' }\nmaps:\n  m: { x: y }\n\
    skip:\n  - { when: \"starts_with(a, 'skip')\", reason: told so }\n\
    events:\n  - kind: k\n    id: '{a}-{@row}'\n    occurred_at: '{b}'\n    \
    amount: round(c * 2 / 3 - 1, 2, half_even)\n    asset: EUR\n    dims: { d: '{map(m, a, b)}' }\n\
    controls:\n  - { name: t, kinds: [k], equals: c, when: c > 0, per: '{b}' }\n";

fn whole(mapping: &Mapping, data: &[u8]) {
    if let Ok(summary) = decode(mapping, Input::bytes(data), 0, &mut Look) {
        assert!(summary.rows >= summary.bad + summary.skipped);
        let resumed = decode(mapping, Input::bytes(data), summary.rows, &mut Look);
        assert!(resumed.is_ok_and(|resumed| resumed.events == 0 && resumed.rows == summary.rows));
    }
}

/// The native scanner: both roads must agree, line by line.
pub fn fuzz_scan(data: &[u8]) {
    let (mut fast, mut slow) = (Scanner::default(), Scanner::default());
    for line in crate::lines::split(data) {
        let (mut a, mut b) = (Spare::default().take(), Spare::default().take());
        let read = fast.scan(line, "s", &mut a);
        assert_eq!(read, slow.scan_slowly(line, "s", &mut b));
        assert!(read.is_err() || a == b);
    }
    let _ = decode_events("s", Input::bytes(data), 0, &mut Look);
}

/// CSV in three encodings.
pub fn fuzz_csv(data: &[u8]) {
    static MAPPINGS: LazyLock<Vec<Mapping>> = LazyLock::new(|| {
        let mapping = |encoding| {
            columns(&format!(
                "source: s\nformat: csv\nencoding: {encoding}\n\
                 csv: {{ columns: [a, b, c] }}\n{READING}"
            ))
        };
        ["utf-8", "euc-kr", "utf-16le"].map(mapping).into()
    });
    MAPPINGS.iter().for_each(|mapping| whole(mapping, data));
}

/// JSON documents and lines by mapping.
pub fn fuzz_json(data: &[u8]) {
    static MAPPINGS: LazyLock<Vec<Mapping>> = LazyLock::new(|| {
        let mapping = |format| columns(&format!("source: s\nformat: {format}\n{READING}"));
        ["json", "ndjson", "json\nrows: a.b"].map(mapping).into()
    });
    MAPPINGS.iter().for_each(|mapping| whole(mapping, data));
}

/// Parquet.
pub fn fuzz_parquet(data: &[u8]) {
    static MAPPING: LazyLock<Mapping> = LazyLock::new(|| fixed("parquet", ""));
    quietly();
    whole(&MAPPING, data);
}

/// Workbooks.
pub fn fuzz_xlsx(data: &[u8]) {
    static MAPPING: LazyLock<Mapping> = LazyLock::new(|| fixed("xlsx", ""));
    quietly();
    whole(&MAPPING, data);
}

/// Mapping files; a sound one is tried on a few rows.
pub fn fuzz_mapping(data: &[u8]) {
    let (mapping, found) = compile("mappings/fuzz.yaml", data);
    assert!(mapping.is_some() || !found.is_empty());
    let Some(mapping) = mapping.filter(|mapping| mapping.joins.is_empty()) else { return };
    for rows in [&b"a,b,c\n1,2,3\n"[..], b"{\"a\":1,\"b\":\"2\",\"c\":[3]}\n", b"[[{}]]"] {
        let _ = decode(&mapping, Input::bytes(rows), 0, &mut Look);
    }
}

/// Two schemas of a kind (`A`, `J` or `P` comes first) and a row, parted by zero bytes.
pub fn fuzz_schema(data: &[u8]) {
    quietly();
    let Some((first, rest)) = data.split_first() else { return };
    let kind = match first {
        b'A' => Kind::Avro,
        b'J' => Kind::Json,
        _ => Kind::Protobuf,
    };
    let mut parts = rest.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    let mut next = || parts.next().unwrap_or_default();
    let read = |text: &str| Schema::parse(kind, text, Vec::new()).ok();
    let (Some(old), new, row) = (read(&next()), read(&next()), next()) else { return };
    let again = read(&old.canonical());
    assert_eq!(again.map(|again| again.canonical()), Some(old.canonical()));
    let new = new.as_ref().unwrap_or(&old);
    let _ = (new.reads(&old), old.reads(new));
    if let Ok(row) = serde_json::from_str(&row) {
        let _ = (old.check(&row), new.check(&row));
    }
}

/// JSON in its one form, which is that of itself.
pub fn fuzz_jcs(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(form) = crate::jcs::canonical(text) else { return };
    let again = crate::jcs::canonical(&form.text);
    assert_eq!(again.as_ref().map(|again| again.text.as_str()), Ok(form.text.as_str()));
    assert!(again.is_ok_and(|again| again.is_exact), "nothing is lost a second time");
}

/// The readers of Parquet, of workbooks and of Protobuf may panic on hostile bytes; that is caught
/// and becomes an error. A fuzzer's hook would end the process before. A panic that nobody
/// catches ends it all the same; so that it can be told, every place of a panic is said once.
fn quietly() {
    static ONCE: Once = Once::new();
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let say = |panic: &std::panic::PanicHookInfo<'_>| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
        if said.insert(place) {
            eprintln!("{panic}");
        }
    };
    ONCE.call_once(|| std::panic::set_hook(Box::new(say)));
}
