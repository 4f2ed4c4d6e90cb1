//! The crates of the workspace and what they stand on, as plain values that rules can look at.

use crate::workshop::Workshop;
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use std::collections::BTreeSet;
use std::process::Command;

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Shipped code, or its build script.
    Normal,
    /// Tests and benchmarks only.
    Dev,
}

/// One line of a crate's dependencies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dep {
    /// Package name.
    pub name: String,
    /// What it is for.
    pub kind: Kind,
    /// Whether it is a path of the workspace.
    pub ours: bool,
}

/// One crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crate {
    /// Package name.
    pub name: String,
    /// Version as text.
    pub version: String,
    /// The SPDX expression of its manifest, if it gives one.
    pub licence: Option<String>,
    /// Whether it is part of the workspace.
    pub ours: bool,
    /// Its manifest; from the root of the workspace where it is ours.
    pub manifest: String,
    /// What it declares to use; of ours only.
    pub deps: Vec<Dep>,
    /// Names of its binary targets; of ours only.
    pub bins: Vec<String>,
}

/// Every crate that is built on this kind of machine.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// Sorted by name and version.
    pub crates: Vec<Crate>,
}

impl Graph {
    /// Asks cargo, for the manifest at `manifest` from the root of the workspace.
    ///
    /// What only other platforms use is left out: it is neither fetched nor built here.
    pub fn read(workshop: &Workshop, manifest: &str) -> Result<Self, String> {
        let mut command = MetadataCommand::new();
        command.manifest_path(workshop.root.join(manifest));
        command.current_dir(&workshop.root);
        if let Some(host) = host() {
            command.other_options(["--filter-platform".to_owned(), host]);
        }
        let metadata = command.exec().map_err(|why| format!("cargo metadata: {why}"))?;
        Ok(Self::of(&metadata))
    }

    fn of(metadata: &Metadata) -> Self {
        let resolve = metadata.resolve.as_ref();
        let used: Option<BTreeSet<&PackageId>> =
            resolve.map(|resolve| resolve.nodes.iter().map(|node| &node.id).collect());
        let is_used = |p: &&Package| used.as_ref().is_none_or(|used| used.contains(&p.id));
        let root = metadata.workspace_root.as_str();
        let packages = metadata.packages.iter().filter(is_used);
        let mut crates: Vec<_> = packages.map(|package| Crate::of(package, root)).collect();
        crates.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
        Self { crates }
    }
}

impl Crate {
    fn of(package: &Package, root: &str) -> Self {
        let ours = package.source.is_none();
        let dep = |dep: &cargo_metadata::Dependency| Dep {
            name: dep.name.clone(),
            kind: if dep.kind == DependencyKind::Development { Kind::Dev } else { Kind::Normal },
            ours: dep.path.is_some(),
        };
        let bins = package.targets.iter().filter(|target| target.is_bin());
        let manifest = package.manifest_path.as_str();
        Self {
            name: package.name.to_string(),
            version: package.version.to_string(),
            licence: package.license.clone(),
            ours,
            manifest: manifest.trim_start_matches(root).trim_start_matches('/').to_owned(),
            deps: if ours { package.dependencies.iter().map(dep).collect() } else { Vec::new() },
            bins: if ours { bins.map(|bin| bin.name.clone()).collect() } else { Vec::new() },
        }
    }
}

/// The triple of this machine, as the compiler names it.
pub fn host() -> Option<String> {
    let output = Command::new("rustc").arg("-vV").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned)
}
