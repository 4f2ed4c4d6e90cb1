//! Edges: which crate of ours may use which, as section 4 of the architecture says.

use super::Violation;
use crate::graph::{Graph, Kind};

/// The crates from the ledger to the engine: what "engine and below" means.
const TO_ENGINE: &[&str] = &["engine", "proof", "book", "settle", "ledger"];

/// One crate of ours: what its shipped code may use, and libraries that it must not.
struct Edge {
    name: &'static str,
    uses: &'static [&'static str],
    must_not: &'static [&'static str],
}

/// Libraries that a pure crate must not stand on.
const IMPURE: &[&str] = &["serde", "serde_json", "tokio", "rand", "rusqlite", "futures"];
/// Libraries that speak to a store or to the network.
const DRIVERS: &[&str] =
    &["rusqlite", "tokio-postgres", "rdkafka", "redis", "axum", "hyper", "reqwest", "object_store"];

/// The table. A crate that is not here, or an edge that is not here, fails.
const EDGES: &[Edge] = &[
    Edge { name: "ledger", uses: &[], must_not: IMPURE },
    Edge { name: "settle", uses: &["ledger"], must_not: IMPURE },
    Edge { name: "book", uses: &["ledger", "settle"], must_not: DRIVERS },
    Edge { name: "proof", uses: &["ledger", "settle"], must_not: DRIVERS },
    // `book` beyond the page: a mapping is declared in the book and run here.
    Edge { name: "formats", uses: &["ledger", "settle", "book"], must_not: DRIVERS },
    Edge { name: "engine", uses: &["ledger", "settle", "book", "proof"], must_not: DRIVERS },
    Edge { name: "press", uses: &["settle"], must_not: DRIVERS },
    Edge { name: "local", uses: TO_ENGINE, must_not: &["axum", "hyper", "reqwest", "redis"] },
    Edge { name: "cluster", uses: TO_ENGINE, must_not: &["axum", "hyper", "reqwest", "rusqlite"] },
    Edge {
        name: "connect",
        uses: &["engine", "formats"],
        must_not: &["rusqlite", "tokio-postgres", "rdkafka", "redis", "object_store", "axum"],
    },
    Edge {
        name: "node",
        uses: &[
            "local", "formats", "connect", "press", "engine", "proof", "book", "settle", "ledger",
        ],
        must_not: &["axum", "hyper"],
    },
    Edge { name: "api", uses: &["ledger", "settle"], must_not: DRIVERS },
    Edge { name: "server", uses: &["node", "api"], must_not: &["rusqlite", "rdkafka", "redis"] },
    Edge { name: "cli", uses: &["server", "node", "api", "proof", "sim"], must_not: &[] },
    Edge { name: "sim", uses: TO_ENGINE, must_not: DRIVERS },
    Edge { name: "xtask", uses: &[], must_not: DRIVERS },
];

/// What tests may use beside it: the simulator, the embedded ports, and what is below the node.
const TESTS_MAY_USE: &[&str] =
    &["sim", "local", "formats", "engine", "proof", "book", "settle", "ledger"];

/// Whose tests may use anything of ours: those of the binary, and those of the ports on services,
/// which run the node's own intake.
const TESTS_MAY_USE_ALL: &[&str] = &["cli", "cluster"];

/// Compares the workspace with the table.
pub fn check(graph: &Graph, found: &mut Vec<Violation>) {
    for krate in graph.crates.iter().filter(|krate| krate.ours) {
        let short = short(&krate.name);
        let path = &krate.manifest;
        let mut add = |what| {
            found.push(Violation { path: path.clone(), line: 1, rule: "edge", what });
        };
        let Some(edge) = EDGES.iter().find(|edge| edge.name == short) else {
            add(format!("`{short}` is not in the table of crates: add it there, and to the page"));
            continue;
        };
        for dep in &krate.deps {
            let target = self::short(&dep.name);
            let test = dep.kind == Kind::Dev;
            if dep.ours {
                let any = TESTS_MAY_USE_ALL.contains(&short);
                let tests_may = test && (any || TESTS_MAY_USE.contains(&target));
                if target != short && !edge.uses.contains(&target) && !tests_may {
                    let uses = edge.uses.join(", ");
                    add(format!("`{short}` may not use `{target}`, only [{uses}]: drop the edge"));
                }
            } else if !test && edge.must_not.contains(&target) {
                add(format!("`{short}` may not use the library `{target}`: drop it"));
            }
        }
    }
}

/// The directory name of a crate of ours: its package name without the common prefix.
fn short(package: &str) -> &str {
    package.strip_prefix("saldo-").unwrap_or(package)
}
