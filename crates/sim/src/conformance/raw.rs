//! What every raw store must do.

use super::Reopen;
use engine::port::{PortFault, RawStore};

/// Runs the suite on fresh places.
///
/// # Panics
/// When the raw store does not do what it must.
pub fn run(fresh: &dyn Fn() -> Reopen<dyn RawStore>) {
    let cases: [(&str, fn(Reopen<dyn RawStore>)); 5] = [
        ("reads what was appended", reads_back),
        ("several threads append", threads),
        ("rewrites", rewrites),
        ("expires", expires),
        ("refuses", refuses),
    ];
    for (name, case) in cases {
        eprintln!("raw: {name}");
        case(fresh());
    }
}

/// Rows that differ by `seed`: lines that have much in common for every other seed.
pub fn rows(seed: u64, bytes: usize) -> Vec<u8> {
    if seed % 2 == 1 {
        let line = |n: u64| format!("{{\"id\":\"{seed}-{n}\",\"amount\":\"{}\"}}\n", n * n * seed);
        return (0..).map(line).flat_map(String::into_bytes).take(bytes).collect();
    }
    crate::rng::mix(seed + 1).to_le_bytes().iter().copied().cycle().take(bytes).collect()
}

fn reads_back(mut place: Reopen<dyn RawStore>) {
    let mut kept: Vec<(u64, Vec<u8>)> = Vec::new();
    for round in 0..3_u64 {
        let raw = place();
        for index in 0..20_u64 {
            let source = ["studio-a", "b"][usize::from(index % 3 == 0)];
            let day = 20_000 + i32::try_from(round).unwrap_or(0);
            let rows = rows(round * 100 + index, 900 * usize::try_from(index % 5).unwrap_or(0));
            let id = raw.append(source, day, &rows).expect("appends");
            assert_eq!(id, kept.len() as u64, "ids are dense");
            kept.push((id, rows));
        }
        raw.flush().expect("flushes");
        for (id, rows) in &kept {
            assert_eq!(raw.read(*id).expect("reads").as_ref(), Some(rows), "block {id}");
        }
    }
    let raw = place();
    for (id, rows) in &kept {
        assert_eq!(raw.read(*id).expect("reads").as_ref(), Some(rows), "block {id}");
    }
}

fn threads(mut place: Reopen<dyn RawStore>) {
    let raw = place();
    let appended = std::thread::scope(|scope| {
        let append = |thread: u64| {
            let raw = &*raw;
            move || {
                let one = |index| {
                    let rows = rows(thread * 1000 + index, 500);
                    (raw.append("many", 1, &rows).expect("appends"), rows)
                };
                (0..25).map(one).collect::<Vec<_>>()
            }
        };
        let all: Vec<_> = (0..4).map(|thread| scope.spawn(append(thread))).collect();
        let joined = all.into_iter().map(|thread| thread.join().expect("a thread ends well"));
        joined.flatten().collect::<Vec<_>>()
    });
    raw.flush().expect("flushes");
    drop(raw);
    let raw = place();
    let mut ids: Vec<_> = appended.iter().map(|(id, _)| *id).collect();
    ids.sort_unstable();
    assert!(ids.iter().copied().eq(0..100), "ids are dense");
    for (id, rows) in appended {
        assert_eq!(raw.read(id).expect("reads"), Some(rows));
    }
}

fn rewrites(mut place: Reopen<dyn RawStore>) {
    let raw = place();
    for index in 0..12 {
        let day = if index % 2 == 0 { 7 } else { 8 };
        raw.append("s", day, &rows(index, 700)).expect("appends");
    }
    raw.flush().expect("flushes");
    let edit = &mut |id: u64, rows: &mut [u8]| {
        if id == 4 || id == 6 {
            rows[..100].fill(b'*');
        }
        id == 4 || id == 6
    };
    assert_eq!(raw.rewrite(edit).expect("rewrites"), 2);
    let check = |raw: &dyn RawStore| {
        for id in 0..12 {
            let mut expected = rows(id, 700);
            if id == 4 || id == 6 {
                expected[..100].fill(b'*');
            }
            assert_eq!(raw.read(id).expect("reads"), Some(expected), "block {id}");
        }
    };
    check(&*raw);
    drop(raw);
    let raw = place();
    check(&*raw);
    assert_eq!(raw.append("s", 7, &rows(12, 10)).expect("appends"), 12);
    assert_eq!(raw.rewrite(&mut |_, _| false).expect("nothing to do"), 0);
    check(&*raw);
}

fn expires(mut place: Reopen<dyn RawStore>) {
    let raw = place();
    for index in 0..9 {
        raw.append("s", 10 + i32::try_from(index % 3).unwrap_or(0), &rows(index, 50))
            .expect("appends");
    }
    raw.flush().expect("flushes");
    assert_eq!(raw.expire(10, &|_, _| false).expect("expires nothing"), 0);
    assert_eq!(raw.expire(12, &|_, _| false).expect("expires"), 6);
    let check = |raw: &dyn RawStore| {
        for id in 0..9 {
            let expected = (id % 3 == 2).then(|| rows(id, 50));
            assert_eq!(raw.read(id).expect("reads"), expected, "block {id}");
        }
    };
    check(&*raw);
    drop(raw);
    let raw = place();
    check(&*raw);
    let all = |raw: &dyn RawStore| {
        let mut found = Vec::new();
        raw.blocks(&mut |place| found.push((place.block, place.source.to_owned(), place.day)));
        found
    };
    let left: Vec<_> = [2, 5, 8].map(|block| (block, "s".to_owned(), 12)).into();
    assert_eq!(all(&*raw), left);
    assert_eq!(raw.expire(99, &|source, day| (source, day) == ("s", 12)).expect("held"), 0);
    check(&*raw);
    drop(raw);
    let raw = place();
    check(&*raw);
    assert_eq!(all(&*raw), left, "held through an opening");
    assert_eq!(raw.expire(99, &|_, _| false).expect("expires"), 3);
    drop(raw);
    let raw = place();
    assert_eq!(raw.append("s", 100, b"x").expect("appends"), 9, "ids are not used again");
    assert_eq!(raw.read(8).expect("reads"), None);
}

fn refuses(mut place: Reopen<dyn RawStore>) {
    let raw = place();
    for source in ["", "UPPER", "a/b", "..", "a b", &"x".repeat(65)] {
        let fault = raw.append(source, 1, b"x").map_err(|error| error.fault);
        assert_eq!(fault, Err(PortFault::Limit), "source {source:?}");
    }
    assert_eq!(raw.read(0).map_err(|error| error.fault), Err(PortFault::Missing));
    assert_eq!(raw.append("s", 1, b"").expect("no row is fine"), 0);
    assert_eq!(raw.read(0).expect("reads"), Some(Vec::new()));
}
