//! The benchmarks of the ingest, of plans and of the service, in a release build, shown as tables.

use crate::talk::{Outcome, say};
use crate::workshop::Workshop;
use serde_json::Value;
use std::process::{Command, Stdio};

/// Events when none are asked for: enough to be steady, and over in a minute.
const EVENTS: &str = "1000000";

/// Builds, measures, prints. A first argument `plan` or `service` measures that instead of the
/// ingest, `--json` prints the report as it came; the rest goes to `saldo`.
pub fn run(workshop: &Workshop, args: &[String]) -> Outcome {
    let build = ["build", "--release", "-p", "saldo-cli", "--bin", "saldo"];
    if let Err(why) = workshop.pass_through(&mut workshop.cargo(&build)) {
        return Outcome::Failed(why);
    }
    let mut command = Command::new(workshop.saldo("release"));
    let (what, args) = match args {
        [first, rest @ ..] if first == "plan" || first == "service" => (first.as_str(), rest),
        _ => ("ingest", args),
    };
    command.args(["bench", what]);
    if !args.iter().any(|arg| arg == "--events") {
        command.args(["--events", EVENTS]);
    }
    command.args(args.iter().filter(|arg| *arg != "--json")).args(["--format", "json"]);
    say("measuring; the machine should be quiet");
    let output = match command.stderr(Stdio::inherit()).output() {
        Ok(output) => output,
        Err(why) => return Outcome::Failed(format!("saldo did not start: {why}")),
    };
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Outcome::Failed(format!("`saldo bench {what}` ended with {}", output.status));
    }
    match serde_json::from_str::<Value>(&text) {
        Ok(_) if args.iter().any(|arg| arg == "--json") => print!("{text}"),
        Ok(report) => print!("{}", table(&report)),
        Err(why) => return Outcome::Failed(format!("the report is no JSON: {why}")),
    }
    Outcome::Passed("measured".to_owned())
}

/// One line a figure, names of nested ones joined with a point.
pub fn table(report: &Value) -> String {
    let mut rows = Vec::new();
    flatten(String::new(), report, &mut rows);
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let lines = rows.iter().map(|(name, value)| format!("{name:<width$}  {value}"));
    lines.chain([String::new()]).collect::<Vec<_>>().join("\n")
}

fn flatten(name: String, value: &Value, rows: &mut Vec<(String, String)>) {
    let join = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| flatten(join(key), value, rows));
        }
        Value::Array(items) => {
            let numbered = items.iter().enumerate();
            numbered.for_each(|(n, value)| flatten(join(&n.to_string()), value, rows));
        }
        Value::String(text) => rows.push((name, text.clone())),
        Value::Number(number) => rows.push((name, grouped(&number.to_string()))),
        other => rows.push((name, other.to_string())),
    }
}

/// A number with its whole part in groups of three: `1,234,567.5`.
fn grouped(number: &str) -> String {
    let digits = number.chars().take_while(char::is_ascii_digit).count();
    let (whole, rest) = number.split_at(digits);
    let mut text = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (digits - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}
