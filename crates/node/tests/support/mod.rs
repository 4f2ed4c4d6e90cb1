//! An operator in memory: the ports of one disk on the disk that fails, and the engine over them,
//! fed by the node's own frames.
#![allow(dead_code, clippy::unwrap_used)] // each test uses its part; a test may panic

pub mod expect;
pub mod input;
pub mod rig;
pub mod shape;
#[path = "../../../local/tests/store/vfs.rs"]
pub mod vfs;

/// Whether the long form of a test was asked for.
pub fn long() -> bool {
    std::env::var("SALDO_LONG").is_ok_and(|value| value == "1")
}
