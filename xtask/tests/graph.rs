//! Edges between crates, the dependencies page, licences and duplicates: each rule when broken.

use xtask::allow::Allow;
use xtask::graph::{Crate, Dep, Graph, Kind};
use xtask::licences::{bad_duplicates, bad_licences};
use xtask::spdx;
use xtask::tidy::{self, File};

/// A crate of ours with `deps`, each as `name`, `dev name`, or `lib name` for a foreign one.
fn ours(name: &str, deps: &[&str]) -> Crate {
    let dep = |text: &&str| {
        let (mark, name) = text.split_once(' ').unwrap_or(("", text));
        let kind = if mark == "dev" { Kind::Dev } else { Kind::Normal };
        let ours = mark != "lib";
        Dep { name: if ours { package(name) } else { name.to_owned() }, kind, ours }
    };
    Crate {
        name: package(name),
        version: "0.1.0".to_owned(),
        licence: Some("Apache-2.0".to_owned()),
        ours: true,
        manifest: format!("crates/{name}/Cargo.toml"),
        deps: deps.iter().map(dep).collect(),
        bins: Vec::new(),
    }
}

fn package(name: &str) -> String {
    if name == "xtask" { name.to_owned() } else { format!("saldo-{name}") }
}

fn foreign(name: &str, version: &str, licence: Option<&str>) -> Crate {
    Crate {
        name: name.to_owned(),
        version: version.to_owned(),
        licence: licence.map(str::to_owned),
        ours: false,
        ..ours(name, &[])
    }
}

/// The complaints about edges when `name` uses `deps`.
fn edges(name: &str, deps: &[&str]) -> Vec<String> {
    let graph = Graph { crates: vec![ours(name, deps)] };
    let found = tidy::check(&[], Some(&graph));
    found.into_iter().filter(|v| v.rule == "edge").map(|v| v.what).collect()
}

#[test]
fn the_edges_of_the_page_pass() {
    for (name, deps) in [
        ("ledger", &["dev sim", "lib thiserror"][..]),
        ("settle", &["ledger"]),
        ("book", &["ledger", "settle", "lib serde"]),
        ("proof", &["ledger", "settle", "lib sha2"]),
        ("formats", &["ledger", "settle", "book"]),
        ("engine", &["ledger", "settle", "book", "proof", "dev local", "dev sim"]),
        ("local", &["engine", "ledger", "proof", "lib rusqlite", "dev sim"]),
        ("node", &["local", "engine", "formats", "book", "proof", "settle", "ledger"]),
        ("cli", &["node", "proof", "sim", "dev local", "dev node"]),
        ("sim", &["engine", "ledger", "dev local"]),
        ("xtask", &["lib cargo_metadata"]),
    ] {
        assert_eq!(edges(name, deps), [""; 0], "{name}");
    }
}

#[test]
fn a_new_edge_fails() {
    for (name, dep) in [
        ("ledger", "settle"),
        ("ledger", "lib serde"),
        ("settle", "book"),
        ("settle", "lib rand"),
        ("book", "engine"),
        ("proof", "book"),
        ("formats", "engine"),
        ("engine", "local"),
        ("engine", "formats"),
        ("engine", "sim"),
        ("engine", "lib rusqlite"),
        ("engine", "dev node"),
        ("local", "node"),
        ("local", "sim"),
        ("node", "sim"),
        ("node", "lib axum"),
        ("cli", "engine"),
        ("sim", "local"),
        ("xtask", "ledger"),
    ] {
        let found = edges(name, &[dep]);
        assert_eq!(found.len(), 1, "{name} -> {dep}: {found:?}");
        let target = dep.rsplit(' ').next().unwrap_or(dep);
        assert!(found[0].contains(name) && found[0].contains(target), "{found:?}");
    }
    assert_eq!(edges("utils", &[]).len(), 1, "a crate that is not in the table");
}

/// The complaints about the page, given a root manifest and the page.
fn page(manifest: &str, page: &str) -> Vec<String> {
    let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
    let files = [file("Cargo.toml", manifest), file("docs/dependencies.md", page)];
    let graph = Graph { crates: vec![ours("local", &["lib crc", "engine"])] };
    let found = tidy::check(&files, Some(&graph));
    found.into_iter().filter(|v| v.rule == "dependencies").map(|v| v.to_string()).collect()
}

#[test]
fn every_library_has_a_row_with_a_reason() {
    let manifest = "[workspace.dependencies]\nsaldo-a = {}\n# x = y\ncsv = \"1\"\n\n[x]\nno = 1\n";
    let full = "| crate | why |\n|---|---|\n| `crc` | frames |\n| `csv` | input |\n";
    assert_eq!(page(manifest, full), [""; 0]);
    for (broken, what) in [
        (full.replace("| `csv` | input |\n", ""), ":1: dependencies: add a row for `csv`"),
        (full.replace("| `crc` | frames |\n", ""), ":1: dependencies: add a row for `crc`"),
        (full.replace("input", " "), ":4: dependencies: say why `csv`"),
        (format!("{full}| `old` | once |\n"), ":5: dependencies: `old` is not used"),
    ] {
        let found = page(manifest, &broken);
        assert!(found.len() == 1 && found[0].contains(what), "{what}: {found:?}");
    }
}

#[test]
fn licence_expressions_are_read() {
    let allows = |licence: &str| ["MIT", "Apache-2.0", "NCSA"].contains(&licence);
    for (expression, expected) in [
        ("MIT", Ok(true)),
        ("GPL-3.0", Ok(false)),
        ("GPL-3.0 OR MIT", Ok(true)),
        ("GPL-3.0/MIT", Ok(true)),
        ("GPL-3.0 AND MIT", Ok(false)),
        ("MIT OR GPL-3.0 AND LGPL-3.0", Ok(true)),
        ("GPL-3.0 AND LGPL-3.0 OR MIT", Ok(true)),
        ("(GPL-3.0 OR MIT) AND (NCSA)", Ok(true)),
        ("(MIT OR Apache-2.0) AND GPL-3.0", Ok(false)),
        ("Apache-2.0 WITH LLVM-exception OR GPL-3.0", Ok(true)),
        ("GPL-2.0 WITH Classpath-exception-2.0", Ok(false)),
        ("", Err(())),
        ("MIT OR", Err(())),
        ("(MIT", Err(())),
        ("MIT)", Err(())),
        ("MIT Apache-2.0", Err(())),
        ("AND MIT", Err(())),
        ("MIT WITH", Err(())),
    ] {
        assert_eq!(spdx::is_met(expression, &allows).map_err(|_| ()), expected, "{expression}");
    }
}

fn list(text: &str) -> Allow {
    Allow::parse(text).expect("every line has its reason")
}

#[test]
fn licences_outside_of_the_list_fail() {
    let allow = list("# why\nMIT: free\nBSD-*: free\ncrate ring: read by us\n");
    for (krate, bad) in [
        (foreign("a", "1.0.0", Some("MIT")), 0),
        (foreign("a", "1.0.0", Some("BSD-3-Clause")), 0),
        (foreign("a", "1.0.0", Some("GPL-3.0")), 1),
        (foreign("a", "1.0.0", Some("MIT OR")), 1),
        (foreign("a", "1.0.0", None), 1),
        (foreign("ring", "1.0.0", None), 0),
        (ours("ledger", &[]), 0),
        (Crate { licence: None, ..ours("ledger", &[]) }, 1),
    ] {
        let shown = format!("{krate:?}");
        assert_eq!(bad_licences(&Graph { crates: vec![krate] }, &allow).len(), bad, "{shown}");
    }
}

#[test]
fn two_versions_of_a_crate_need_a_reason() {
    let graph = Graph {
        crates: ["1.0.0", "2.0.0"].map(|version| foreign("a", version, Some("MIT"))).to_vec(),
    };
    for (text, bad) in [("", 1), ("a: its users move slowly", 0), ("a: so\nb: no longer twice", 1)]
    {
        assert_eq!(bad_duplicates(&graph, &list(text)).len(), bad, "{text}");
    }
    for text in ["MIT", "MIT:", "MIT: ", "MIT:free"] {
        assert!(Allow::parse(text).is_err_and(|why| why.contains("MIT")), "{text}");
    }
}
