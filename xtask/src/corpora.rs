//! Lists that other people keep and that our tests take in: fetched once, by the package manager
//! as it is set up on this machine, into a cache outside of the clone. Nothing of them is copied
//! into the project.

use crate::talk::{Outcome, say};
use crate::workshop::Workshop;
use serde_json::Value;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A package of the npm registry.
struct Package {
    name: &'static str,
    version: &'static str,
    /// Hash of its archive, as npm states it.
    integrity: &'static str,
    /// The file that the tests read.
    file: &'static str,
}

/// Strings that have broken programs; MIT. `cli/tests/naughty.rs` reads them.
const NAUGHTY: Package = Package {
    name: "big-list-of-naughty-strings",
    version: "1.0.0",
    integrity: "sha512-WiC+gW38KhSqHR5nmQ51l25CkiU/WkDCXFXd6R1uvyCdYrMk70IzmcVrrV3CEKU1ppd2PcZY+\
                UsRz/RyM7/jMA==",
    file: "blns.json",
};

/// The step `corpora`: skipped, and said so, where the registry cannot be reached; a failure where
/// `CI` or `SALDO_REQUIRE_ALL` is set.
pub fn step(_: &Workshop) -> Outcome {
    let chosen = env::var_os("SALDO_CORPORA");
    let Some(folder) = folder(chosen, env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")) else {
        return Outcome::Unable("neither SALDO_CORPORA, XDG_CACHE_HOME nor HOME is set".to_owned());
    };
    let home = folder.join(format!("{}-{}", NAUGHTY.name, NAUGHTY.version));
    if home.join(NAUGHTY.file).is_file() {
        return Outcome::Passed(format!("{} is there", NAUGHTY.name));
    }
    match fetch(&NAUGHTY, &folder, &home) {
        Ok(()) => Outcome::Passed(format!("{} was fetched", NAUGHTY.name)),
        Err(why) if is_required() => Outcome::Failed(why),
        Err(why) => Outcome::Skipped(format!("not reached: skipped ({why})")),
    }
}

/// Where the lists are kept: what the user chose, else below the user's cache.
pub(crate) fn folder(
    chosen: Option<std::ffi::OsString>,
    cache: Option<std::ffi::OsString>,
    home: Option<std::ffi::OsString>,
) -> Option<PathBuf> {
    let chosen = chosen.filter(|path| !path.is_empty()).map(PathBuf::from);
    let cache = cache.map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = cache.or_else(|| home.map(|home| PathBuf::from(home).join(".cache")));
    chosen.or_else(|| cache.map(|cache| cache.join("saldo/corpora")))
}

/// Whether what cannot be had is a failure here.
pub(crate) fn is_required() -> bool {
    let set = |name| env::var(name).is_ok_and(|value| !matches!(&*value, "" | "0" | "false"));
    set("CI") || set("SALDO_REQUIRE_ALL")
}

/// Fetches and unpacks a package; it stands at `home` whole or not at all.
fn fetch(package: &Package, folder: &Path, home: &Path) -> Result<(), String> {
    let Package { name, version, .. } = package;
    say(&format!("fetching {name} {version} with npm"));
    std::fs::create_dir_all(folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let mut npm = Command::new("npm");
    npm.args(["pack", "--json", "--loglevel=error", &format!("{name}@{version}")]);
    let packed = npm.current_dir(folder).output().map_err(|why| format!("npm: {why}"))?;
    let archive = archive_of(&String::from_utf8_lossy(&packed.stdout), package)?;
    let fresh = folder.join(format!("{name}-{version}.unpacked-{}", std::process::id()));
    std::fs::create_dir_all(&fresh).map_err(|why| format!("{}: {why}", fresh.display()))?;
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(folder.join(archive)).arg("--strip-components=1").arg("-C").arg(&fresh);
    let done = tar.output().map_err(|why| format!("tar: {why}"))?;
    if !done.status.success() || !fresh.join(package.file).is_file() {
        return Err(format!("the archive of {name} does not unpack to {}", package.file));
    }
    std::fs::rename(&fresh, home).map_err(|why| format!("{}: {why}", home.display()))
}

/// The name of the archive that npm wrote, where it is the one we know.
fn archive_of(report: &str, package: &Package) -> Result<String, String> {
    let report: Option<Value> = serde_json::from_str(report).ok();
    let packed = report.as_ref().and_then(|report| report.get(0));
    let packed = packed.ok_or_else(|| format!("npm does not reach {}", package.name))?;
    if packed["integrity"].as_str() != Some(package.integrity) {
        return Err(format!("{} is not the archive that it was", package.name));
    }
    let name = packed["filename"].as_str();
    name.map(str::to_owned).ok_or_else(|| "npm does not say what it wrote".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_known_archive_is_taken() {
        let report =
            |integrity: &str| format!(r#"[{{"filename":"x.tgz","integrity":"{integrity}"}}]"#);
        assert_eq!(archive_of(&report(NAUGHTY.integrity), &NAUGHTY), Ok("x.tgz".to_owned()));
        for wrong in [report("sha512-AAAA"), "[]".to_owned(), "npm error".to_owned()] {
            assert!(archive_of(&wrong, &NAUGHTY).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_cache_is_the_users_choice_first() {
        let os = |text: &str| Some(text.into());
        for (chosen, cache, home, expected) in [
            (os("/c"), os("/x"), os("/h"), Some("/c")),
            (os(""), os("/x"), os("/h"), Some("/x/saldo/corpora")),
            (None, os("relative"), os("/h"), Some("/h/.cache/saldo/corpora")),
            (None, None, None, None),
        ] {
            assert_eq!(folder(chosen, cache, home), expected.map(PathBuf::from));
        }
    }
}
