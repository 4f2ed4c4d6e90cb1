//! Everything a developer does with Saldo, behind one door: `cargo xtask`.
//!
//! It formats, checks, builds, runs and tests the workspace through cargo, and says on stderr what
//! it does. It knows nothing of settlement: it uses no crate of ours, only the built `saldo`.

pub mod door;

pub mod bench;
pub mod contract;
pub mod demo;
pub mod fuzz;
pub mod generate;
pub mod golden;
pub mod mutants;
pub mod registry;
pub mod services;
pub mod sim;
pub mod suite;
pub mod tidy_up;
pub mod tools;

pub mod allow;
pub mod audit;
pub mod corpora;
pub mod graph;
pub mod licences;
pub mod needs;
pub mod peers;
pub mod spdx;
pub mod talk;
pub mod tidy;
pub mod workshop;
