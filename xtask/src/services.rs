//! The services that tests talk to, real ones: started on loopback at free ports, with what they
//! write in a temporary directory, and stopped by the number of their process.
//!
//! Where a service is stands in a file of lines `KEY VALUE` under its name in the folder of
//! services: `SALDO_SERVICES`, or else `saldo/services` below the user's cache. Tests read it.

mod kafka;
mod postgres;
mod state;

use crate::corpora::is_required;
use crate::talk::{Outcome, say, seconds};
use crate::workshop::{Workshop, own_cache_dir};
use state::State;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// The variable that names the folder of services.
const FOLDER: &str = "SALDO_SERVICES";

/// A service: its name, and what starts it and says where it is.
struct Service {
    name: &'static str,
    start: fn() -> Result<State, String>,
}

const SERVICES: &[Service] = &[
    Service { name: "postgres", start: postgres::start },
    Service { name: "kafka", start: kafka::start },
];

/// `services start|stop|status [NAME..]`.
pub fn run(_: &Workshop, args: &[String]) -> Outcome {
    let usage = "services start|stop|status [kafka|postgres]";
    let Some((what, names)) = args.split_first() else {
        return Outcome::Unable(usage.to_owned());
    };
    let known = |name: &String| SERVICES.iter().any(|service| service.name == name);
    let folder = match folder() {
        Some(folder) if names.iter().all(known) => folder,
        Some(_) => return Outcome::Unable(usage.to_owned()),
        None => return Outcome::Unable(format!("{FOLDER} and HOME are not set: set one")),
    };
    let of = |name: &str| names.is_empty() || names.iter().any(|chosen| chosen == name);
    let chosen = SERVICES.iter().filter(|service| of(service.name));
    let done: Result<Vec<String>, String> = match what.as_str() {
        "start" => chosen.map(|service| started(service, &folder)).collect(),
        "stop" => chosen.map(|service| stopped(service, &folder)).collect(),
        "status" => chosen.map(|service| Ok(status(service, &folder))).collect(),
        _ => return Outcome::Unable(usage.to_owned()),
    };
    match done {
        Ok(lines) => Outcome::Passed(lines.join("; ")),
        Err(why) => Outcome::Failed(why),
    }
}

/// Services that a run of the tests has for itself; they stop with it.
pub struct Lease {
    folder: PathBuf,
    /// Whether they are the run's own, and not those that the user chose.
    own: bool,
    /// What could not be started, and why.
    pub lacking: Vec<String>,
}

impl Lease {
    /// Starts what the tests need; where the user names a folder of services, takes those.
    pub fn new(workshop: &Workshop) -> Self {
        if let Some(folder) = chosen_folder() {
            return Self { folder, own: false, lacking: Vec::new() };
        }
        let folder = workshop.target.join("services");
        let failed = |service| started(service, &folder).err();
        let lacking: Vec<_> = SERVICES.iter().filter_map(failed).collect();
        lacking.iter().for_each(|why| say(why));
        Self { folder, own: true, lacking }
    }

    /// Tells a command where they are.
    pub fn tell(&self, command: &mut Command) {
        command.env(FOLDER, &self.folder);
    }

    /// Whether what is lacking is a failure here.
    pub fn is_required() -> bool {
        is_required() || env::var_os("SALDO_REQUIRE_SERVICES").is_some_and(|it| !it.is_empty())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        for service in SERVICES.iter().filter(|_| self.own) {
            match stopped(service, &self.folder) {
                Ok(said) => say(&said),
                Err(why) => say(&format!("{} did not stop: {why}", service.name)),
            }
        }
    }
}

fn chosen_folder() -> Option<PathBuf> {
    env::var_os(FOLDER).filter(|path| !path.is_empty()).map(PathBuf::from)
}

fn folder() -> Option<PathBuf> {
    chosen_folder().or_else(|| own_cache_dir().map(|cache| cache.join("services")))
}

fn started(service: &Service, folder: &Path) -> Result<String, String> {
    let name = service.name;
    if let Some(state) = State::read(folder, name).filter(State::is_running) {
        return Ok(format!("{name} is at {}", state.place()));
    }
    let start = Instant::now();
    say(&format!("starting {name}"));
    let state = (service.start)().map_err(|why| format!("{name} was not started: {why}"))?;
    if let Err(why) = state.write(folder, name) {
        state.stop()?;
        return Err(why);
    }
    say(&format!("{name} answers at {} ({})", state.place(), seconds(start)));
    Ok(format!("{name} is at {}", state.place()))
}

fn stopped(service: &Service, folder: &Path) -> Result<String, String> {
    let name = service.name;
    let Some(state) = State::read(folder, name) else {
        return Ok(format!("{name} was not started"));
    };
    state.stop()?;
    State::forget(folder, name)?;
    Ok(format!("{name} is stopped"))
}

fn status(service: &Service, folder: &Path) -> String {
    match State::read(folder, service.name) {
        Some(state) if state.is_running() => format!("{} is at {}", service.name, state.place()),
        Some(_) => format!("{} has ended", service.name),
        None => format!("{} was not started", service.name),
    }
}
