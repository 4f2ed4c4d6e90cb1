//! `saldo demo`: from nothing to a settled, verified and proven month on screen. Each step runs
//! the very command that is shown, in a process of its own, as a person would.

use super::init::{SAMPLE_PERIOD, SAMPLE_SEED};
use super::{Ended, Outcome};
use crate::args::make::Demo;
use crate::errors::{CHILD, Failure};
use crate::output::{data, talk};
use serde_json::Value;
use sim::oracle::Expected;
use sim::world::{self, Field};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The agreement that the demo settles.
const AGREEMENT: &str = "studio-0-share";
/// The demo's operator.
const OPERATOR: &str = "house";

/// Walks through.
pub fn run(args: &Demo) -> Outcome {
    let temporary = args.work.is_none();
    let work = args.work.clone().unwrap_or_else(|| scratch("demo"));
    let demo = Walk { dir: work.join("saldo"), work: work.clone() };
    let result = demo.walk();
    if temporary {
        // What cannot be removed is in the system's temporary directory anyway.
        let _ = std::fs::remove_dir_all(&work);
    } else {
        talk(format!("everything stays in {}", work.display()));
    }
    result
}

/// A directory of this process's own among the temporary ones.
pub fn scratch(what: &str) -> PathBuf {
    std::env::temp_dir().join(format!("saldo-{what}-{}", std::process::id()))
}

struct Walk {
    work: PathBuf,
    dir: PathBuf,
}

impl Walk {
    fn walk(&self) -> Outcome {
        let options = world::small(Field::Gaming, SAMPLE_SEED);
        let expected =
            world::expected(options.clone()).map_err(|error| Failure::said(CHILD, error))?;
        say("A directory for an operator, with an example book (the rules, as files) and keys.")?;
        Self::show(&["init", &text(&self.dir), "--template", "gaming"])?;
        say("The rules are checked: every mistake would be named with file, line and column.")?;
        self.on(&["check"])?;
        say("A month of two game studios arrives as files: bets, wins, bonuses, rollbacks; with \
             repeats, late ones, and some broken lines.")?;
        for source in &options.sources {
            let file = self.dir.join("sample").join(OPERATOR).join(format!("{source}.ndjson"));
            self.on(&["ingest", &text(&file), "--source", source])?;
        }
        say("Nothing vanishes: received = posted + duplicate + waiting + quarantined + refused.")?;
        self.on(&["status"])?;
        self.compare(&expected)?;
        say("What was wrong is kept for a person, with the reason.")?;
        self.on(&["quarantine", "list"])?;
        say("Figures of the book: what was staked and won, by studio.")?;
        self.on(&["measure", "ggr", "--period", SAMPLE_PERIOD, "--by", "provider"])?;
        say("The month is closed: totals are frozen at a cut, the agreement is rated.")?;
        self.on(&["close", SAMPLE_PERIOD, "--agreement", AGREEMENT])?;
        say("The statement says what each step of the agreement did.")?;
        self.on(&["statement", AGREEMENT, SAMPLE_PERIOD])?;
        say("Everything is recomputed from the raw events by code of its own, and compared.")?;
        self.on(&["verify"])?;
        self.prove()?;
        data("\nDone: settled, verified, proven. `saldo` alone says how to begin.\n")?;
        Ok(Ended::Done)
    }

    fn prove(&self) -> Result<(), Failure> {
        let proof = text(&self.work.join("statement.proof"));
        say("The studio gets the statement as one small file …")?;
        self.on(&["prove", "statement", AGREEMENT, SAMPLE_PERIOD, "-o", &proof])?;
        say("… and checks it offline, with the operator's public key alone.")?;
        let key = text(&self.dir.join("keys").join(OPERATOR).join(node::keys::PUBLIC));
        Self::show(&["proof", "check", &proof, "--key", &key])
    }

    /// The counters and sums against what the simulated world's oracle knows.
    fn compare(&self, expected: &Expected) -> Result<(), Failure> {
        let status = self.json(&["status", "--format", "json"])?;
        let mut wrong = Vec::new();
        for (name, right) in [
            ("received", expected.received),
            ("posted", expected.posted),
            ("duplicate", expected.duplicate),
            ("waiting", expected.waiting),
            ("quarantined", expected.quarantined),
        ] {
            if status[name].as_u64() != Some(right) {
                wrong.push(format!("{name}: {} instead of {right}", status[name]));
            }
        }
        let mut compared = 0;
        for (measure, kind) in [("stakes", "bet"), ("wins", "win"), ("bonuses", "bonus")] {
            let rows =
                self.json(&["measure", measure, "--period", SAMPLE_PERIOD, "--format", "json"])?;
            for (asset, sum) in expected.net(kind) {
                let rows = rows.as_array().into_iter().flatten();
                let found = rows.filter(|row| row["asset"] == asset.as_str());
                let found: Vec<&Value> = found.map(|row| &row["value"]).collect();
                compared += 1;
                let right = oracle_amount(&asset, sum.amount);
                if !found.iter().any(|value| same(value, &right)) {
                    wrong.push(format!("{measure} in {asset}: {found:?} instead of {right}"));
                }
            }
        }
        if !wrong.is_empty() {
            return Err(Failure::said(CHILD, format!("the oracle differs: {}", wrong.join("; "))));
        }
        data(&format!(
            "(The simulator knows what must come out: 5 counters and {compared} sums agree.)\n"
        ))
    }

    /// Runs a command on the demo's directory and shows it.
    fn on(&self, args: &[&str]) -> Result<(), Failure> {
        let dir = text(&self.dir);
        Self::show(&[&["-C", dir.as_str()], args].concat())
    }

    fn show(args: &[&str]) -> Result<(), Failure> {
        data(&format!("\n$ saldo {}\n", args.join(" ")))?;
        let status = this_program()?.args(args).status();
        let status = status.map_err(|error| Failure::said(CHILD, error))?;
        if status.success() {
            return Ok(());
        }
        Err(Failure::said(CHILD, format!("`saldo {}` ended with {status}", args.join(" "))))
    }

    fn json(&self, args: &[&str]) -> Result<Value, Failure> {
        let dir = text(&self.dir);
        let mut program = this_program()?;
        let output = program.args(["-C", &dir]).args(args).stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| Failure::said(CHILD, error))?;
        serde_json::from_slice(&output.stdout).map_err(|error| Failure::said(CHILD, error))
    }
}

/// What the oracle counts in the simulator's minor units, as a decimal.
fn oracle_amount(asset: &str, minor: i128) -> String {
    let scale = Field::Gaming.assets().find(|(code, _)| *code == asset).map_or(0, |found| found.1);
    sim::oracle::decimal(minor, scale)
}

/// Whether two decimals are the same number, whatever their trailing zeros.
fn same(value: &Value, right: &str) -> bool {
    let short = |text: &str| {
        let text = text.trim_start_matches('+');
        let trimmed = if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.')
        } else {
            text
        };
        trimmed.to_owned()
    };
    value.as_str().is_some_and(|value| short(value) == short(right))
}

fn say(sentence: &str) -> Result<(), Failure> {
    data(&format!("\n# {sentence}\n"))
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// This program, to be started again.
pub fn this_program() -> Result<Command, Failure> {
    std::env::current_exe().map(Command::new).map_err(|error| Failure::said(CHILD, error))
}
