//! Blocks over several segments.
#![allow(clippy::unwrap_used)] // a test may panic

use super::*;
use sim::disk::FaultDisk;

fn seen(blocks: &Blocks, from: Position) -> Vec<u8> {
    let mut seen = Vec::new();
    let visit = &mut |block: &[u8]| {
        seen.push(block[0]);
        true
    };
    blocks.visit(from, visit).unwrap();
    seen
}

#[test]
fn blocks_follow_each_other_over_segments() {
    let disk = Arc::new(FaultDisk::new(0));
    disk.create_dir(DIR).unwrap();
    let mut blocks = Blocks::open(disk.clone(), Vec::new()).unwrap();
    blocks.set_segment_bytes(1000);
    for at in 0..10 {
        let end = u64::from(at) * 10 + 10;
        blocks.append(end - 10, end, &vec![at; 300]).unwrap();
    }
    blocks.flush().unwrap();
    let metas: Vec<_> = blocks.metas().cloned().collect();
    assert_eq!(metas.iter().map(|meta| meta.count).collect::<Vec<_>>(), [4, 4, 2]);
    blocks.append(100, 110, &[99]).unwrap();
    drop(blocks);
    let blocks = Blocks::open(disk, metas).unwrap();
    for (from, first) in [(0, 0), (9, 0), (10, 1), (45, 4), (99, 9), (100, 10)] {
        assert_eq!(seen(&blocks, from), (first..10).collect::<Vec<_>>(), "{from}");
    }
}

#[test]
fn a_block_has_a_limit() {
    let disk = Arc::new(FaultDisk::new(0));
    let mut blocks = Blocks::open(disk, Vec::new()).unwrap();
    let error = blocks.append(0, 1, &vec![0; BLOCK_BYTES_MAX + 1]).unwrap_err();
    assert_eq!(error.fault, engine::port::PortFault::Limit);
}
