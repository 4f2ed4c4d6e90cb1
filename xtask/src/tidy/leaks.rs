//! Leaks: nothing of the machine it was built on, and no host of a package registry, in any file.

use super::{File, Violation};

/// Paths of a build machine. Written in parts so that this file does not break its own rule.
const PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// Hosts of package registries: a lock file or a script that names one would bypass the mirror.
const HOSTS: &[&str] = &[
    concat!("registry.", "npmjs.org"),
    concat!("static.", "crates.io"),
    concat!("index.", "crates.io"),
    concat!("proxy.", "golang.org"),
    concat!("repo1.", "maven.org"),
    concat!("pypi.", "org"),
];

/// Refuses both in any file, whatever its kind.
pub fn check(file: &File, found: &mut Vec<Violation>) {
    for (n, line) in file.text.lines().enumerate() {
        let mut add = |rule, what| {
            found.push(Violation { path: file.path.clone(), line: n + 1, rule, what });
        };
        if PATHS.iter().any(|path| stands_alone(line, path)) {
            add("machine-path", "name no path of a build machine: make it relative".to_owned());
        }
        if let Some(host) = HOSTS.iter().find(|host| line.contains(**host)) {
            add("registry-host", format!("drop `{host}`: the client knows where its registry is"));
        }
    }
}

/// Whether `path` begins in `line`, rather than continuing a longer one (`../work/x`).
fn stands_alone(line: &str, path: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || "._-~}*".contains(c);
    line.match_indices(path).any(|(at, _)| !line[..at].chars().next_back().is_some_and(joins))
}
