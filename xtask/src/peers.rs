//! Programs of others that tests of the service talk to: installed by npm from a lock of ours,
//! which has the hash of every archive, and by pip, into a cache outside of the clone.

use crate::corpora::{folder, is_required};
use crate::registry::environment;
use crate::talk::{Outcome, say};
use crate::workshop::Workshop;
use std::env;
use std::path::Path;
use std::process::Command;

/// Where the lock is, below the root.
const LOCK: &str = "crates/server/tests/peers";
/// Where they are installed, below the folder of corpora; tests read it.
const HOME: &str = "peers";
const FILES: [&str; 2] = ["package.json", "package-lock.json"];

/// What reads exported spans; the test has the version too.
const OTLP: (&str, &str) = ("opentelemetry-proto", "1.45.2");

/// The step `peers`: skipped, and said so, where npm or its registry cannot be reached; a failure
/// where `CI` or `SALDO_REQUIRE_ALL` is set.
pub fn step(workshop: &Workshop) -> Outcome {
    let chosen = env::var_os("SALDO_CORPORA");
    let Some(folder) = folder(chosen, env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")) else {
        return Outcome::Unable("neither SALDO_CORPORA, XDG_CACHE_HOME nor HOME is set".to_owned());
    };
    let (name, version) = OTLP;
    let installed = install(&workshop.root.join(LOCK), &folder.join(HOME));
    let installed = installed.and_then(|line| environment(name, version, "").map(|_| line));
    match installed {
        Ok(line) => Outcome::Passed(line.to_owned()),
        Err(why) if is_required() => Outcome::Failed(why),
        Err(why) => Outcome::Skipped(format!("not reached: skipped ({why})")),
    }
}

/// Installs what the lock names, where it is not there as the lock says.
fn install(lock: &Path, home: &Path) -> Result<&'static str, String> {
    let read =
        |path: &Path| std::fs::read(path).map_err(|why| format!("{}: {why}", path.display()));
    let is_same = |name: &&str| {
        let (ours, theirs) = (read(&lock.join(name)), read(&home.join(name)));
        matches!((ours, theirs), (Ok(ours), Ok(theirs)) if ours == theirs)
    };
    if FILES.iter().all(is_same) && home.join("node_modules").is_dir() {
        return Ok("they are there");
    }
    say("installing peers of the tests with npm");
    std::fs::create_dir_all(home).map_err(|why| format!("{}: {why}", home.display()))?;
    // A half of before must not count as whole.
    let _ = std::fs::remove_dir_all(home.join("node_modules"));
    for name in FILES {
        let bytes = read(&lock.join(name))?;
        let path = home.join(name);
        std::fs::write(&path, bytes).map_err(|why| format!("{}: {why}", path.display()))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    let done = npm.current_dir(home).output().map_err(|why| format!("npm: {why}"))?;
    if done.status.success() {
        return Ok("they were installed");
    }
    let _ = std::fs::remove_file(home.join(FILES[1]));
    let said = String::from_utf8_lossy(&done.stderr);
    Err(format!("npm: {}", said.lines().next().unwrap_or("it does not say why")))
}
