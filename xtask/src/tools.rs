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
    if is_root() && installs(&[PACKAGE]) && PDFTOTEXT.is_met() {
        return Outcome::Passed(format!("{name} was installed"));
    }
    let why = format!("{name} is not here, for {what_for}: {install}");
    if is_required() { Outcome::Failed(why) } else { Outcome::Skipped(why) }
}

/// Installs what is not there, where that needs no asking; else says how to get it.
pub(crate) fn provide(needs: &[(Need, &str)]) -> Result<(), String> {
    let lacking = || needs.iter().filter(|(need, _)| !need.is_met());
    let packages: Vec<_> = lacking().map(|(_, package)| *package).collect();
    if packages.is_empty() || is_root() && installs(&packages) && lacking().next().is_none() {
        return Ok(());
    }
    let line = |(need, _): &(Need, &str)| format!("{} ({})", need.name(), need.install);
    Err(format!("this machine lacks {}", lacking().map(line).collect::<Vec<_>>().join(", ")))
}

fn installs(packages: &[&str]) -> bool {
    say(&format!("installing {} with apt-get", packages.join(", ")));
    let install = [&["install", "--no-install-recommends"], packages].concat();
    let steps: [&[&str]; 2] = [&["update"], &install];
    steps.into_iter().all(|step| {
        let mut apt = Command::new("apt-get");
        apt.args(["-q", "-y"]).args(step).env("DEBIAN_FRONTEND", "noninteractive");
        apt.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        apt.status().is_ok_and(|status| status.success())
    })
}

pub(crate) fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
