//! Runs the built binary, as people and programs do.
#![allow(clippy::unwrap_used, dead_code)] // each test file uses what it needs

pub mod serve;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a run gave.
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    pub fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Fails unless the exit code is `code`.
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }
}

/// Runs `saldo` with these arguments.
pub fn saldo(args: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_saldo"));
    Run::of(&command.args(args).env("SALDO_AUTHOR", "tester").output().unwrap())
}

/// A Saldo directory of a template that is removed at the end of the test.
pub struct Home {
    pub scratch: tempfile::TempDir,
    pub dir: PathBuf,
}

impl Home {
    pub fn new(template: &str) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let dir = scratch.path().join("home");
        saldo(&["init", dir.to_str().unwrap(), "--template", template]).ends(0);
        Self { scratch, dir }
    }

    /// Runs `saldo -C` on it.
    pub fn run(&self, args: &[&str]) -> Run {
        saldo(&[&["-C", self.dir.to_str().unwrap()], args].concat())
    }

    pub fn path(&self, name: &str) -> String {
        self.scratch.path().join(name).to_str().unwrap().to_owned()
    }

    /// Writes a file beside the home and gives its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// A home with the template's sample ingested.
    pub fn with_sample(template: &str) -> Self {
        let home = Self::new(template);
        for source in ["feed-a", "feed-b"] {
            let file = home.dir.join(format!("sample/house/{source}.ndjson"));
            home.run(&["ingest", file.to_str().unwrap(), "--source", source]).ends(0);
        }
        home
    }

    /// Makes a key, and gives it.
    pub fn key(&self, name: &str, role: &str) -> String {
        let args = ["access", "create", "--name", name, "--role", role];
        self.run(&args).ends(0).out.trim().to_owned()
    }

    pub fn status(&self) -> Value {
        self.run(&["status", "--format", "json"]).ends(0).json()
    }
}

/// The mapping of a file of `feed-b` whose rows become bets.
pub const BETS: &str = "\
source: feed-b
format: csv
occurred_at: 2026-03-02T00:00:00Z
asset: EUR
events:
  - kind: bet
    id: '{id}'
    amount: amount
    dims: { provider: studio-0, game: '{game}', player: '{player}' }
";

/// The folder of shared test data `name`; says so when it is not there.
pub fn shared(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("SALDO_SHARED").map_or(beside, PathBuf::from);
    let found = root.join(name);
    if found.exists() {
        return Some(found);
    }
    println!("ignored: {name} is not there");
    None
}
