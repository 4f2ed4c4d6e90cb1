//! The worked settlements: every case under `golden/`, from its events to its statement.

use crate::talk::Outcome;
use crate::workshop::Workshop;

/// Runs the test that settles them, which prints every figure that it compared.
pub fn run(workshop: &Workshop, args: &[String]) -> Outcome {
    let test = ["test", "--quiet", "-p", "saldo-cli", "--test", "settlements", "--"];
    let shown = ["--nocapture", "every_worked_settlement"];
    match workshop.pass_through(workshop.cargo(&test).args(shown).args(args)) {
        Ok(()) => Outcome::Passed("every figure is the one that is expected".to_owned()),
        Err(why) => Outcome::Failed(why),
    }
}
