//! A segment of the Log with any bytes: opened up to where it holds, or refused.
#![no_main]

use engine::port::{Disk, Log, OpenMode};
use libfuzzer_sys::fuzz_target;
use local::{LogOptions, SegmentLog};
use sim::disk::FaultDisk;
use std::sync::Arc;

fuzz_target!(|bytes: &[u8]| {
    let disk = FaultDisk::new(1);
    disk.create_dir("log").expect("the disk is empty");
    let file = disk.open("log/00000000000000000000.seg", OpenMode::Create).expect("a new file");
    file.write_at(bytes, 0).expect("nothing fails");
    let options = LogOptions {
        segment_bytes: 4096,
        first_segment_bytes: 4096,
        background: false,
        hint: None,
        random: Arc::new(|bytes| {
            bytes.fill(0x5a);
            true
        }),
    };
    let Ok(log) = SegmentLog::open(Arc::new(disk), "log", &options) else { return };
    let Ok(mut reader) = log.reader(0) else { return };
    while let Ok(Some(_)) = reader.next_frame() {}
});
