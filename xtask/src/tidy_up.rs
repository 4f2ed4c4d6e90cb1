//! The command and step `tidy`: reads the tree, applies the rules, prints what breaks them.

use crate::graph::Graph;
use crate::talk::{Outcome, say};
use crate::tidy::{self, Lengths};
use crate::workshop::Workshop;

/// Prints every violation on stdout, one a line.
pub fn run(workshop: &Workshop, _: &[String]) -> Outcome {
    say("tidy: the shape of the tree and the borders between crates");
    let files = match tidy::tree::read(&workshop.root) {
        Ok(files) => files,
        Err(why) => return Outcome::Unable(format!("the tree cannot be read: {why}")),
    };
    let graph = Graph::read(workshop, "Cargo.toml");
    let found = tidy::check(&files, graph.as_ref().ok());
    for violation in &found {
        println!("{violation}");
    }
    let Lengths { files: count, median, max } = tidy::lengths(&files);
    let shape = format!("{count} Rust files, median {median} lines, longest {max}");
    match (graph, found.len()) {
        (Err(why), n) => Outcome::Failed(format!("{why}; {n} violations beside; {shape}")),
        (Ok(_), 0) => Outcome::Passed(shape),
        (Ok(_), n) => Outcome::Failed(format!("{n} violations; {shape}")),
    }
}

/// The step of `test`.
pub fn step(workshop: &Workshop) -> Outcome {
    run(workshop, &[])
}
