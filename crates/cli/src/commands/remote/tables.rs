//! Answers of a service as tables: their fields are the columns.

use crate::commands::{Ended, Outcome};
use crate::output::{self, Column, Format, Plain, Rows};
use serde_json::Value;

/// A list, with a column for every field that any item has.
pub fn rows(items: Vec<Value>, format: Format) -> Outcome {
    let mut names: Vec<String> = Vec::new();
    for item in items.iter().filter_map(Value::as_object) {
        for name in item.keys().filter(|name| !names.contains(name)).collect::<Vec<_>>() {
            names.push(name.clone());
        }
    }
    let cell = |item: &Value, name: &String| item.get(name).map(text).unwrap_or_default();
    let row = |item: &Value| names.iter().map(|name| cell(item, name)).collect::<Vec<_>>();
    let cells: Vec<Vec<String>> = items.iter().map(row).collect();
    let is_number = |at: usize| {
        let mut some = cells.iter().map(|row| row[at].as_str()).filter(|cell| !cell.is_empty());
        some.clone().next().is_some() && some.all(is_figure)
    };
    let numbers: Vec<bool> = (0..names.len()).map(is_number).collect();
    let columns = names.into_iter().zip(numbers);
    let columns = columns.map(|(name, is_number)| Column { name, is_number }).collect();
    Rows { columns, cells, json: items.into() }.print(format)?;
    Ok(Ended::Done)
}

/// A document: a line for every field.
pub fn one(document: &Value, format: Plain) -> Outcome {
    match format {
        Plain::Json => output::json(document)?,
        Plain::Text => {
            let mut lines = String::new();
            tell(document, 0, &mut lines);
            output::text(&lines)?;
        }
    }
    Ok(Ended::Done)
}

/// Where an operator stands, as sentences.
pub fn status(document: &Value) -> String {
    let of = |name: &str| text(&document[name]);
    let counts = |of: &Value| {
        let parts = ["posted", "duplicate", "waiting", "quarantined", "refused"];
        let parts = parts.map(|name| format!("{name} {}", text(&of[name]))).join(" + ");
        format!("received {} = {parts}", text(&of["received"]))
    };
    let mut lines = vec![
        format!("operator {}, book revision {}", of("operator"), of("book_revision")),
        counts(document),
        format!("{} accounts, {} open contests", of("accounts"), of("contests")),
    ];
    let sources = document["sources"].as_object().into_iter().flatten();
    lines.extend(sources.map(|(name, found)| format!("source {name}: {}", counts(found))));
    for refused in document["refusals"].as_array().into_iter().flatten() {
        let [source, code, count] = ["source", "code", "count"].map(|name| text(&refused[name]));
        lines.push(format!("refused of {source}: {count} by {code}"));
    }
    lines.push(format!("up to position {}\n", of("position")));
    lines.join("\n")
}

/// The lines of a statement and what it comes to.
pub fn statement(document: &Value, lang: &str) -> Outcome {
    let lines = document["lines"].as_array().cloned().unwrap_or_default();
    let columns = [("path", false), ("title", false), ("base", true), ("rate", true)];
    let columns = columns.into_iter().chain([("amount", true), ("running", true)]);
    let columns: Vec<Column> =
        columns.map(|(name, is_number)| Column { name: name.to_owned(), is_number }).collect();
    let cell = |line: &Value, column: &Column| match column.name.as_str() {
        // A line without a title of its own is called by its name.
        "title" => match line["title"][lang].as_str() {
            Some(title) if !title.is_empty() => title.to_owned(),
            _ => text(&line["name"]),
        },
        name => text(&line[name]),
    };
    let row = |line: &Value| columns.iter().map(|column| cell(line, column)).collect();
    let cells = lines.iter().map(row).collect();
    let table = Rows { cells, json: Value::Null, columns: columns.clone() };
    output::talk(format!(
        "{} ({})",
        text(&document["id"]),
        if document["closed"] == true { "closed" } else { "draft, not closed" }
    ));
    table.print(Format::Table)?;
    let said = ["from", "to", "payable", "asset"].map(|name| text(&document[name]));
    let [from, to, payable, asset] = said;
    output::talk(format!("{from} pays {to} {payable} {asset}"));
    Ok(Ended::Done)
}

/// A value in one cell.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn is_figure(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// A document in lines; what is inside another thing is further in.
fn tell(value: &Value, depth: usize, lines: &mut String) {
    let indent = "  ".repeat(depth);
    let mut fields: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), field)).collect(),
        Value::Array(items) => items.iter().map(|item| ("-".to_owned(), item)).collect(),
        _ => return line(lines, &indent, "", &text(value)),
    };
    // Whatever keeps maps in memory has an order of its own, or none.
    if value.is_object() {
        fields.sort_by(|one, other| one.0.cmp(&other.0));
    }
    for (name, field) in fields {
        match field {
            Value::Object(inner) if !inner.is_empty() => {
                line(lines, &indent, &name, "");
                tell(field, depth + 1, lines);
            }
            Value::Array(inner) if inner.iter().any(|item| item.is_object() || item.is_array()) => {
                line(lines, &indent, &name, "");
                tell(field, depth + 1, lines);
            }
            Value::Null => {}
            Value::Object(_) => line(lines, &indent, &name, "none"),
            _ => line(lines, &indent, &name, &text(field)),
        }
    }
}

fn line(lines: &mut String, indent: &str, name: &str, value: &str) {
    let gap = if name.is_empty() || value.is_empty() { "" } else { "  " };
    lines.extend([indent, name, gap, value, "\n"]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn documents_are_told_line_by_line() {
        let document = json!({
            "operator": "house", "position": 7, "sources": { "a": { "posted": 1 } },
            "streams": [{ "stream": "a" }], "networks": ["10.0.0.0/8"], "party": null,
        });
        let mut lines = String::new();
        tell(&document, 0, &mut lines);
        assert_eq!(
            lines,
            "networks  10.0.0.0/8\noperator  house\nposition  7\nsources\n  a\n    posted  \
             1\nstreams\n  -\n    stream  a\n"
        );
        for (cell, figure) in
            [("-12.50", true), ("7", true), ("", false), ("2026-03", false), ("EUR", false)]
        {
            assert_eq!(is_figure(cell), figure, "{cell}");
        }
    }
}
