//! Allow-lists: `name: reason` a line, `#` for comments, a `*` at the end of a name for any ending.

/// A list of names that are allowed, each with its reason.
#[derive(Debug, Clone, Default)]
pub struct Allow {
    /// Name and reason, in the order of the file.
    pub entries: Vec<(String, String)>,
}

impl Allow {
    /// Reads a list; the error names the first line without a reason.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut entries = Vec::new();
        for (n, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, reason) = line.split_once(": ").unwrap_or((line, ""));
            if reason.trim().is_empty() {
                return Err(format!("line {}: `{name}` has no reason: say why", n + 1));
            }
            entries.push((name.trim().to_owned(), reason.trim().to_owned()));
        }
        Ok(Self { entries })
    }

    /// Whether a name is on the list.
    pub fn allows(&self, name: &str) -> bool {
        self.entries.iter().any(|(entry, _)| match entry.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => entry == name,
        })
    }
}
