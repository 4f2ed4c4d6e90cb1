//! The demo: from a fresh clone to a settled, verified period on screen.

use crate::needs;
use crate::talk::{Outcome, say};
use crate::workshop::Workshop;

/// Builds `saldo` for release and runs its demo; arguments are passed on.
pub fn run(workshop: &Workshop, args: &[String]) -> Outcome {
    if let Err(why) = needs::check() {
        return Outcome::Unable(why);
    }
    if !workshop.saldo("release").is_file() {
        say("first build: every library is fetched and compiled, which takes some minutes;");
        say("later runs start at once. Nothing is installed outside of the build cache.");
    }
    let build = ["build", "--release", "-p", "saldo-cli", "--bin", "saldo"];
    if let Err(why) = workshop.pass_through(&mut workshop.cargo(&build)) {
        return Outcome::Failed(why);
    }
    say("built; the demo begins");
    let run = ["run", "--quiet", "--release", "-p", "saldo-cli", "--bin", "saldo", "--", "demo"];
    match workshop.pass_through(workshop.cargo(&run).args(args)) {
        Ok(()) => Outcome::Passed("the demo ran to its end".to_owned()),
        Err(why) => Outcome::Failed(why),
    }
}
