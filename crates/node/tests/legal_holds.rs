//! Legal holds: no road deletes what is held, whatever is done in whatever order.
#![allow(clippy::unwrap_used)] // a failing unwrap fails the test

use node::legal_hold::{self, NewHold};
use node::{Home, Purpose, Session, backup, clock};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

const SOURCES: [&str; 2] = ["feed-a", "feed-b"];
const DAY: i64 = 86_400_000_000_000;
const FIRST: i32 = 20_000;

fn open(dir: &Path) -> Session {
    Session::open(dir, None, Purpose::Change, &mut |_, _| {}).unwrap()
}

/// An operator with the gaming book, where the second source is one of the party studio-0.
fn home() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let files = node::init::template_book("gaming", "house").unwrap();
    let second = |text: Vec<u8>| {
        let text = String::from_utf8(text).unwrap();
        text.replace("feed-b: { kinds", "feed-b: { party: studio-0, kinds").into_bytes()
    };
    let files = files.into_iter().map(|(path, text)| (path, second(text))).collect();
    node::init::init(dir.path(), &files, "house").unwrap();
    dir
}

fn date(day: i32) -> String {
    clock::show_time(i64::from(day) * DAY)[..10].to_owned()
}

fn hold(party: bool, source: Option<usize>, days: Option<(i32, i32)>) -> NewHold {
    NewHold {
        party: party.then(|| "studio-0".to_owned()),
        source: source.map(|at| SOURCES[at].to_owned()),
        from: days.map(|(from, _)| date(from)),
        to: days.map(|(_, to)| date(to)),
        ordered_by: "Kim, counsel".to_owned(),
        reason: "case 17".to_owned(),
    }
}

/// Something that is done.
#[derive(Clone, Debug)]
enum Step {
    Bring(usize, i32, u8),
    Place(bool, Option<usize>, Option<(i32, i32)>),
    Lift,
    Sweep(i32),
    Forget(u8),
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let day = || FIRST..FIRST + 6;
    let days = (day(), 0..4).prop_map(|(from, more)| (from, from + more));
    let step = prop_oneof![
        4 => (0usize..2, day(), 0u8..3).prop_map(|(s, d, p)| Step::Bring(s, d, p)),
        2 => (any::<bool>(), proptest::option::of(0usize..2), proptest::option::of(days))
            .prop_map(|(p, s, d)| Step::Place(p, s, d)),
        1 => Just(Step::Lift),
        3 => (FIRST..FIRST + 8).prop_map(Step::Sweep),
        2 => (0u8..3).prop_map(Step::Forget),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..24)
}

/// What is held now, by the letter of the holds: source, day.
fn is_held(holds: &[(String, NewHold)], source: &str, day: i32) -> bool {
    holds.iter().any(|(_, hold)| {
        let days = hold.from.as_ref().is_none_or(|from| *from <= date(day))
            && hold.to.as_ref().is_none_or(|to| date(day) <= *to);
        // Both sources may have rows of studio-0: one is its own, one is nobody's.
        days && hold.source.as_ref().is_none_or(|own| own == source)
    })
}

/// Kept rows by block: source, day, person, bytes.
type Rows = BTreeMap<u64, (String, i32, u8, Vec<u8>)>;

fn do_step(
    session: &mut Session,
    step: &Step,
    rows: &mut Rows,
    holds: &mut Vec<(String, NewHold)>,
) {
    let retention = i32::try_from(session.place.raw_retention_days).unwrap();
    match step {
        Step::Bring(source, day, person) => {
            let text = format!("{{\"player\":\"p-{person}\",\"n\":{}}}\n", rows.len());
            let raw = &session.operator.raw;
            let block = raw.append(SOURCES[*source], *day, text.as_bytes()).unwrap();
            raw.flush().unwrap();
            rows.insert(block, (SOURCES[*source].to_owned(), *day, *person, text.into_bytes()));
        }
        Step::Place(party, source, days) => {
            let new = hold(*party, *source, *days);
            match legal_hold::place(session, &new) {
                Ok((id, _)) => holds.push((id, new)),
                Err(error) => {
                    assert_eq!(error.code(), "E8391");
                    assert!(!party && source.is_none() && days.is_none(), "{new:?}");
                }
            }
        }
        Step::Lift => {
            if let Some((id, _)) = holds.pop() {
                legal_hold::lift(session, &id, "Lee, counsel", "settled").unwrap();
            }
        }
        Step::Sweep(today) => {
            session.expire_raw_on(today + retention).unwrap();
            rows.retain(|_, (source, day, ..)| *day >= *today || is_held(holds, source, *day));
        }
        Step::Forget(person) => {
            let named = |row: &&(String, i32, u8, Vec<u8>)| row.2 == *person;
            let held = rows.values().filter(named).any(|(s, d, ..)| is_held(holds, s, *d));
            let operator = &mut session.operator;
            let (vault, raw) = (operator.vault.clone(), operator.raw.clone());
            let subject = format!("p-{person}");
            let now = (clock::now_nanos(), "kim");
            let (vault, raw) = (vault.as_ref(), raw.as_ref());
            let done = node::forget::forget(&mut operator.engine, vault, raw, &subject, now);
            assert_eq!(done.as_ref().err().map(node::NodeError::code), held.then_some("E8390"));
            if !held {
                for row in rows.values_mut().filter(|row| row.2 == *person) {
                    let end = row.3.len() - 1;
                    row.3[..end].fill(b' ');
                    // Nobody is named there any more.
                    row.2 = 99;
                }
            }
        }
        Step::Reopen => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_held_stays_as_it_is(steps in steps()) {
        let dir = home();
        let mut session = Some(open(dir.path()));
        let (mut rows, mut holds) = (Rows::new(), Vec::new());
        for step in &steps {
            if matches!(step, Step::Reopen) {
                session = None;
            }
            let session = session.get_or_insert_with(|| open(dir.path()));
            do_step(session, step, &mut rows, &mut holds);
            let mut kept = Vec::new();
            session.operator.raw.blocks(&mut |place| kept.push(place.block));
            let known: Vec<u64> = rows.keys().copied().collect();
            prop_assert_eq!(kept, known, "after {:?} of {:?}", step, steps);
            for (block, (.., bytes)) in &rows {
                let found = session.operator.raw.read(*block).unwrap();
                prop_assert_eq!(found.as_ref(), Some(bytes), "after {:?} of {:?}", step, steps);
            }
        }
    }
}

#[test]
fn a_hold_goes_with_a_backup_and_is_lifted_once() {
    let dir = home();
    let mut session = open(dir.path());
    let text = b"{\"player\":\"p-1\"}\n";
    let block = session.operator.raw.append("feed-a", FIRST, text).unwrap();
    session.operator.raw.flush().unwrap();
    let (id, _) = legal_hold::place(&mut session, &hold(false, Some(0), None)).unwrap();
    session.checkpoint().unwrap();
    let (copy, again) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let out = copy.path().join("backup");
    backup::backup(&Home::open(dir.path()).unwrap(), &out, true, 0).unwrap();
    let to = again.path().join("restored");
    backup::restore(&out, &to, None).unwrap();
    let far = FIRST + 10_000;
    let mut restored = open(&to);
    assert_eq!(restored.expire_raw_on(far).unwrap(), 0);
    assert_eq!(restored.operator.raw.read(block).unwrap().as_deref(), Some(&text[..]));
    let rows = restored.raw_rows().unwrap();
    assert_eq!((rows[0].due, &rows[0].held_by), (None, &vec![id.clone()]));
    for (id, ordered_by, reason, code) in [
        ("nobody", "Lee", "settled", Some("E8392")),
        (&*id, "", "settled", Some("E8391")),
        (&*id, "Lee", " ", Some("E8391")),
        (&*id, "Lee", "settled", None),
        (&*id, "Lee", "settled", Some("E8392")),
    ] {
        let lifted = legal_hold::lift(&mut restored, id, ordered_by, reason);
        assert_eq!(lifted.err().map(|error| error.code()), code, "{id} {ordered_by} {reason}");
    }
    assert_eq!(restored.expire_raw_on(far).unwrap(), 1);
    assert_eq!(restored.operator.raw.read(block).unwrap(), None);
}
