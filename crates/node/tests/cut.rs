//! A measure that is cut by the close of rounds, end to end: periods, late closes and their
//! corrections, any order of ingestion, proofs, and `verify` clean throughout.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use engine::Command;
use proptest::prelude::*;
use settle::{LineKind, Statement};
use sim::disk::FaultDisk;
use sim::world::Field;
use support::input::Batch;
use support::rig::{NOW, Opening, Rig, book_files};

const FEED: &str = "feed-a";
const ROUNDS: &str = r"
agreement: rounds
from: house
to: studio-0
asset: EUR
zone: Asia/Seoul
period: month
terms:
  - version: 1
    steps:
      - select: { only: { provider: [studio-0] } }
      - sum: { name: ggr, measure: ggr-of-rounds }
      - round: { scale: 2, mode: half-up }
";
const MEASURE: &str = "  ggr-of-rounds:
    formula: stakes - wins
    cut: { by: round, closed_by: [win], within_days: 20 }
";

fn rig() -> Rig {
    let mut rig = Rig::open(&FaultDisk::new(1)).unwrap();
    let mut files = book_files(Field::Gaming);
    files.insert("agreements/rounds.yaml".to_owned(), ROUNDS.as_bytes().to_vec());
    files.get_mut("measures.yaml").unwrap().extend_from_slice(MEASURE.as_bytes());
    rig.command(Command::Book { revision: 1, files, reason: String::new() }).unwrap();
    rig
}

/// Id, kind, amount, day, and round; a rollback has what it cancels in place of the amount.
type Event = (&'static str, &'static str, &'static str, &'static str, &'static str);

fn line((id, kind, amount, day, round): &Event) -> Vec<u8> {
    let money = if *kind == "rollback" {
        format!("\"ref\":\"{amount}\"")
    } else {
        format!("\"amount\":\"{amount}\",\"asset\":\"EUR\"")
    };
    let round = if round.is_empty() { String::new() } else { format!(",\"round\":\"{round}\"") };
    let line = format!(
        "{{\"id\":\"{id}\",\"kind\":\"{kind}\",\"occurred_at\":\"{day}T03:00:00Z\",{money},\
         \"dims\":{{\"provider\":\"studio-0\",\"game\":\"crash\"{round}}}}}"
    );
    line.into_bytes()
}

fn ingest(rig: &mut Rig, events: &[Event]) {
    let lines = events.iter().map(line).collect();
    rig.ingest(&Batch { source: FEED.to_owned(), lines }).unwrap();
}

fn close(rig: &mut Rig, period: &str) -> Statement {
    let (closed, new) = rig.engine.close("rounds", period, NOW, "test").unwrap();
    assert!(new, "{period} was closed before");
    Statement::parse(&closed.body).unwrap()
}

/// Rounds over the end of January and of February, one that never closes, and no round.
const EVENTS: &[Event] = &[
    ("a1", "bet", "100", "2026-01-30", "a"),
    ("a2", "win", "30", "2026-02-01", "a"),
    ("a3", "bet", "7", "2026-02-03", "a"),
    ("b1", "bet", "50", "2026-01-31", "b"),
    ("b2", "bet", "5", "2026-01-31", ""),
    ("c1", "bet", "11", "2026-02-20", "c"),
    ("c2", "win", "1", "2026-02-25", "c"),
    ("c3", "rollback", "c2", "2026-02-25", ""),
    ("c4", "win", "2", "2026-03-02", "c"),
];
/// Closes round b in January, when January is closed.
const LATE: Event = ("b3", "win", "20", "2026-01-31", "b");

#[test]
fn rounds_count_when_they_close_and_late_closes_are_corrected() {
    let mut rig = rig();
    ingest(&mut rig, EVENTS);
    let payable = |statement: &Statement| statement.payable.canonical().to_string();
    // Only what has no round: a and b are open.
    assert_eq!(payable(&close(&mut rig, "2026-01")), "5");
    // Round a with what came after its close, and b, whose time is up.
    assert_eq!(payable(&close(&mut rig, "2026-02")), "127");
    ingest(&mut rig, &[LATE]);
    let march = close(&mut rig, "2026-03");
    // Round c; b closed in January with 30, and takes its 50 out of February.
    let corrections = march.lines.iter().filter(|line| line.kind == LineKind::Correction);
    let whole =
        corrections.filter(|line| !line.path.contains("/20-") && !line.path.contains("/30"));
    let told: Vec<String> = whole.map(|line| line.amount.canonical().to_string()).collect();
    assert_eq!(told, ["30", "-50"], "{march:#?}");
    assert_eq!(payable(&march), "-11");
    rig.must_verify("with a late close");
    let opening = Opening { wipe_store: true, ..Opening::default() };
    let again = Rig::open_with(&rig.disk, &opening).unwrap();
    assert_eq!(again.result(), rig.result(), "from the Log alone");
    rig.engine.checkpoint().unwrap();
    let key = proof::note::SigningKey::from_seed("house", [3; 32]).unwrap();
    for period in ["2026-01", "2026-02", "2026-03"] {
        let file = rig.engine.prove_statement("rounds", period, &key).unwrap();
        let report = file.check(&[key.verifier().clone()], None);
        let told: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        assert!(told.is_empty(), "{period}: {told:#?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_ingestion_and_lateness_do_not_matter(
        order in Just((0..10usize).collect::<Vec<_>>()).prop_shuffle(),
        late in prop::collection::vec(any::<bool>(), 10),
        size in 1..5usize,
    ) {
        let all: Vec<Event> = [EVENTS, &[LATE]].concat();
        // What is taken back comes with what takes it back, so that no close waits.
        let late = |at: usize| if all[at].0 == "c3" { late[6] } else { late[at] };
        let sums = |late: &dyn Fn(usize) -> bool, order: &[usize]| {
            let mut rig = rig();
            let some = |wanted: bool| -> Vec<Event> {
                order.iter().filter(|at| late(**at) == wanted).map(|at| all[*at]).collect()
            };
            some(false).chunks(size).for_each(|events| ingest(&mut rig, events));
            let mut closed = vec![close(&mut rig, "2026-01"), close(&mut rig, "2026-02")];
            some(true).chunks(size).for_each(|events| ingest(&mut rig, events));
            closed.push(close(&mut rig, "2026-03"));
            rig.must_verify("in any order");
            closed.iter().map(|statement| statement.payable.to_minor(4).unwrap()).sum::<i128>()
        };
        let plain: Vec<usize> = (0..10).collect();
        // 100 + 7 + 50 + 5 + 11 less 30, 20 and 2.
        prop_assert_eq!(sums(&|_| false, &plain), 1_210_000);
        prop_assert_eq!(sums(&late, &order), 1_210_000);
    }
}
