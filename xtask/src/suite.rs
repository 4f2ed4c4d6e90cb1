//! The whole test: every step is run, also after a failure, and counted at the end.

use crate::services::Lease;
use crate::talk::{Outcome, say, seconds};
use crate::workshop::Workshop;
use crate::{
    audit, contract, corpora, fuzz, generate, graph, licences, needs, peers, registry, tidy_up,
    tools,
};
use std::time::Instant;

/// A step: its name in the summary, and what does it.
type Step = (&'static str, fn(&Workshop) -> Outcome);

/// Cheap steps first, so that a slip shows early.
const STEPS: &[Step] = &[
    ("libraries", libraries),
    ("format", format),
    ("tidy", tidy_up::step),
    ("licences", licences::licence_step),
    ("duplicates", licences::duplicate_step),
    ("advisories", audit::step),
    ("lints", lints),
    ("generated", generate::check_step),
    ("corpora", corpora::step),
    ("peers", peers::step),
    ("tools", tools::step),
    ("tests", tests),
    ("registry", registry::step),
    ("contract", contract::step),
    ("fuzz", fuzz::step),
];

/// Runs all steps, or those named.
pub fn run(workshop: &Workshop, args: &[String]) -> Outcome {
    let steps = match chosen(args) {
        Ok(steps) => steps,
        Err(why) => return Outcome::Unable(why),
    };
    say("looking for what this machine lacks");
    match needs::check() {
        Ok(said) => say(&said),
        Err(why) => return Outcome::Unable(why),
    }
    let mut table = Vec::new();
    let mut outcomes = Vec::new();
    for (n, (name, step)) in steps.iter().enumerate() {
        say(&format!("step {} of {}: {name}", n + 1, steps.len()));
        let start = Instant::now();
        let outcome = step(workshop);
        let took = seconds(start);
        say(&format!("{name}: {}: {} ({took})", outcome.word(), outcome.line()));
        table.push(format!("  {name:<11} {:<8} {took:>9}  {}", outcome.word(), outcome.line()));
        outcomes.push(outcome);
    }
    say("summary");
    for row in &table {
        eprintln!("{row}");
    }
    total(&outcomes)
}

/// The steps that `names` name, in the order of the table; all of them when there are no names.
fn chosen(names: &[String]) -> Result<Vec<&'static Step>, String> {
    let is_step = |name: &&String| STEPS.iter().any(|(step, _)| *step == name.as_str());
    if let Some(name) = names.iter().find(|name| !is_step(name)) {
        let all: Vec<_> = STEPS.iter().map(|(step, _)| *step).collect();
        return Err(format!("there is no step `{name}`, only {}", all.join(", ")));
    }
    let is_named = |(step, _): &&Step| names.is_empty() || names.iter().any(|name| name == step);
    Ok(STEPS.iter().filter(is_named).collect())
}

/// All outcomes in one: `N passed, N failed`; what was skipped is neither, and stands in the table.
pub fn total(outcomes: &[Outcome]) -> Outcome {
    let failed = outcomes.iter().filter(|outcome| outcome.is_failure()).count();
    let passed = outcomes.iter().filter(|o| matches!(o, Outcome::Passed(_))).count();
    let line = format!("{passed} passed, {failed} failed");
    if failed == 0 { Outcome::Passed(line) } else { Outcome::Failed(line) }
}

/// The promised last line, where there was a count.
pub fn last_line(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Passed(line) | Outcome::Failed(line) => Some(line.clone()),
        Outcome::Skipped(_) | Outcome::Unable(_) => None,
    }
}

/// Fetches what `Cargo.lock` names, and fails where the manifests ask for something else.
fn libraries(workshop: &Workshop) -> Outcome {
    say("fetching the libraries that Cargo.lock names; the first time takes a while");
    let mut command = workshop.cargo(&["fetch", "--locked"]);
    if let Some(host) = graph::host() {
        command.args(["--target", &host]);
    }
    match workshop.pass_through(&mut command) {
        Ok(()) => Outcome::Passed("as Cargo.lock names them".to_owned()),
        Err(why) => Outcome::Failed(format!("{why}: is Cargo.lock committed and up to date?")),
    }
}

fn format(workshop: &Workshop) -> Outcome {
    cargo(
        workshop,
        &[&["fmt", "--all", "--check"], &["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]],
    )
}

fn lints(workshop: &Workshop) -> Outcome {
    cargo(workshop, &[&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]])
}

/// All tests, with the services that some of them talk to: started before and stopped after.
fn tests(workshop: &Workshop) -> Outcome {
    let services = Lease::new(workshop);
    let lacking = services.lacking.join("; ");
    if !lacking.is_empty() && Lease::is_required() {
        return Outcome::Failed(lacking);
    }
    let mut command = workshop.cargo(&["test", "--workspace", "--no-fail-fast"]);
    services.tell(&mut command);
    match workshop.pass_through(&mut command) {
        Ok(()) if lacking.is_empty() => Outcome::Passed("clean".to_owned()),
        Ok(()) => Outcome::Passed(format!("clean, but for what needs a service: {lacking}")),
        Err(why) => Outcome::Failed(why),
    }
}

/// Runs cargo commands one after another with their output passed through; all must end well.
fn cargo(workshop: &Workshop, commands: &[&[&str]]) -> Outcome {
    let run = |args: &&[&str]| workshop.pass_through(&mut workshop.cargo(args)).err();
    let failures: Vec<_> = commands.iter().filter_map(run).collect();
    if failures.is_empty() {
        return Outcome::Passed("clean".to_owned());
    }
    Outcome::Failed(failures.join("; "))
}
