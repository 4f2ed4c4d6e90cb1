//! What the tests of decoders share: a sink that keeps everything, the shipped mappings, and the
//! folder of real data where there is one.
#![allow(dead_code)] // each test binary uses a part of it

use book::mapping::{Mapping, compile};
use formats::{ControlFinding, Failure, Sink, Stop};
use ledger::{Decimal, Draft};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// An event with everything owned, dimensions sorted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    pub source: String,
    pub id: String,
    pub kind: String,
    pub occurred_at: i64,
    pub amount: Option<Decimal>,
    pub asset: Option<String>,
    pub dims: Vec<(String, String)>,
    pub reference: Option<(String, String)>,
}

impl Event {
    pub fn of(draft: &Draft<'_>) -> Self {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        Self {
            source: draft.source.to_owned(),
            id: draft.id.to_owned(),
            kind: draft.kind.to_owned(),
            occurred_at: draft.occurred_at,
            amount: draft.amount,
            asset: draft.asset.map(str::to_owned),
            dims: draft.dims.iter().map(|dim| pair(dim.name, dim.value)).collect(),
            reference: draft.reference.map(|to| pair(to.source, to.id)),
        }
    }

    pub fn dim(&self, name: &str) -> &str {
        self.dims.iter().find(|dim| dim.0 == name).map_or("", |dim| &dim.1)
    }
}

/// Keeps what a decoder hands over; stops after `stop_after` events.
#[derive(Debug, Default)]
pub struct Keep {
    pub events: Vec<(u64, Event, String)>,
    pub bad: Vec<(u64, Failure, String)>,
    pub skipped: Vec<(u64, String)>,
    pub findings: Vec<ControlFinding>,
    pub stop_after: Option<usize>,
    pub progress: (u64, u64),
}

impl Sink for Keep {
    fn event(&mut self, row: u64, draft: &mut Draft<'_>, raw: &[u8]) -> Result<(), Stop> {
        if self.stop_after.is_some_and(|most| self.events.len() >= most) {
            return Err(Stop);
        }
        draft.check_envelope().unwrap_or_else(|reject| panic!("row {row}: {reject}"));
        let raw = std::str::from_utf8(raw).expect("rows with events are UTF-8").to_owned();
        self.events.push((row, Event::of(draft), raw));
        Ok(())
    }

    fn bad(&mut self, row: u64, failure: &Failure, raw: &[u8]) -> Result<(), Stop> {
        self.bad.push((row, failure.clone(), String::from_utf8_lossy(raw).into_owned()));
        Ok(())
    }

    fn skipped(&mut self, row: u64, reason: &str) {
        self.skipped.push((row, reason.to_owned()));
    }

    fn control(&mut self, finding: ControlFinding) {
        self.findings.push(finding);
    }

    fn progress(&mut self, row: u64, bytes: u64) {
        assert!((row, bytes) > self.progress, "progress goes forward");
        self.progress = (row, bytes);
    }
}

/// A mapping that must be without mistakes.
pub fn mapping(yaml: &str) -> Mapping {
    let (mapping, found) = compile("mappings/test.yaml", yaml.as_bytes());
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    mapping.unwrap_or_else(|| panic!("{}", found.join("\n")))
}

/// A mapping of an example book.
pub fn shipped(example: &str, name: &str) -> Mapping {
    let path = workspace().join(format!("examples/{example}/book/mappings/{name}.yaml"));
    let yaml = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    mapping(&yaml)
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/formats is two deep")
}

/// A folder of the real data; says so and is `None` where it is not there.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("SALDO_SHARED").map(PathBuf::from);
    let root = root.unwrap_or_else(|| workspace().join("../shared"));
    let path = root.join("data").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("ignored: {folder} is not there");
    None
}

/// Count and sum of the amounts, by what `key` says.
pub fn sums<'e>(
    events: impl IntoIterator<Item = &'e Event>,
    key: impl Fn(&Event) -> String,
) -> BTreeMap<String, (u64, Decimal)> {
    let mut sums = BTreeMap::new();
    for event in events {
        let sum: &mut (u64, Decimal) = sums.entry(key(event)).or_default();
        sum.0 += 1;
        sum.1 = sum.1.checked_add(event.amount.unwrap_or_default()).expect("sums fit");
    }
    sums
}
