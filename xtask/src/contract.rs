//! The contract: a served operator held against its own `OpenAPI` document by schemathesis, with
//! every check that it has.

use crate::corpora::is_required;
use crate::talk::{Outcome, say};
use crate::workshop::{Workshop, own_cache_dir};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The version that is held against: findings of another one would be others.
const VERSION: &str = "4.32.5";
/// Most requests that it makes up for an operation, beside those that it takes from the document:
/// as many as take it some two minutes.
const EXAMPLES: &str = "15";
/// Refused credentials are a third of what it sends: it is told whether each holds, and not that it
/// sent many.
const RATES: &str = "rates:\n  failed: { requests: 1000000, seconds: 1 }\n";
/// How long the service may take to start, and to end.
const PATIENCE: Duration = Duration::from_mins(1);
/// What it is told of this interface, from the root of the workspace.
const CONFIG: &str = "xtask/schemathesis.toml";
/// What it cannot make up, in its own language.
const HOOKS: &str = "xtask/schemathesis_hooks.py";

/// `contract` among the steps of the tests.
pub fn step(workshop: &Workshop) -> Outcome {
    run(workshop, &[])
}

/// `contract [ARGUMENT..]`: arguments go to schemathesis.
pub fn run(workshop: &Workshop, args: &[String]) -> Outcome {
    let program = match program() {
        Ok(program) => program,
        Err(why) if is_required() => return Outcome::Failed(why),
        Err(why) => return Outcome::Skipped(format!("ignored: {why}")),
    };
    let build = ["build", "--quiet", "-p", "saldo-cli", "--bin", "saldo"];
    if let Err(why) = workshop.pass_through(&mut workshop.cargo(&build)) {
        return Outcome::Failed(why);
    }
    let dir = std::env::temp_dir().join(format!("saldo-contract-{}", std::process::id()));
    let outcome = match Served::start(workshop, &dir) {
        Ok(served) => held(workshop, (&program, &dir), &served, args),
        Err(why) => Outcome::Failed(why),
    };
    // What is left behind is in the system's own place for it.
    let _ = fs::remove_dir_all(&dir);
    outcome
}

fn held(
    workshop: &Workshop,
    (program, dir): (&Path, &Path),
    served: &Served,
    args: &[String],
) -> Outcome {
    let Served { address, key, .. } = served;
    let mut command = Command::new(program);
    // It keeps what it found where it stands, which is not the tree's business.
    command.current_dir(dir).arg("--config-file").arg(workshop.root.join(CONFIG)).arg("run");
    command.arg(format!("http://{address}/openapi.json"));
    command.args(["--checks", "all", "--max-examples", EXAMPLES, "--workers", "1", "--seed", "1"]);
    // One worker: in Python 3.11 two threads that read sources at once may fail (gh-106905).
    command.args(["--no-shrink", "--generation-database", "none", "--continue-on-failure"]);
    command.args(["--no-color", "--warnings", "off"]).args(args);
    // The key is of a directory that lives as long as this run.
    command.env("SALDO_KEY", key).env("SCHEMATHESIS_HOOKS", workshop.root.join(HOOKS));
    say(&format!("schemathesis asks http://{address}, up to {EXAMPLES} examples an operation"));
    match command.status() {
        Ok(status) if status.success() => {
            Outcome::Passed("no server error, no undocumented answer".to_owned())
        }
        Ok(_) => Outcome::Failed("schemathesis found differences: see above".to_owned()),
        Err(why) => Outcome::Failed(format!("schemathesis did not start: {why}")),
    }
}

/// The installed program, in an environment of its own below the cache.
fn program() -> Result<PathBuf, String> {
    let get = "python3 with venv and pip (apt-get install python3-venv), and PyPI";
    let cache = own_cache_dir().ok_or("HOME is not set")?;
    let home = cache.join("tools").join(format!("schemathesis-{VERSION}"));
    let program = home.join("bin/schemathesis");
    if program.is_file() {
        return Ok(program);
    }
    say(&format!("installing schemathesis {VERSION} with pip"));
    let lacking = |what: &str| Err(format!("{what}; the contract needs {get}"));
    if !done(Command::new("python3").args(["-m", "venv"]).arg(&home)) {
        return lacking("python3 makes no environment");
    }
    let wanted = format!("schemathesis=={VERSION}");
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", &wanted];
    if !done(Command::new(home.join("bin/python")).args(pip)) {
        // Half an environment would be taken for a whole one.
        let _ = fs::remove_dir_all(&home);
        return lacking("pip does not install schemathesis");
    }
    Ok(program)
}

fn done(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// A service on a directory of its own, ended with this.
pub(crate) struct Served {
    child: Child,
    /// Where it listens.
    pub(crate) address: String,
    /// The key of an administrator.
    pub(crate) key: String,
}

impl Served {
    /// Makes a directory with an operator and some events, and serves it.
    pub(crate) fn start(workshop: &Workshop, dir: &Path) -> Result<Self, String> {
        let saldo = |args: &[&str]| {
            let mut command = Command::new(workshop.saldo("debug"));
            command.arg("-C").arg(dir).args(args).stdin(Stdio::null());
            command
        };
        let output = |mut command: Command| {
            let output = command.output().map_err(|why| format!("saldo: {why}"))?;
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            if output.status.success() { Ok(text) } else { Err(said) }
        };
        let mut init = Command::new(workshop.saldo("debug"));
        init.arg("init").arg(dir).args(["--template", "gaming"]);
        output(init)?;
        let settings = dir.join("saldo.yaml");
        let text = fs::read_to_string(&settings).map_err(|why| format!("saldo.yaml: {why}"))?;
        fs::write(&settings, text + RATES).map_err(|why| format!("saldo.yaml: {why}"))?;
        // Something of everything: posted, doubled, quarantined, closed.
        let sample = dir.join("sample/house/feed-a.ndjson");
        output(saldo(&["ingest", "--source", "feed-a", &sample.to_string_lossy()]))?;
        output(saldo(&["close", "2026-03"]))?;
        let name = ["--name", "contract", "--role", "administrator"];
        let key = output(saldo(&[&["access", "create"][..], &name[..]].concat()))?;
        let mut serve = saldo(&["serve", "--listen", "127.0.0.1:0"]);
        let mut child =
            serve.stderr(Stdio::piped()).spawn().map_err(|why| format!("saldo serve: {why}"))?;
        let stderr = child.stderr.take().ok_or("saldo serve has no stderr")?;
        let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
        let address = lines.find_map(|line| {
            let (_, rest) = line.split_once("http://")?;
            Some(rest.split_whitespace().next()?.to_owned())
        });
        // The rest is read too, so that the service never waits for somebody to read it; what it
        // calls a failure is shown.
        std::thread::spawn(move || {
            lines.filter(|line| line.contains("\"error\"")).for_each(|line| eprintln!("{line}"));
        });
        match address {
            Some(address) => Ok(Self { child, address, key }),
            None => Err("saldo serve ended before it listened".to_owned()),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It ends what it has begun; one that does not is ended.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let start = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if start.elapsed() > PATIENCE {
                let _ = self.child.kill();
            }
            sleep(Duration::from_millis(50));
        }
    }
}
