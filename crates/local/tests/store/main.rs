//! The Store on a real disk and on one that fails, SQLite's files with it.

mod crash;
mod faults;
mod flips;
mod place;
mod suite;
mod vfs;
