//! Agreements that read finer sums and windows, and that keep balances: closing, late events and
//! their corrections, all orders of ingestion, and `verify` clean throughout.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use engine::{Command, EngineError};
use proptest::prelude::*;
use settle::{LineKind, Statement};
use sim::disk::FaultDisk;
use sim::world::Field;
use support::input::Batch;
use support::rig::{NOW, Opening, Rig, book_files};

const FEED: &str = "feed-a";

/// Ten percent of what two partners bring, an eighth of it held for forty days.
const SHOPS: &str = r#"
agreement: shops
title: { en: Shops }
from: house
to: shop-network
asset: EUR
zone: Asia/Seoul
period: month
terms:
  - version: 1
    steps:
      - select: { only: { partner: [shop-1, shop-2], kind: [bet] } }
      - sum: { name: brought, measure: stakes }
      - share: { rate: "10%", round: { scale: 2, mode: half-up } }
      - reserve: { rolling: { rate: "12.5%", days: 40, round: { scale: 2, mode: half-up } } }
      - round: { scale: 2, mode: half-up }
"#;

/// A share of the first ten days and of the whole month, without balances.
const DAYS: &str = r#"
agreement: days
title: { en: Days }
from: house
to: studio-0
asset: EUR
zone: Europe/Berlin
period: month
terms:
  - version: 1
    steps:
      - sum: { name: ggr, measure: ggr }
      - share: { rate: "20%" }
      - round: { scale: 2, mode: half-up }
"#;

fn rig() -> Rig {
    let mut rig = Rig::open(&FaultDisk::new(1)).unwrap();
    let mut files = book_files(Field::Gaming);
    for (name, text) in [("shops", SHOPS), ("days", DAYS)] {
        files.insert(format!("agreements/{name}.yaml"), text.as_bytes().to_vec());
    }
    rig.command(Command::Book { revision: 1, files, reason: String::new() }).unwrap();
    rig
}

/// One event: id, kind, amount, time, partner, and what it refers to.
type Event = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

fn line((id, kind, amount, at, partner, original): &Event) -> String {
    let of = |key: &str, text: &str| match text {
        "" => String::new(),
        text => format!(",\"{key}\":\"{text}\""),
    };
    let money = if amount.is_empty() { String::new() } else { ",\"asset\":\"EUR\"".to_owned() };
    format!(
        "{{\"id\":\"{id}\",\"kind\":\"{kind}\",\"occurred_at\":\"{at}:00Z\"{}{money},\"dims\":\
         {{\"provider\":\"studio-0\",\"game\":\"crash\",\"player\":\"p-{id}\"{}}}{}}}",
        of("amount", amount),
        of("partner", partner),
        of("ref", original)
    )
}

fn ingest(rig: &mut Rig, events: &[Event]) {
    let lines = events.iter().map(|event| line(event).into_bytes()).collect();
    rig.ingest(&Batch { source: FEED.to_owned(), lines }).unwrap();
}

fn close(rig: &mut Rig, agreement: &str, period: &str) -> Statement {
    let (closed, new) = rig.engine.close(agreement, period, NOW, "test").unwrap();
    assert!(new, "{agreement} {period} was closed before");
    Statement::parse(&closed.body).unwrap()
}

fn amounts(statement: &Statement) -> String {
    let lines = statement.lines.iter().filter(|line| line.kind != LineKind::Select);
    let shown = lines.map(|line| {
        let path = line.path.split_once('-').unwrap().1;
        format!("{path} {}", line.amount.canonical())
    });
    format!("{} = {}", shown.collect::<Vec<_>>().join(", "), statement.payable.canonical())
}

const JANUARY: &[Event] = &[
    ("j1", "bet", "100", "2026-01-05T10:00", "shop-1", ""),
    ("j2", "bet", "60", "2026-01-06T10:00", "shop-2", ""),
    ("j3", "bet", "40", "2026-01-06T11:00", "shop-3", ""),
    ("j4", "bet", "30", "2026-01-07T11:00", "shop-1", ""),
    ("j5", "win", "7", "2026-01-07T12:00", "shop-1", "j4"),
    ("j6", "rollback", "", "2026-01-08T12:00", "", "j4"),
    // 2026-02-01 in Seoul.
    ("j7", "bet", "500", "2026-01-31T15:00", "shop-1", ""),
];
const FEBRUARY: &[Event] = &[
    ("f1", "bet", "200", "2026-02-10T10:00", "shop-1", ""),
    ("f2", "bet", "9", "2026-02-11T10:00", "", ""),
];
const MARCH: &[Event] = &[("m1", "bet", "80", "2026-03-10T10:00", "shop-2", "")];
/// Of January, but in nobody's statement of it.
const LATE: &[Event] = &[
    ("l1", "bet", "16", "2026-01-20T10:00", "shop-1", ""),
    ("l2", "rollback", "", "2026-01-21T10:00", "", "j2"),
];

/// The body lines of a statement that correct nothing.
fn own(statement: &Statement) -> Vec<settle::Line> {
    let own = statement.lines.iter().filter(|line| line.kind != LineKind::Correction);
    own.cloned().collect()
}

fn sum(statements: &[Statement]) -> ledger::Decimal {
    let add = |sum: ledger::Decimal, statement: &Statement| {
        sum.checked_add(statement.payable).unwrap().canonical()
    };
    statements.iter().fold(ledger::Decimal::ZERO, add)
}

#[test]
fn late_events_are_corrected_in_the_open_period_and_change_what_follows() {
    let mut rig = rig();
    ingest(&mut rig, JANUARY);
    // 160 brought: what was cancelled nets to nothing, and the last is of February in Seoul.
    let january = close(&mut rig, "shops", "2026-01");
    assert_eq!(
        amounts(&january),
        "brought 160, share 16, reserve/opening 0, reserve/held/2026-03-12 2, reserve 2, round 0 \
         = 14"
    );
    ingest(&mut rig, FEBRUARY);
    let february = close(&mut rig, "shops", "2026-02");
    assert_eq!(
        amounts(&february),
        "brought 700, share 70, reserve/opening 2, reserve/held/2026-04-09 8.75, reserve 10.75, \
         round 0 = 61.25"
    );
    assert_eq!(february.previous.as_ref().unwrap().id, "shops:2026-01:1");
    ingest(&mut rig, LATE);
    ingest(&mut rig, MARCH);
    // 116 brought in January: a share of 11.60, 1.45 of it held, 10.15 to pay instead of 14.
    let march = close(&mut rig, "shops", "2026-03");
    assert_eq!(
        amounts(&march),
        "brought 80, share 8, reserve/opening 10.2, reserve/released/2026-03-12 1.45, \
         reserve/held/2026-05-10 1, reserve 9.75, round 0, correction/2026-01/20-brought -44, \
         correction/2026-01/30-share -4.4, correction/2026-01/40-reserve/held/2026-03-12 -0.55, \
         correction/2026-01/40-reserve -0.55, correction/2026-01/balance.reserve/2026-03-12 \
         -0.55, correction/2026-01 -3.85, correction/2026-02/40-reserve/opening -0.55, \
         correction/2026-02/40-reserve -0.55, correction/2026-02/balance.reserve/2026-03-12 \
         -0.55, correction/2026-02 0 = 4.6"
    );
    rig.must_verify("with corrections");
    // Nothing is corrected twice.
    ingest(&mut rig, &[("a1", "bet", "8", "2026-04-10T10:00", "shop-2", "")]);
    let april = close(&mut rig, "shops", "2026-04");
    assert_eq!(own(&april), april.lines, "{}", amounts(&april));
    rig.must_verify("after them");
    let opening = Opening { wipe_store: true, ..Opening::default() };
    let again = Rig::open_with(&rig.disk, &opening).unwrap();
    assert_eq!(again.result(), rig.result(), "from the Log alone");
    again.must_verify("from the Log alone");
}

#[test]
fn statements_of_finer_sums_are_proved_and_explained() {
    let mut rig = rig();
    ingest(&mut rig, JANUARY);
    close(&mut rig, "shops", "2026-01");
    ingest(&mut rig, LATE);
    ingest(&mut rig, FEBRUARY);
    let february = close(&mut rig, "shops", "2026-02");
    rig.engine.checkpoint().unwrap();
    let key = proof::note::SigningKey::from_seed("house", [3; 32]).unwrap();
    let keys = [key.verifier().clone()];
    let mine: Vec<_> = [JANUARY, LATE, FEBRUARY]
        .concat()
        .iter()
        .map(|event| {
            let located = rig.engine.event(FEED, event.0).unwrap();
            let canonical = located.event_record().unwrap().canonical.to_vec();
            proof::statement_file::MyEvent { canonical }
        })
        .collect();
    for (period, events) in [("2026-01", 4), ("2026-02", 2)] {
        let file = rig.engine.prove_statement("shops", period, &key).unwrap();
        assert_eq!(file.events.count(), events, "{period}");
        let early: Vec<_> = mine
            .iter()
            .filter(|event| {
                let event = ledger::EventView::decode(&event.canonical).unwrap();
                period != "2026-01" || !event.id.starts_with('l')
            })
            .cloned()
            .collect();
        let report = file.check(&keys, Some(&mut early.into_iter()));
        let told: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        assert!(told.is_empty(), "{period}: {told:#?}");
        assert!(report.compared.unwrap().sums_posted, "{period}");
    }
    let explained = |path: &str| {
        let line = february.line(path).unwrap();
        let story = rig.engine.line_story(&line.id).unwrap().line;
        let accounts = story.measures.iter().flat_map(|measure| &measure.accounts);
        let accounts: Vec<String> = accounts.map(|part| part.path.clone()).collect();
        let events = story.measures.iter().map(|measure| measure.events.len()).sum::<usize>();
        (story.taken_of.join(" "), accounts.join(" "), events)
    };
    let none = || (String::new(), 0);
    let of = |taken: &str| (taken.to_owned(), none().0, none().1);
    assert_eq!(
        explained("20-brought"),
        (String::new(), "play:studio-0:crash:stakes*kind=bet*partner=shop-1".to_owned(), 2)
    );
    assert_eq!(explained("40-reserve/opening").0, "shops:2026-01:1/40-reserve");
    assert_eq!(explained("60-correction/2026-01"), of("shops:2026-01:1"));
    let share = explained("60-correction/2026-01/30-share");
    assert_eq!(share, of("shops:2026-01:1/30-share"));
}

#[test]
fn balances_go_from_one_period_to_the_next_without_a_gap() {
    let mut rig = rig();
    ingest(&mut rig, JANUARY);
    ingest(&mut rig, FEBRUARY);
    close(&mut rig, "shops", "2026-01");
    let mut blocked = |period: &str, expected: &str| {
        let error = rig.engine.close("shops", period, NOW, "test").unwrap_err();
        assert!(matches!(error, EngineError::Blocked(_)), "{period}: {error}");
        assert!(error.to_string().contains(expected), "{period}: {error}");
    };
    blocked("2026-03", "saldo close 2026-02 --agreement shops");
    blocked("2025-12", "closed for 2026-01 already");
    close(&mut rig, "shops", "2026-02");
    close(&mut rig, "shops", "2026-03");
    // Without balances the order is free.
    for period in ["2026-02", "2026-01", "2026-03"] {
        let statement = close(&mut rig, "days", period);
        assert_eq!(statement.previous, None, "{period}");
    }
    rig.must_verify("in any order");
}

/// Closes three months of both agreements; `late` (by place in all events) come after the close
/// of February, the rest before in the order of `order`.
fn three_months(late: &[bool], order: &[usize], size: usize) -> Vec<Vec<Statement>> {
    let all: Vec<Event> = [JANUARY, FEBRUARY, MARCH, LATE].concat();
    let late = |at: &usize| late.get(*at).copied().unwrap_or(false);
    let mut rig = rig();
    let on_time: Vec<Event> = order.iter().filter(|at| !late(at)).map(|at| all[*at]).collect();
    on_time.chunks(size).for_each(|events| ingest(&mut rig, events));
    let names = ["shops", "days"];
    let mut closed = names
        .map(|name| ["2026-01", "2026-02"].map(|period| close(&mut rig, name, period)).to_vec());
    let rest: Vec<Event> = order.iter().filter(|at| late(at)).map(|at| all[*at]).collect();
    rest.chunks(size).for_each(|events| ingest(&mut rig, events));
    for (name, closed) in names.iter().zip(&mut closed) {
        closed.push(close(&mut rig, name, "2026-03"));
    }
    rig.must_verify("three months");
    closed.to_vec()
}

/// Whether every event comes with what it refers to, so that no close is blocked.
fn complete(late: &[bool], all: &[Event]) -> bool {
    let place = |id: &str| all.iter().position(|event| event.0 == id);
    let sound = |(at, event): (usize, &Event)| {
        late[at] || place(event.5).is_none_or(|original| !late[original])
    };
    all.iter().enumerate().all(sound)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn late_events_come_to_what_they_would_have_on_time(
        late in prop::collection::vec(any::<bool>(), 12),
        order in Just((0..12usize).collect::<Vec<_>>()).prop_shuffle(),
        other in Just((0..12usize).collect::<Vec<_>>()).prop_shuffle(),
        size in 1..5usize,
    ) {
        let all: Vec<Event> = [JANUARY, FEBRUARY, MARCH, LATE].concat();
        prop_assume!(complete(&late, &all));
        let on_time = three_months(&[], &order, size);
        let with_late = three_months(&late, &order, size);
        let bodies = |all: &[Vec<Statement>]| -> Vec<Vec<u8>> {
            all.iter().flatten().map(Statement::body).collect()
        };
        let shuffled = three_months(&late, &other, 12);
        prop_assert_eq!(bodies(&with_late), bodies(&shuffled), "another order");
        for (on_time, with_late) in on_time.iter().zip(&with_late) {
            let (last, last_late) = (&on_time[2], &with_late[2]);
            prop_assert_eq!(sum(on_time), sum(with_late), "what is paid in all");
            prop_assert_eq!(own(last), own(last_late), "the open period's own lines");
            prop_assert_eq!(&last.closing, &last_late.closing, "what is left");
            prop_assert_eq!(own(last), last.lines.clone(), "on time, nothing is corrected");
        }
    }
}
