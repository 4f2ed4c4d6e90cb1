//! Known vulnerabilities: asks `cargo audit`, where it and its database can be reached.

use crate::talk::Outcome;
use crate::workshop::Workshop;
use serde_json::Value;

/// The step `advisories`: skipped, and said so, where the question cannot be asked.
pub fn step(workshop: &Workshop) -> Outcome {
    let version = workshop.cargo(&["audit", "--version"]).output();
    if !version.is_ok_and(|output| output.status.success()) {
        let how = "cargo install cargo-audit";
        return Outcome::Skipped(format!("not reached: skipped (cargo-audit is not there: {how})"));
    }
    let output = match workshop.cargo(&["audit", "--json"]).output() {
        Ok(output) => output,
        Err(why) => return Outcome::Skipped(format!("not reached: skipped ({why})")),
    };
    judge(&String::from_utf8_lossy(&output.stdout), &String::from_utf8_lossy(&output.stderr))
}

/// Reads the report; text that is no report means that the database could not be reached.
pub fn judge(stdout: &str, stderr: &str) -> Outcome {
    let report: Option<Value> = serde_json::from_str(stdout).ok();
    let list = report.as_ref().and_then(|report| report["vulnerabilities"]["list"].as_array());
    let Some(list) = list else {
        let why = stderr.lines().find(|line| line.contains("error")).unwrap_or("no report").trim();
        return Outcome::Skipped(format!("not reached: skipped ({why})"));
    };
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let line = |found: &Value| {
        let (advisory, package) = (&found["advisory"], &found["package"]);
        let name = format!("{} {}", text(&package["name"]), text(&package["version"]));
        format!("{name}: {}: {}", text(&advisory["id"]), text(&advisory["title"]))
    };
    let complaints: Vec<_> = list.iter().map(line).collect();
    Outcome::of_complaints(&complaints, "no known vulnerability".to_owned())
}
