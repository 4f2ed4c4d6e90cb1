//! The workshop: where the workspace is, where build outputs go, how commands are run in it.

use crate::talk::say;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace and its build cache.
#[derive(Debug, Clone)]
pub struct Workshop {
    /// The root of the workspace.
    pub root: PathBuf,
    /// Cargo's target directory, outside the clone unless the user chose otherwise.
    pub target: PathBuf,
}

impl Workshop {
    /// Finds the workspace above the current directory, and tells the user once where outputs go.
    pub fn find() -> Result<Self, String> {
        let here = env::current_dir().map_err(|why| format!("no current directory: {why}"))?;
        let is_root = |folder: &&Path| folder.join("xtask/Cargo.toml").is_file();
        let root = here.ancestors().find(is_root);
        let root = root.ok_or("not inside the workspace: go to the clone first")?.to_path_buf();
        let chosen = env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty());
        let target = target_dir(chosen, env::var_os("XDG_CACHE_HOME"), env::var_os("HOME"))
            .ok_or("neither CARGO_TARGET_DIR, XDG_CACHE_HOME nor HOME is set: set one")?;
        // A relative choice is relative to where the user stands, as cargo takes it.
        let target = here.join(target);
        say(&format!("build outputs are in {}", target.display()));
        Ok(Self { root, target })
    }

    /// A cargo command in the workspace, with its outputs in the cache.
    pub fn cargo(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(args).current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        // What `cargo run` set for xtask itself must not reach the build scripts of others.
        for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs a command with its output passed through; the error says what was run and how it ended.
    pub fn pass_through(&self, command: &mut Command) -> Result<(), String> {
        let shown = shown(command);
        say(&shown);
        match command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("`{shown}` ended with {status}")),
            Err(why) => Err(format!("`{shown}` did not start: {why}")),
        }
    }

    /// The built `saldo` of a profile directory (`debug`, `release`).
    pub fn saldo(&self, profile: &str) -> PathBuf {
        self.target.join(profile).join(format!("saldo{}", env::consts::EXE_SUFFIX))
    }
}

/// The target directory: what the user chose, else below the user's cache, outside of the clone.
pub fn target_dir(
    chosen: Option<OsString>,
    cache: Option<OsString>,
    home: Option<OsString>,
) -> Option<PathBuf> {
    if let Some(chosen) = chosen {
        return Some(chosen.into());
    }
    cache_dir(cache, home).map(|dir| dir.join("target"))
}

/// Where everything is kept that can be had again: below the user's cache.
pub fn cache_dir(cache: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    // The base directory specification has relative values ignored.
    let cache = cache.map(PathBuf::from).filter(|path| path.is_absolute());
    let home = home.map(PathBuf::from).filter(|path| path.is_absolute());
    cache.or_else(|| home.map(|home| home.join(".cache"))).map(|dir| dir.join("saldo"))
}

/// As [`cache_dir`], for this user.
pub fn own_cache_dir() -> Option<PathBuf> {
    cache_dir(env::var_os("XDG_CACHE_HOME"), env::var_os("HOME"))
}

/// A command as one would type it; the toolchain's own path to cargo is left out.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let args = command.get_args().map(|arg| arg.to_string_lossy().into_owned());
    let words = std::iter::once(program.to_string_lossy().into_owned()).chain(args);
    words.collect::<Vec<_>>().join(" ")
}
