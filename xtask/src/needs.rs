//! Needs: what the machine lacks, named with the command that installs it.

use crate::talk::say;
use std::process::{Command, Stdio};

/// A tool that some step stands on.
pub struct Need {
    /// Any of these programs will do.
    pub any_of: &'static [&'static [&'static str]],
    /// Whether nothing goes without it.
    pub required: bool,
    /// What it is for.
    pub what_for: &'static str,
    /// How to get it.
    pub install: &'static str,
}

/// A C++ compiler: libFuzzer, which the fuzz targets link, is written in C++.
pub const CXX: Need = Need {
    any_of: &[&["c++", "--version"], &["g++", "--version"], &["clang++", "--version"]],
    required: false,
    what_for: "fuzz targets (libFuzzer)",
    install: "apt-get install g++",
};

/// What reads PDF files back; the step `tools` installs it where it can.
pub const PDFTOTEXT: Need = Need {
    any_of: &[&["pdftotext", "-v"]],
    required: false,
    what_for: "what a statement's PDF says",
    install: "apt-get install poppler-utils",
};

/// What `cargo xtask test` looks for.
const NEEDS: &[Need] = &[
    Need {
        any_of: &[&["cc", "--version"], &["gcc", "--version"], &["clang", "--version"]],
        required: true,
        what_for: "SQLite and the crypto provider, which are built from C",
        install: "apt-get install gcc libc6-dev",
    },
    Need {
        any_of: &[&["cargo", "fmt", "--version"]],
        required: true,
        what_for: "the format step",
        install: "rustup component add rustfmt",
    },
    Need {
        any_of: &[&["cargo", "clippy", "--version"]],
        required: true,
        what_for: "the lint step",
        install: "rustup component add clippy",
    },
    CXX,
    PDFTOTEXT,
    Need {
        any_of: &[&["git", "--version"]],
        required: false,
        what_for: "which files are tracked (without it, all files under the root are taken)",
        install: "apt-get install git",
    },
    Need {
        any_of: &[&["curl", "--version"]],
        required: false,
        what_for: "fetching test services and data",
        install: "apt-get install curl",
    },
    Need {
        any_of: &[&["npm", "--version"]],
        required: false,
        what_for: "fetching the naughty strings that a test takes in",
        install: "apt-get install npm",
    },
    Need {
        any_of: &[&["xmllint", "--version"]],
        required: false,
        what_for: "bank files against their schema",
        install: "apt-get install libxml2-utils",
    },
];

impl Need {
    /// Whether one of its programs starts and ends well.
    pub fn is_met(&self) -> bool {
        self.any_of.iter().any(|command| starts(command))
    }

    /// The name it is called by.
    pub fn name(&self) -> String {
        let words = self.any_of[0].iter().take_while(|word| !word.starts_with('-'));
        words.copied().collect::<Vec<_>>().join(" ")
    }
}

fn starts(command: &[&str]) -> bool {
    let silent = Command::new(command[0])
        .args(&command[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    silent.is_ok_and(|status| status.success())
}

/// Names on stderr everything that is missing; the error lists what nothing goes without.
pub fn check() -> Result<String, String> {
    let mut lacking = Vec::new();
    let mut spared = Vec::new();
    for need in NEEDS.iter().filter(|need| !need.is_met()) {
        let Need { what_for, install, .. } = need;
        let (name, degree) = (need.name(), if need.required { "needed" } else { "optional" });
        say(&format!("`{name}` is not there ({degree}, for {what_for}). To get it: {install}"));
        if need.required {
            lacking.push(format!("{name} ({install})"));
        } else {
            spared.push(name);
        }
    }
    match (lacking.is_empty(), spared.is_empty()) {
        (false, _) => Err(format!("this machine lacks {}", lacking.join(", "))),
        (true, false) => Ok(format!("nothing needed is missing; optional: {}", spared.join(", "))),
        (true, true) => Ok("nothing is missing".to_owned()),
    }
}
