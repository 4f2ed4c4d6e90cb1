//! Programs that tests hold our files against: put on the machine by its own package manager
//! where that can be done without asking, named where it cannot.

use crate::talk::say;
use std::process::{Command, Stdio};

/// A program, and the Debian package that has it.
struct Tool {
    program: &'static str,
    package: &'static str,
}

/// Reads PDF files; `press/tests/pdf.rs` asks it what a statement says.
const PDFTOTEXT: Tool = Tool { program: "pdftotext", package: "poppler-utils" };

/// Sees that every tool is there.
///
/// # Errors
/// Which one is not, and what to do.
pub fn ensure() -> Result<String, String> {
    let Tool { program, package } = PDFTOTEXT;
    if runs(program) {
        return Ok(format!("{program} is there"));
    }
    let missing = format!("{program} is not here: install {package}");
    if !is_root() || !runs("apt-get") {
        return Err(missing);
    }
    say(&format!("installing {package} with apt-get, for {program}"));
    let quiet = ["-q", "-y"];
    let steps: [&[&str]; 2] = [&["update"], &["install", "--no-install-recommends", package]];
    for step in steps {
        let mut apt = Command::new("apt-get");
        apt.args(quiet).args(step).env("DEBIAN_FRONTEND", "noninteractive");
        apt.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if !apt.status().is_ok_and(|status| status.success()) {
            return Err(missing);
        }
    }
    if runs(program) { Ok(format!("{program} was installed")) } else { Err(missing) }
}

fn runs(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("-v").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok()
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
