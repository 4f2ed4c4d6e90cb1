//! Tidy: what holds the shape of the tree and the borders between crates.
//!
//! Every rule is a pure function from text, or from the crate graph, to violations. Only [`tree`],
//! which reads what the rules look at, knows of files and processes.

pub mod borders;
pub mod catalogue;
pub mod edges;
pub mod leaks;
pub mod manners;
pub mod numbers;
pub mod place;
pub mod scan;
pub mod shape;
pub mod tree;

use crate::graph::Graph;
use place::Place;
use scan::Source;
use std::fmt;

/// One thing that breaks a rule, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Path from the root of the workspace, with `/`.
    pub path: String,
    /// Line, counted from 1; 1 where the whole file is meant.
    pub line: usize,
    /// Short name of the rule.
    pub rule: &'static str,
    /// What to do.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.rule, self.what)
    }
}

/// A file of the tree as the rules see it.
#[derive(Debug, Clone)]
pub struct File {
    /// Path from the root of the workspace, with `/`.
    pub path: String,
    /// The content; bytes that are not UTF-8 are replaced.
    pub text: String,
}

/// What a look at one file needs: where it stands, its masks, and which of its bytes are test code.
pub struct Look<'f> {
    /// Path from the root of the workspace.
    pub path: &'f str,
    /// Crate and role of the file.
    pub place: Place<'f>,
    /// Text and masks.
    pub source: Source<'f>,
    /// Byte ranges that are compiled only for tests; the whole file where it is a test.
    pub tests: Vec<std::ops::Range<usize>>,
}

impl Look<'_> {
    /// A violation at the byte `offset` of this file.
    pub fn at(&self, offset: usize, rule: &'static str, what: impl Into<String>) -> Violation {
        let line = self.source.line_of(offset);
        Violation { path: self.path.to_owned(), line, rule, what: what.into() }
    }

    /// Whether the byte at `offset` is compiled only for tests.
    pub fn is_test(&self, offset: usize) -> bool {
        self.tests.iter().any(|range| range.contains(&offset))
    }
}

/// How long the Rust files are, in lines.
#[derive(Debug, PartialEq, Eq)]
pub struct Lengths {
    /// Number of Rust files.
    pub files: usize,
    /// The middle one's length.
    pub median: usize,
    /// The longest one's length.
    pub max: usize,
}

/// Every violation in the tree, sorted by place. `graph` is none where cargo cannot read it.
pub fn check(files: &[File], graph: Option<&Graph>) -> Vec<Violation> {
    let test_modules = place::test_modules(files);
    let mut found = Vec::new();
    for file in files {
        leaks::check(file, &mut found);
        shape::check_text(file, &mut found);
        if place::is_rust(&file.path) && !place::is_generated(&file.path) {
            let look = place::look(file, &test_modules);
            shape::check(&look, &mut found);
            manners::check(&look, &mut found);
            numbers::check(&look, &mut found);
            borders::check(&look, &mut found);
        }
    }
    if let Some(graph) = graph {
        edges::check(graph, &mut found);
        catalogue::check(files, graph, &mut found);
    }
    found.sort();
    found.dedup();
    found
}

/// The lengths of the Rust files, generated ones left out.
pub fn lengths(files: &[File]) -> Lengths {
    let rust = files.iter().filter(|f| place::is_rust(&f.path) && !place::is_generated(&f.path));
    let mut lines: Vec<_> = rust.map(|file| file.text.lines().count()).collect();
    lines.sort_unstable();
    Lengths {
        files: lines.len(),
        median: lines.get(lines.len() / 2).copied().unwrap_or(0),
        max: lines.last().copied().unwrap_or(0),
    }
}
