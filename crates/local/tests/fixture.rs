//! A segment of the Log that an earlier version wrote stays readable.
//!
//! The file under `fixtures/` is never written again. For a new format, add a new file:
//! `cargo test -p saldo-local --test fixture -- --ignored` writes `target/log-v<format>.seg` below
//! this crate's directory for temporary files, to be copied there.

use engine::port::{Disk, Log, OpenMode};
use local::{LogOptions, OsDisk, SegmentLog};
use sim::conformance::log::{check_holds, frame};
use std::path::Path;
use std::sync::Arc;

const NAME: &str = "log/00000000000000000000.seg";

fn options() -> LogOptions {
    LogOptions {
        segment_bytes: 4096,
        first_segment_bytes: 4096,
        background: false,
        hint: None,
        random: Arc::new(|bytes| {
            bytes.fill(0x5a);
            true
        }),
    }
}

/// What the fixture holds: small and larger frames, flushes between them.
fn frames() -> Vec<engine::port::Frame> {
    (0..8).map(|seed| frame(seed, 1 + u32::try_from(seed % 3).unwrap_or(0), 90)).collect()
}

fn write(dir: &Path) {
    let disk = OsDisk::new(dir).expect("a directory");
    let log = SegmentLog::open(Arc::new(disk), "log", &options()).expect("opens");
    for frame in frames() {
        log.append(&[frame]).expect("appends");
        log.flush().expect("flushes");
    }
}

#[test]
fn version_1_is_readable() {
    let dir = tempfile::tempdir().expect("a directory for the test");
    let disk = OsDisk::new(dir.path()).expect("a directory");
    disk.create_dir("log").expect("a directory");
    let file = disk.open(NAME, OpenMode::Create).expect("a file");
    file.write_at(include_bytes!("fixtures/log-v1.seg"), 0).expect("is written");
    let log = SegmentLog::open(Arc::new(disk), "log", &options()).expect("opens");
    check_holds(&log, 0, &frames());
}

#[test]
fn what_is_written_is_version_1() {
    let dir = tempfile::tempdir().expect("a directory for the test");
    write(dir.path());
    let written = std::fs::read(dir.path().join(NAME)).expect("is there");
    assert!(written == include_bytes!("fixtures/log-v1.seg"), "the format has changed");
}

#[test]
#[ignore = "writes the fixture of a new format"]
fn write_fixture() {
    let dir = tempfile::tempdir().expect("a directory for the test");
    write(dir.path());
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("log-v1.seg");
    std::fs::copy(dir.path().join(NAME), &to).expect("is copied");
    eprintln!("written: {}", to.display());
}
