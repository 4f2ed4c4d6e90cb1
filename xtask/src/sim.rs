//! One simulated world again: a failing seed repeats with one line.

use crate::talk::Outcome;
use crate::workshop::Workshop;

/// The test that runs a world: package, test target, and the name of the test in it.
const WORLD: [&str; 3] = ["saldo-node", "world", "seed"];
/// The variable in which it finds the seed.
const SEED: &str = "SALDO_SEED";

/// Runs the world of the seed that is the only argument.
pub fn run(workshop: &Workshop, args: &[String]) -> Outcome {
    let [seed] = args else {
        return Outcome::Unable("give one seed: cargo xtask sim SEED".to_owned());
    };
    if seed.parse::<u64>().is_err() {
        return Outcome::Unable(format!("`{seed}` is no seed: give a number from 0 to 2^64-1"));
    }
    let [package, target, test] = WORLD;
    let words = ["test", "-p", package, "--test", target, "--", test, "--nocapture"];
    match workshop.pass_through(workshop.cargo(&words).env(SEED, seed)) {
        Ok(()) => Outcome::Passed(format!("the world of seed {seed} holds")),
        Err(why) => Outcome::Failed(format!("seed {seed}: {why}")),
    }
}
