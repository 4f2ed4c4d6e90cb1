//! Programs that tests hold our files against: put on the machine by its own package manager
//! where that can be done without asking, named where it cannot.

use crate::corpora::is_required;
use crate::needs::{Need, PDFTOTEXT};
use crate::talk::{Outcome, say};
use crate::workshop::Workshop;
use std::process::{Command, Stdio};

/// The Debian package of [`PDFTOTEXT`].
const PACKAGE: &str = "poppler-utils";

/// The step `tools`: skipped, and said so, where a tool cannot be had; a failure where `CI` or
/// `SALDO_REQUIRE_ALL` is set.
pub fn step(_: &Workshop) -> Outcome {
    let Need { what_for, install, .. } = PDFTOTEXT;
    let name = PDFTOTEXT.name();
    if PDFTOTEXT.is_met() {
        return Outcome::Passed(format!("{name} is there"));
    }
    if is_root() && installs() && PDFTOTEXT.is_met() {
        return Outcome::Passed(format!("{name} was installed"));
    }
    let why = format!("{name} is not here, for {what_for}: {install}");
    if is_required() { Outcome::Failed(why) } else { Outcome::Skipped(why) }
}

fn installs() -> bool {
    say(&format!("installing {PACKAGE} with apt-get"));
    let steps: [&[&str]; 2] = [&["update"], &["install", "--no-install-recommends", PACKAGE]];
    steps.into_iter().all(|step| {
        let mut apt = Command::new("apt-get");
        apt.args(["-q", "-y"]).args(step).env("DEBIAN_FRONTEND", "noninteractive");
        apt.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        apt.status().is_ok_and(|status| status.success())
    })
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
