//! All tests of the crate in one program: it links once, and mutation testing links it more than a
//! thousand times.

mod common;
mod grouped;

mod balances;
mod calendar;
mod corrections;
mod credit;
mod custom_periods;
mod cut;
mod digits;
mod documents;
mod effect;
mod exchange;
mod golden;
mod hierarchy;
mod invoices;
mod invoicing;
mod measures;
mod net;
mod parts;
mod periods;
mod plugins;
mod pools;
mod properties;
mod quarantine;
mod quotes;
mod reserve;
mod scope;
mod shapes;
mod steps;
mod tax;
mod tiers;

/// A file that is not named above would be compiled by nobody, and test nothing.
#[test]
fn every_file_is_part_of_the_program() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    for entry in std::fs::read_dir(folder).expect("the folder of this file is there") {
        let path = entry.expect("a folder can be read").path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let is_named = include_str!("main.rs").contains(&format!("\nmod {name};"));
        assert!(name == "main" || is_named, "tests/main.rs does not name {name}");
    }
}
