//! The Store on a real disk and on one that fails, the files of `SQLite` with it.
#![allow(clippy::unwrap_used)] // a test may panic

mod crash;
mod faults;
mod flips;
mod place;
mod suite;
mod vfs;
