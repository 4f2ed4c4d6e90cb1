//! Mutation testing of the two crates that hold every rule about money: `cargo mutants` changes one
//! operator or one function at a time, and their tests must notice. Survivors that are explained
//! stand in docs/mutation.md, which is read here: any other one fails.

use crate::talk::{Outcome, say};
use crate::workshop::{self, Workshop};
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program, and the version that the page's figures were made with.
const PROGRAM: &str = "cargo-mutants";
const VERSION: &str = "27.1.0";
/// The page with the table of explained survivors.
const PAGE: &str = "docs/mutation.md";

/// The crates, each with the test programs that are built for every mutant. Both have their tests
/// in one program, since what is linked counts; `ledger` has some beside its code as well. A test
/// that looks at the clock says nothing while other mutants run beside it.
const CRATES: &[(&str, &[&str])] = &[
    ("ledger", &["--lib", "--test", "ledger"]),
    ("settle", &["--test", "settle", "--", "--skip", "group_quickly"]),
];

/// What tests read: few cases of each property, and no search for the smallest one that fails.
const SETTINGS: &[(&str, &str)] = &[
    ("PROPTEST_CASES", "32"),
    ("PROPTEST_MAX_SHRINK_ITERS", "0"),
    ("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true"),
];

/// What is asked for. How long all of it takes is on the page: a shard stays under an hour.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Which part of how many, counted from 1.
    pub shard: Option<(u32, u32)>,
    /// The crate, or both.
    pub package: Option<String>,
    /// Files alone, by glob.
    pub files: Vec<String>,
    /// Mutants at once.
    pub jobs: u32,
}

/// Survivors by file and mutation, with their number: one function may have several alike.
pub type Survivors = BTreeMap<(String, String), usize>;

/// Runs the shard of the crate, or all of both.
pub fn run(workshop: &Workshop, args: &[String]) -> Outcome {
    let asked = match arguments(args) {
        Ok(asked) => asked,
        Err(why) => return Outcome::Unable(why),
    };
    let page = match fs::read_to_string(workshop.root.join(PAGE)) {
        Ok(page) => page,
        Err(why) => return Outcome::Unable(format!("{PAGE}: {why}")),
    };
    let explained = match explained(&page) {
        Ok(explained) => explained,
        Err(why) => return Outcome::Failed(why),
    };
    let program = match program() {
        Ok(program) => program,
        Err(why) => return Outcome::Unable(why),
    };
    let (mut complaints, mut tried, mut survived) = (Vec::new(), 0, 0);
    for (name, tests) in CRATES {
        if asked.package.as_deref().is_some_and(|package| package != *name) {
            continue;
        }
        match mutate(workshop, &program, &asked, (name, tests)) {
            Ok((number, survivors)) => {
                (tried, survived) = (tried + number, survived + survivors.values().sum::<usize>());
                complaints.extend(unexplained(&survivors, &explained));
            }
            Err(why) => return Outcome::Failed(why),
        }
    }
    let known = format!("{tried} mutants, {survived} survivors, each explained in {PAGE}");
    Outcome::of_complaints(&complaints, known)
}

/// The arguments, or what is wrong with them.
pub fn arguments(args: &[String]) -> Result<Asked, String> {
    let (mut asked, mut args) = (Asked { jobs: 2, ..Asked::default() }, args.iter());
    while let Some(arg) = args.next() {
        let value = args.next().ok_or_else(|| format!("{arg} needs a value"))?;
        match arg.as_str() {
            "--shard" => asked.shard = Some(shard(value)?),
            "--package" if CRATES.iter().any(|(name, _)| name == value) => {
                asked.package = Some(value.clone());
            }
            "--package" => return Err(format!("--package {value}: only ledger and settle")),
            "--file" => asked.files.push(value.clone()),
            "--jobs" => {
                let jobs = value.parse().ok().filter(|jobs| *jobs > 0);
                asked.jobs = jobs.ok_or("--jobs needs a number above 0")?;
            }
            _ => return Err(format!("there is no `{arg}`")),
        }
    }
    Ok(asked)
}

fn shard(text: &str) -> Result<(u32, u32), String> {
    let parts = text.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
    let shard = parts.filter(|(k, n)| (1..=*n).contains(k));
    shard.ok_or_else(|| format!("--shard {text}: K/N with K from 1 to N"))
}

/// The survivors that the page explains: rows of four cells, whose file begins with `crates/`.
pub fn explained(page: &str) -> Result<Survivors, String> {
    let mut found = Survivors::new();
    for line in page.lines().filter(|line| line.starts_with("| `crates/")) {
        // An operator of the mutation may itself be `|`, which tables write with a backslash.
        let cells: Vec<_> = line.split(" | ").map(|cell| cell.replace("\\|", "|")).collect();
        let bare = |cell: &str| cell.trim_matches(['|', ' ', '`']).to_owned();
        let [file, mutation, times, why] = cells.as_slice() else {
            return Err(format!("{PAGE}: file, mutation, times and why are expected: {line}"));
        };
        let times = bare(times).parse().map_err(|_| format!("{PAGE}: not a number: {line}"))?;
        if bare(why).is_empty() {
            return Err(format!("{PAGE}: not explained: {line}"));
        }
        let text = mutation.trim().trim_matches('`').to_owned();
        if found.insert((bare(file), text), times).is_some() {
            return Err(format!("{PAGE}: twice: {line}"));
        }
    }
    Ok(found)
}

/// Survivors as `cargo mutants` lists them: `file:line:column: mutation`.
pub fn survivors(list: &str) -> Survivors {
    let mut found = Survivors::new();
    for line in list.lines() {
        let mut parts = line.splitn(4, ':');
        let (Some(file), Some(mutation)) = (parts.next(), parts.nth(2)) else { continue };
        *found.entry((file.to_owned(), mutation.trim().to_owned())).or_default() += 1;
    }
    found
}

/// One line for every kind of survivor of which there are more than are explained.
pub fn unexplained(found: &Survivors, explained: &Survivors) -> Vec<String> {
    let known = |key| explained.get(key).copied().unwrap_or_default();
    let more = found.iter().filter(|(key, times)| **times > known(key));
    let line = |((file, mutation), times): (&(String, String), &usize)| {
        format!("{file}: {mutation}: {times} survived; a test is missing, or a line in {PAGE}")
    };
    more.map(line).collect()
}

/// Runs the program over one crate; gives the number of mutants and what survived.
fn mutate(
    workshop: &Workshop,
    program: &Path,
    asked: &Asked,
    (name, tests): (&str, &[&str]),
) -> Result<(usize, Survivors), String> {
    let out = workshop.target.join("mutation").join(name);
    fs::create_dir_all(&out).map_err(|why| format!("{}: {why}", out.display()))?;
    let mut command = Command::new(program);
    command.args(["mutants", "--package", &format!("saldo-{name}"), "--output"]).arg(&out);
    command.args(["--jobs", &asked.jobs.to_string()]);
    if let Some((k, n)) = asked.shard {
        // Every n-th, so that shards last equally long.
        command.args(["--sharding", "round-robin", "--shard", &format!("{}/{n}", k - 1)]);
    }
    for file in &asked.files {
        command.args(["--file", file]);
    }
    command.arg("--").args(tests).current_dir(&workshop.root).envs(SETTINGS.iter().copied());
    // Every mutant is built in a copy of the tree; it must not share outputs with this one. What
    // tests read beside the tree is not beside the copy.
    command.env_remove("CARGO_TARGET_DIR");
    if env::var_os("SALDO_SHARED").is_none() {
        command.env("SALDO_SHARED", workshop.root.join("../shared"));
    }
    let ended = workshop.pass_through(&mut command);
    let read = |list: &str| fs::read_to_string(out.join("mutants.out").join(list));
    let lists = ["caught.txt", "timeout.txt", "unviable.txt", "missed.txt"].map(read);
    let [Ok(caught), Ok(timeout), Ok(unviable), Ok(missed)] = lists else {
        return Err(ended.err().unwrap_or_else(|| format!("{} is not complete", out.display())));
    };
    let count = |list: &str| list.lines().count();
    let (caught, timeout, unviable) = (count(&caught), count(&timeout), count(&unviable));
    let tried = caught + timeout + unviable + count(&missed);
    // Survivors and time-outs end the program badly; without any, it is the tree that is at fault.
    if timeout + count(&missed) == 0 {
        ended?;
    }
    let missed_count = count(&missed);
    say(&format!(
        "{name}: {tried} mutants: {caught} caught, {timeout} ran for ever, {unviable} do not \
         compile, {missed_count} survived"
    ));
    Ok((tried, survivors(&missed)))
}

/// The program, in the cache of tools; built there the first time.
fn program() -> Result<PathBuf, String> {
    let cache = workshop::cache_dir(env::var_os("XDG_CACHE_HOME"), env::var_os("HOME"));
    let tools = cache.ok_or("neither XDG_CACHE_HOME nor HOME is set: set one")?.join("tools");
    let program = tools.join("bin").join(format!("{PROGRAM}{}", env::consts::EXE_SUFFIX));
    let said = Command::new(&program).args(["mutants", "--version"]).output();
    if said.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).contains(VERSION)) {
        return Ok(program);
    }
    say(&format!("installing {PROGRAM} {VERSION} into {}", tools.display()));
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["install", "--quiet", "--locked", "--version", VERSION, "--root"]).arg(&tools);
    match cargo.arg(PROGRAM).status() {
        Ok(status) if status.success() => Ok(program),
        Ok(status) => Err(format!("installing {PROGRAM} ended with {status}")),
        Err(why) => Err(format!("cargo did not start: {why}")),
    }
}
