//! How long the root over the account sums of a large statement takes.
//! Run with `cargo run --release -p saldo-proof --example sums_speed`.

use std::time::Instant;

use ledger::Total;
use settle::AccountSum;

fn main() {
    let row = |number: i128| AccountSum {
        path: format!("play:provider-{}:game-{number:06}:stakes", number % 40),
        asset: "EUR".into(),
        total: Total { debit: number, credit: number * 1_000, count: 12_345 },
    };
    let unsorted: Vec<AccountSum> = (0..100_000).map(row).collect();
    let mut sorted = unsorted.clone();
    sorted.sort_by(|a, b| a.path.cmp(&b.path));
    for (name, rows) in [("unsorted", unsorted), ("sorted", sorted)] {
        let begun = Instant::now();
        let root = proof::sums::sums_root(&rows);
        println!("{} rows, {name}: {:?} ({root})", rows.len(), begun.elapsed());
    }
}
