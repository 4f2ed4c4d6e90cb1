//! Licences and duplicate crates: what the crate graph may hold.

use crate::allow::Allow;
use crate::graph::{Crate, Graph};
use crate::spdx;
use crate::talk::Outcome;
use crate::workshop::Workshop;
use std::collections::BTreeMap;
use std::fs;

/// Licences that may be built into Saldo, each with its reason.
pub const LICENCES: &str = "xtask/allow/licences.txt";
/// Crates of which two versions are suffered, each with its reason.
pub const DUPLICATES: &str = "xtask/allow/duplicates.txt";
/// Our own licence.
const OWN: &str = "Apache-2.0";

/// The step `licences`: the workspace, and the fuzz targets beside it.
pub fn licence_step(workshop: &Workshop) -> Outcome {
    let mut total = 0;
    let mut complaints = Vec::new();
    for manifest in ["Cargo.toml", "fuzz/Cargo.toml"] {
        let (graph, allow) = match read(workshop, manifest, LICENCES) {
            Ok(both) => both,
            Err(why) => return Outcome::Unable(why),
        };
        total += graph.crates.len();
        complaints.extend(bad_licences(&graph, &allow));
    }
    complaints.sort();
    complaints.dedup();
    Outcome::of_complaints(&complaints, format!("{total} crates"))
}

/// The step `duplicates`: two versions of one crate in the workspace.
pub fn duplicate_step(workshop: &Workshop) -> Outcome {
    match read(workshop, "Cargo.toml", DUPLICATES) {
        Ok((graph, allow)) => {
            let passed = format!("{} crates, {} suffered", graph.crates.len(), allow.entries.len());
            Outcome::of_complaints(&bad_duplicates(&graph, &allow), passed)
        }
        Err(why) => Outcome::Unable(why),
    }
}

fn read(workshop: &Workshop, manifest: &str, list: &str) -> Result<(Graph, Allow), String> {
    let graph = Graph::read(workshop, manifest)?;
    let text = fs::read_to_string(workshop.root.join(list)).map_err(|e| format!("{list}: {e}"))?;
    Ok((graph, Allow::parse(&text).map_err(|why| format!("{list}: {why}"))?))
}

/// One line for each crate whose licence does not do.
pub fn bad_licences(graph: &Graph, allow: &Allow) -> Vec<String> {
    graph.crates.iter().filter_map(|krate| bad_licence(krate, allow)).collect()
}

fn bad_licence(krate: &Crate, allow: &Allow) -> Option<String> {
    let Crate { name, version, licence, .. } = krate;
    if krate.ours {
        let own = licence.as_deref() == Some(OWN);
        return (!own).then(|| format!("{name}: our own crates say `license = \"{OWN}\"`"));
    }
    if allow.allows(&format!("crate {name}")) {
        return None;
    }
    let Some(expression) = licence else {
        return Some(format!(
            "{name} {version}: no licence expression: read its file, then list it"
        ));
    };
    match spdx::is_met(expression, &|licence| allow.allows(licence)) {
        Ok(true) => None,
        Ok(false) => Some(format!("{name} {version}: `{expression}` is not in {LICENCES}")),
        Err(why) => Some(format!("{name} {version}: `{expression}`: {why}")),
    }
}

/// One line for each crate in several versions that is not listed, or listed for nothing.
pub fn bad_duplicates(graph: &Graph, allow: &Allow) -> Vec<String> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for krate in &graph.crates {
        versions.entry(&krate.name).or_default().push(&krate.version);
    }
    versions.retain(|_, versions| versions.len() > 1);
    let unlisted = versions.iter().filter(|(name, _)| !allow.allows(name)).map(|(name, all)| {
        format!("{name}: {}: take one version, or list it with a reason", all.join(", "))
    });
    let stale = allow.entries.iter().filter(|(name, _)| !versions.contains_key(name.as_str()));
    let stale =
        stale.map(|(name, _)| format!("{name}: no longer twice: drop it from {DUPLICATES}"));
    unlisted.chain(stale).collect()
}
