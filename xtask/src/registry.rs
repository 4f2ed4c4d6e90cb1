//! The schema registry: a real Confluent client against a served operator.

use crate::contract::Served;
use crate::corpora::is_required;
use crate::talk::{Outcome, say};
use crate::workshop::{Workshop, own_cache_dir};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The version of the client: another may ask for more.
const VERSION: &str = "2.16.0";
/// What it does, from the root of the workspace.
const SCRIPT: &str = "xtask/registry_client.py";

/// `registry`.
pub fn run(workshop: &Workshop, _: &[String]) -> Outcome {
    let python = match python() {
        Ok(python) => python,
        Err(why) if is_required() => return Outcome::Failed(why),
        Err(why) => return Outcome::Skipped(format!("ignored: {why}")),
    };
    let build = ["build", "--quiet", "-p", "saldo-cli", "--bin", "saldo"];
    if let Err(why) = workshop.pass_through(&mut workshop.cargo(&build)) {
        return Outcome::Failed(why);
    }
    let dir = std::env::temp_dir().join(format!("saldo-registry-{}", std::process::id()));
    let outcome = match Served::start(workshop, &dir) {
        Ok(served) => asked(workshop, &python, &served),
        Err(why) => Outcome::Failed(why),
    };
    // What is left behind is in the system's own place for it.
    let _ = fs::remove_dir_all(&dir);
    outcome
}

/// The step of `test`.
pub fn step(workshop: &Workshop) -> Outcome {
    run(workshop, &[])
}

fn asked(workshop: &Workshop, python: &PathBuf, served: &Served) -> Outcome {
    let url = format!("http://{}/schema-registry", served.address);
    let mut script = Command::new(python);
    script.current_dir(&workshop.root).arg(SCRIPT).args([&url, &served.key]);
    match script.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => {
            let lines = String::from_utf8_lossy(&output.stdout).lines().count();
            Outcome::Passed(format!("confluent-kafka {VERSION}: {lines} things hold"))
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let reached = String::from_utf8_lossy(&output.stdout).into_owned();
            Outcome::Failed(format!("the client found a difference\n{reached}{said}"))
        }
        Err(why) => Outcome::Failed(format!("the client did not start: {why}")),
    }
}

/// The Python of an environment below the cache that has the client.
fn python() -> Result<PathBuf, String> {
    environment("confluent-kafka", VERSION, "[avro,json,protobuf,schemaregistry]")
}

/// The Python of an environment below the cache that has a version of a package with these extras;
/// it is made where it is not there.
///
/// # Errors
/// What is missing for it.
pub fn environment(package: &str, version: &str, extras: &str) -> Result<PathBuf, String> {
    let get = "python3 with venv and pip (apt-get install python3-venv), and PyPI";
    let cache = own_cache_dir().ok_or("HOME is not set")?;
    let home = cache.join("tools").join(format!("{package}-{version}"));
    let (python, whole) = (home.join("bin/python"), home.join("whole"));
    if whole.is_file() {
        return Ok(python);
    }
    say(&format!("installing {package} {version} with pip"));
    let lacking = |what: &str| Err(format!("{what}; {package} needs {get}"));
    // Half an environment would be taken for a whole one.
    let _ = fs::remove_dir_all(&home);
    if !done(Command::new("python3").args(["-m", "venv"]).arg(&home)) {
        return lacking("python3 makes no environment");
    }
    let wanted = format!("{package}{extras}=={version}");
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", &wanted];
    if !done(Command::new(&python).args(pip)) || fs::write(&whole, "").is_err() {
        return lacking("pip does not install it");
    }
    Ok(python)
}

fn done(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).status().is_ok_and(|status| status.success())
}
