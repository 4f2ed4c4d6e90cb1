//! What every Log must do.

use super::Reopen;
use engine::port::{Fetched, Frame, FrameKind, Log, PortFault};

/// Runs the suite on fresh places.
///
/// # Panics
/// When the Log does not do what it must.
pub fn run(fresh: &dyn Fn() -> Reopen<dyn Log>) {
    let cases: [(&str, fn(Reopen<dyn Log>)); 6] = [
        ("an empty log", empty),
        ("reads what was appended", reads_back),
        ("positions are dense", dense),
        ("a reader follows", follows),
        ("keeps what was flushed", keeps),
        ("refuses what is not a frame", refuses),
    ];
    for (name, case) in cases {
        eprintln!("log: {name}");
        case(fresh());
    }
}

/// A frame of `count` records of about `bytes` bytes that all differ by `seed`.
pub fn frame(seed: u64, count: u32, bytes: usize) -> Frame {
    let mut records = Vec::new();
    let mut ends = Vec::new();
    for index in 0..u64::from(count) {
        let length = bytes + usize::try_from(crate::rng::mix(seed ^ index) % 7).unwrap_or(0);
        let word = crate::rng::mix(seed.wrapping_mul(1009) + index).to_le_bytes();
        records.extend(word.iter().map(|byte| byte | 1).cycle().take(length));
        ends.push(u32::try_from(records.len()).expect("a test frame is small"));
    }
    let kind = if seed.is_multiple_of(3) { FrameKind::Control } else { FrameKind::Events };
    Frame { kind, header: format!("header-{seed}").into_bytes(), records, ends }
}

/// Checks that `log` holds exactly `frames` from position `first` on, by reader and by fetch.
///
/// # Panics
/// When it does not.
pub fn check_holds(log: &dyn Log, first: u64, frames: &[Frame]) {
    let mut reader = log.reader(first).expect("a reader opens");
    let mut position = first;
    let (mut header, mut record) = (Vec::new(), Vec::new());
    for frame in frames {
        let view = reader.next_frame().expect("a frame reads").expect("there is a frame");
        assert_eq!((view.first, view.kind), (position, frame.kind));
        assert_eq!((view.header, view.records), (&frame.header[..], &frame.records[..]));
        assert_eq!(view.len(), frame.ends.len());
        for index in 0..view.len() {
            let found = log.fetch(position, &mut header, &mut record).expect("a record is fetched");
            assert_eq!(found, Fetched { kind: frame.kind, first: view.first });
            assert_eq!(header, frame.header);
            assert_eq!(Some(&record[..]), view.record(index), "position {position}");
            position += 1;
        }
    }
    assert!(reader.next_frame().expect("the end reads").is_none(), "a frame too many");
    assert_eq!(log.end(), position, "end of the log");
}

fn empty(mut place: Reopen<dyn Log>) {
    for _ in 0..2 {
        let log = place();
        assert_eq!((log.end(), log.durable_end()), (0, 0));
        assert_eq!(log.append(&[]).expect("nothing is appended"), 0);
        assert_eq!(log.flush().expect("nothing is flushed"), 0);
        check_holds(&*log, 0, &[]);
    }
}

fn reads_back(mut place: Reopen<dyn Log>) {
    let log = place();
    let frames: Vec<_> =
        (0..40).zip((1..10).cycle()).map(|(seed, count)| frame(seed, count, 150)).collect();
    for chunk in frames.chunks(3) {
        log.append(chunk).expect("appends");
    }
    check_holds(&*log, 0, &frames);
    log.flush().expect("flushes");
    drop(log);
    check_holds(&*place(), 0, &frames);
}

fn dense(mut place: Reopen<dyn Log>) {
    let log = place();
    let mut end = 0;
    for seed in 0..30 {
        let count = 1 + u32::try_from(seed).unwrap_or(0) % 5;
        assert_eq!(log.append(&[frame(seed, count, 20)]).expect("appends"), end);
        end += u64::from(count);
        assert_eq!(log.end(), end);
        assert!(log.durable_end() <= end);
    }
    assert_eq!(log.flush().expect("flushes"), end);
    assert_eq!(log.durable_end(), end);
}

fn follows(mut place: Reopen<dyn Log>) {
    let log = place();
    let mut reader = log.reader(0).expect("opens");
    for seed in 0..20 {
        assert!(reader.next_frame().expect("reads").is_none());
        let frame = frame(seed, 2, 3000);
        let first = log.append(std::slice::from_ref(&frame)).expect("appends");
        let view = reader.next_frame().expect("reads").expect("follows");
        assert_eq!((view.first, view.records), (first, &frame.records[..]));
    }
    let late = log.reader(13).expect("opens").next_frame().expect("reads").map(|view| view.first);
    assert_eq!(late, Some(12), "a reader begins at the frame that holds its position");
}

fn keeps(mut place: Reopen<dyn Log>) {
    let mut frames = Vec::new();
    for round in 0..6_u64 {
        let log = place();
        check_holds(&*log, 0, &frames);
        assert_eq!(log.durable_end(), log.end(), "what is found is durable");
        for seed in 0..5 {
            let frame = frame(round * 10 + seed, 3, 400);
            log.append(std::slice::from_ref(&frame)).expect("appends");
            frames.push(frame);
        }
        log.flush().expect("flushes");
    }
}

fn refuses(mut place: Reopen<dyn Log>) {
    let log = place();
    let good = frame(1, 2, 30);
    let no_record = Frame { records: Vec::new(), ends: Vec::new(), ..good.clone() };
    let cut = Frame { ends: vec![10], ..good.clone() };
    let backward = Frame { ends: vec![40, 20, 62], ..good.clone() };
    for bad in [no_record, cut, backward] {
        let fault = log.append(&[bad]).expect_err("is refused").fault;
        assert_eq!(fault, PortFault::Limit);
    }
    let fault = log.reader(1).err().map(|error| error.fault);
    assert_eq!(fault, Some(PortFault::Missing), "a reader beyond the end");
    let fault = log.fetch(0, &mut Vec::new(), &mut Vec::new()).map_err(|error| error.fault);
    assert_eq!(fault, Err(PortFault::Missing), "a record beyond the end");
    log.append(std::slice::from_ref(&good)).expect("a refusal stops nothing");
    check_holds(&*log, 0, &[good]);
}
