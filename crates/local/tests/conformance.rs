//! The conformance suites of Log, Vault and raw store, on a real directory and on the fault disk.

use engine::port::{Disk, InvoicePort, Log, RawStore, Vault};
use local::{
    FileInvoices, FileRaw, FileVault, LogOptions, OsDisk, RawOptions, RedoDisk, RedoOptions,
    SegmentLog, system_random,
};
use sim::conformance::{self, Reopen};
use sim::disk::FaultDisk;
use std::sync::{Arc, Mutex};

fn small_log() -> LogOptions {
    let (segment_bytes, first_segment_bytes) = (32 << 10, 4 << 10);
    LogOptions { segment_bytes, first_segment_bytes, background: false, ..LogOptions::default() }
}

fn small_raw() -> RawOptions {
    let (segment_bytes, first_segment_bytes) = (16 << 10, 4 << 10);
    RawOptions { segment_bytes, first_segment_bytes, background: false, ..RawOptions::default() }
}

/// A real directory that goes when the place does.
fn real() -> (tempfile::TempDir, Arc<dyn Disk>) {
    let dir = tempfile::tempdir().expect("a directory for the test");
    let disk = Arc::new(OsDisk::new(dir.path()).expect("it opens"));
    (dir, disk)
}

fn log_on(
    disk: Arc<dyn Disk>,
    options: LogOptions,
    keep: Option<tempfile::TempDir>,
) -> Reopen<dyn Log> {
    Box::new(move || {
        let _keep = &keep;
        Box::new(SegmentLog::open(Arc::clone(&disk), "op/log", &options).expect("opens"))
    })
}

fn vault_on(disk: Arc<dyn Disk>, keep: Option<tempfile::TempDir>) -> Reopen<dyn Vault> {
    Box::new(move || {
        let _keep = &keep;
        let disk = Arc::clone(&disk);
        Box::new(FileVault::open(disk, "op/vault", &[7; 32], system_random()).expect("opens"))
    })
}

fn raw_on(
    disk: Arc<dyn Disk>,
    options: RawOptions,
    keep: Option<tempfile::TempDir>,
) -> Reopen<dyn RawStore> {
    Box::new(move || {
        let _keep = &keep;
        let disk = Arc::clone(&disk);
        Box::new(FileRaw::open(disk, "op/raw", &[8; 32], &options).expect("opens"))
    })
}

/// A disk with a redo file that each opening begins to use, once what the one before staged is
/// settled: without a Log nobody makes it durable.
struct Redone(Arc<dyn Disk>, Mutex<Option<RedoDisk>>);

impl Redone {
    fn new(disk: Arc<dyn Disk>) -> Self {
        Self(disk, Mutex::new(None))
    }

    fn open(&self) -> Arc<dyn Disk> {
        let mut last = self.1.lock().expect("no test panics with it");
        last.iter().for_each(|last| last.settle().expect("settles"));
        let options = RedoOptions { half_bytes: 32 << 10, ..RedoOptions::default() };
        let redo = RedoDisk::open(Arc::clone(&self.0), "redo", options).expect("opens");
        redo.begin().expect("it is made");
        *last = Some(redo.clone());
        Arc::new(redo)
    }
}

#[test]
fn log_with_a_redo_file() {
    conformance::log::run(&|| {
        let (keep, disk) = real();
        let disk = Redone::new(disk);
        Box::new(move || {
            let _keep = &keep;
            Box::new(SegmentLog::open(disk.open(), "op/log", &small_log()).expect("opens"))
        })
    });
}

#[test]
fn vault_with_a_redo_file() {
    conformance::vault::run(&|| {
        let disk = Redone::new(Arc::new(FaultDisk::new(6)));
        Box::new(move || {
            let opened = FileVault::open(disk.open(), "op/vault", &[7; 32], system_random());
            Box::new(opened.expect("opens"))
        })
    });
}

#[test]
fn raw_with_a_redo_file() {
    conformance::raw::run(&|| {
        let disk = Redone::new(Arc::new(FaultDisk::new(7)));
        Box::new(move || {
            Box::new(FileRaw::open(disk.open(), "op/raw", &[8; 32], &small_raw()).expect("opens"))
        })
    });
}

#[test]
fn log_on_a_real_disk() {
    conformance::log::run(&|| {
        let (dir, disk) = real();
        log_on(disk, LogOptions { background: true, ..small_log() }, Some(dir))
    });
}

#[test]
fn log_on_the_fault_disk() {
    conformance::log::run(&|| log_on(Arc::new(FaultDisk::new(1)), small_log(), None));
}

#[test]
fn log_with_a_thread_that_zeroes_ahead() {
    let options = LogOptions { background: true, ..small_log() };
    conformance::log::run(&|| log_on(Arc::new(FaultDisk::new(2)), options.clone(), None));
}

#[test]
fn vault_on_a_real_disk() {
    conformance::vault::run(&|| {
        let (dir, disk) = real();
        vault_on(disk, Some(dir))
    });
}

#[test]
fn vault_on_the_fault_disk() {
    conformance::vault::run(&|| vault_on(Arc::new(FaultDisk::new(3)), None));
}

#[test]
fn raw_on_a_real_disk() {
    conformance::raw::run(&|| {
        let (dir, disk) = real();
        raw_on(disk, RawOptions { background: true, ..small_raw() }, Some(dir))
    });
}

#[test]
fn raw_on_the_fault_disk() {
    conformance::raw::run(&|| raw_on(Arc::new(FaultDisk::new(4)), small_raw(), None));
}

fn invoices_on(disk: Arc<dyn Disk>, keep: Option<tempfile::TempDir>) -> Reopen<dyn InvoicePort> {
    Box::new(move || {
        let _keep = &keep;
        Box::new(FileInvoices::open(Arc::clone(&disk), "op/invoices").expect("opens"))
    })
}

#[test]
fn invoices_on_a_real_disk() {
    conformance::invoice::run(&|| {
        let (dir, disk) = real();
        invoices_on(disk, Some(dir))
    });
}

#[test]
fn invoices_on_the_fault_disk() {
    conformance::invoice::run(&|| invoices_on(Arc::new(FaultDisk::new(5)), None));
}
