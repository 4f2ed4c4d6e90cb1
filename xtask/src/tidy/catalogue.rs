//! Catalogue: every library that is used directly stands, with its reason, in docs/dependencies.md.

use super::{File, Violation};
use crate::graph::Graph;
use std::collections::{BTreeMap, BTreeSet};

/// The page with the tables.
const PAGE: &str = "docs/dependencies.md";

/// Compares the page with the manifests: what is missing there, and what is there for nothing.
pub fn check(files: &[File], graph: &Graph, found: &mut Vec<Violation>) {
    let text = |path: &str| files.iter().find(|f| f.path == path).map_or("", |f| f.text.as_str());
    let listed = rows(text(PAGE));
    let mut used: BTreeSet<&str> = BTreeSet::new();
    used.extend(names(text("Cargo.toml"), "[workspace.dependencies]"));
    used.extend(names(text("fuzz/Cargo.toml"), "[dependencies]"));
    for krate in graph.crates.iter().filter(|krate| krate.ours) {
        used.extend(krate.deps.iter().filter(|dep| !dep.ours).map(|dep| dep.name.as_str()));
    }
    used.retain(|name| !name.starts_with("saldo-"));
    let mut add = |line, what| {
        found.push(Violation { path: PAGE.to_owned(), line, rule: "dependencies", what });
    };
    for name in used.iter().filter(|name| !listed.contains_key(**name)) {
        add(1, format!("add a row for `{name}` with the reason it is used"));
    }
    for (name, (line, reason)) in &listed {
        if !used.contains(name) {
            add(*line, format!("`{name}` is not used: drop its row"));
        } else if reason.is_empty() {
            add(*line, format!("say why `{name}` is used"));
        }
    }
}

/// The rows `| crate | reason |` of the page, the crate in backticks: name to line and reason.
fn rows(page: &str) -> BTreeMap<&str, (usize, &str)> {
    let rows = page.lines().enumerate().filter_map(|(n, line)| {
        let mut cells = line.trim().strip_prefix('|')?.split('|').map(str::trim);
        let name = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
        Some((name, (n + 1, cells.next().unwrap_or(""))))
    });
    rows.collect()
}

/// The names on the left of `=` in one section of a manifest.
fn names<'t>(manifest: &'t str, section: &str) -> Vec<&'t str> {
    let lines = manifest.lines().skip_while(|line| line.trim() != section).skip(1);
    let body = lines.take_while(|line| !line.trim_start().starts_with('['));
    let names = body.filter_map(|line| line.split_once('=')).map(|(name, _)| name.trim());
    // `serde.workspace = true` names serde.
    let names = names.map(|name| name.split('.').next().unwrap_or(name));
    names.filter(|name| !name.is_empty() && !name.starts_with('#')).collect()
}
