//! The reference page: the `OpenAPI` document as one page of HTML, without a script and without
//! anything from elsewhere.

use serde_json::{Map, Value};
use std::fmt::Write as _;

/// What a browser may do with the page: show it, with its own style.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; \
                          form-action 'none'; frame-ancestors 'none'";

/// The page's style.
pub const STYLE: &str = include_str!("reference.css");

/// The page of a document.
pub fn page(document: &Value) -> String {
    let mut page = String::from(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Saldo: interface</title><link rel=\"stylesheet\" href=\"/docs/style.css\">\
         </head><body>\n<a class=\"skip\" href=\"#main\">Skip to the routes</a>\n",
    );
    let groups = groups(document);
    let _ = write!(
        page,
        "<header><h1>{}</h1><p>{}</p><p>The document itself: <a href=\"/openapi.json\">\
         /openapi.json</a>. Every code: <a href=\"/v1/codes\">/v1/codes</a>.</p><p>Every \
         route may also refuse, with <a href=\"#shape-Problem\">Problem</a> as \
         <code>application/problem+json</code>.</p></header>\n\
         <nav aria-label=\"Routes\"><ul>",
        text(&document["info"]["title"]),
        text(&document["info"]["description"])
    );
    for (name, operations) in &groups {
        let _ = write!(
            page,
            "<li><a href=\"#{0}\">{0}</a> <small>{1}</small></li>",
            escape(name),
            operations.len()
        );
    }
    page.push_str("</ul></nav>\n<main id=\"main\">\n");
    for (name, operations) in &groups {
        let _ = writeln!(page, "<section id=\"{0}\"><h2>{0}</h2>", escape(name));
        for (method, path, operation) in operations {
            route(&mut page, method, path, operation);
        }
        page.push_str("</section>\n");
    }
    page.push_str("<section id=\"shapes\"><h2>Shapes</h2>\n");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let _ = write!(page, "<article id=\"shape-{0}\"><h3>{0}</h3>", escape(name));
        shape(&mut page, schema);
        page.push_str("</article>\n");
    }
    page.push_str("</section>\n</main></body></html>\n");
    page
}

/// Method, path, operation.
type Operation<'a> = (&'a str, &'a str, &'a Value);

/// Operations by their tag, in the order of paths.
fn groups(document: &Value) -> Vec<(String, Vec<Operation<'_>>)> {
    let mut groups: Vec<(String, Vec<Operation<'_>>)> = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let tag = operation["tags"][0].as_str().unwrap_or("other");
            match groups.iter_mut().find(|(name, _)| name == tag) {
                Some((_, operations)) => operations.push((method, path, operation)),
                None => groups.push((tag.to_owned(), vec![(method, path, operation)])),
            }
        }
    }
    // What one comes for is first: the rest is about the service itself.
    groups.sort_by_key(|(name, _)| name == "service");
    groups
}

fn route(page: &mut String, method: &str, path: &str, operation: &Value) {
    let id = text(&operation["operationId"]);
    let shown = escape(path).replace('/', "/<wbr>");
    let _ = write!(
        page,
        "<article id=\"{id}\"><h3><span class=\"method {0}\">{1}</span> <code>{shown}</code></h3>\
         <p>{2} {3}</p>",
        escape(method),
        escape(&method.to_uppercase()),
        text(&operation["summary"]),
        text(&operation["description"])
    );
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !parameters.is_empty() {
        page.push_str("<h4>Parameters</h4><dl>");
        for parameter in parameters {
            let needed = parameter["required"].as_bool().unwrap_or_default();
            let _ = write!(
                page,
                "<div><dt><code>{}</code> <small>{}, {}{}</small></dt><dd>{}</dd></div>",
                text(&parameter["name"]),
                text(&parameter["in"]),
                kind(&parameter["schema"]),
                if needed { ", needed" } else { "" },
                text(&parameter["description"])
            );
        }
        page.push_str("</dl>");
    }
    let body = &operation["requestBody"]["content"];
    contents(page, "<h4>Body</h4>", body);
    page.push_str("<h4>Answers</h4><dl>");
    let answers = operation["responses"].as_object().into_iter().flatten();
    // Refusals are the same everywhere, and are told once above.
    for (status, answer) in answers.filter(|(status, _)| !status.ends_with("XX")) {
        let _ = write!(
            page,
            "<div><dt><code>{}</code> {}</dt><dd>",
            escape(status),
            text(&answer["description"])
        );
        contents(page, "", &answer["content"]);
        page.push_str("</dd></div>");
    }
    page.push_str("</dl></article>\n");
}

/// The media types of a body or an answer, with their shapes.
fn contents(page: &mut String, title: &str, content: &Value) {
    let Some(content) = content.as_object().filter(|content| !content.is_empty()) else { return };
    page.push_str(title);
    page.push_str("<ul>");
    for (media, of) in content {
        let shape = if of["schema"].is_null() { String::new() } else { kind(&of["schema"]) };
        let _ = write!(page, "<li><code>{}</code> {shape}</li>", escape(media));
    }
    page.push_str("</ul>");
}

/// The fields of a shape.
fn shape(page: &mut String, schema: &Value) {
    let _ = write!(page, "<p>{}</p>", text(&schema["description"]));
    let parts = ["oneOf", "anyOf", "allOf"].iter().filter_map(|key| schema[key].as_array());
    for part in parts.flatten() {
        if part["properties"].is_object() {
            fields(page, part);
        } else {
            let _ = write!(page, "<p>{}</p>", kind(part));
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> = values.iter().map(text).collect();
        let _ = write!(page, "<p>One of <code>{}</code></p>", values.join("</code>, <code>"));
    }
    fields(page, schema);
}

fn fields(page: &mut String, schema: &Value) {
    let Some(properties) = schema["properties"].as_object() else { return };
    let needed: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    page.push_str("<dl>");
    for (name, of) in properties {
        let _ = write!(
            page,
            "<div><dt><code>{}</code> <small>{}{}</small></dt><dd>{}</dd></div>",
            escape(name),
            kind(of),
            if needed.contains(&name.as_str()) { "" } else { ", may be absent" },
            text(&of["description"])
        );
    }
    page.push_str("</dl>");
}

/// What a schema is, in a few words, with a link where it has a name.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|to| to.rsplit('/').next()) {
        return format!("<a href=\"#shape-{0}\">{0}</a>", escape(name));
    }
    if schema["items"].is_object() {
        return format!("list of {}", kind(&schema["items"]));
    }
    if let Some(parts) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        let parts: Vec<String> = parts.iter().map(kind).collect();
        return parts.join(" or ");
    }
    let name = match &schema["type"] {
        Value::Array(names) => names.iter().map(text).collect::<Vec<_>>().join(" or "),
        Value::String(name) => escape(name),
        _ => "anything".to_owned(),
    };
    let bounds = Map::new();
    let bounds = schema.as_object().unwrap_or(&bounds);
    let told = ["format", "minimum", "maximum"]
        .iter()
        .filter_map(|key| bounds.get(*key).map(|value| format!(", {key} {}", text(value))));
    format!("{name}{}", told.collect::<String>())
}

/// A value as text, escaped.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => code_spans(&escape(text)),
        other => escape(&other.to_string()),
    }
}

/// What stands between backquotes as code.
fn code_spans(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in text.split('`').enumerate() {
        out.push_str(if at == 0 {
            ""
        } else if at % 2 == 1 {
            "<code>"
        } else {
            "</code>"
        });
        out.push_str(part);
    }
    if text.matches('`').count() % 2 == 1 {
        out.push_str("</code>");
    }
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_of_the_document_becomes_markup() {
        let document = json!({
            "info": { "title": "<script>a</script>", "description": "`x` & \"y\"" },
            "paths": { "/v1/<b>": { "get": { "tags": ["\"><i>"], "summary": "<u>",
                "responses": { "200": { "description": "<s>" } } } } },
        });
        let page = page(&document);
        for markup in ["<script", "<b>", "<i>", "<u>", "<s>"] {
            assert!(!page.contains(markup), "{markup}");
        }
        assert!(page.contains("<code>x</code> &amp; &quot;y&quot;"), "{page}");
    }
}
