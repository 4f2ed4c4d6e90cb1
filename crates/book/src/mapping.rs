//! Mappings: how the rows of a file become events, declared in `mappings/*.yaml`.
//!
//! [`file`] is the form that people write, [`expr`] the small language of conditions, amounts
//! and texts in it, [`compile`] turns the one into a [`Mapping`] and reports every mistake. What
//! a mapping does to bytes is the business of the crate that decodes.

mod choose;
pub mod code;
mod compile;
mod event;
pub mod expr;
pub mod file;
mod lex;
mod parse;
#[cfg(test)]
mod tests;

pub use compile::compile;
pub use expr::{Compare, Expr, Operation, Part, Template};
pub use file::{Format, MappingFile};

/// A mapping without mistakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Its name: the name of its file without `.yaml`.
    pub name: String,
    /// The source whose events the rows are.
    pub source: String,
    /// What the files are.
    pub format: Format,
    /// Label of the character encoding, as in the WHATWG list; `utf-8` unless said.
    pub encoding: String,
    /// How CSV is written.
    pub csv: Csv,
    /// Name of the sheet of a workbook; the first one unless said.
    pub sheet: Option<String>,
    /// Where a JSON document keeps its rows; empty when the document is the row or the list.
    pub rows: Vec<String>,
    /// Spellings that mean that there is no value; empty text always does.
    pub nulls: Vec<String>,
    /// How numbers in text are written.
    pub numbers: Numbers,
    /// How times are written.
    pub times: Times,
    /// Tables of values, by index in [`Expr::Map`].
    pub maps: Vec<ValueMap>,
    /// Other files that rows look values up in.
    pub joins: Vec<Join>,
    /// Every column that is used, by index in [`Expr::Column`].
    pub columns: Vec<Column>,
    /// Rows that are passed over.
    pub skips: Vec<Skip>,
    /// The events of a row, in order.
    pub events: Vec<EventRule>,
    /// Totals that a file states.
    pub controls: Vec<Control>,
}

/// How CSV is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Csv {
    /// Between fields.
    pub delimiter: u8,
    /// Around fields; inside them it is doubled.
    pub quote: u8,
    /// Names of the columns where the file has no header.
    pub columns: Option<Vec<String>>,
}

/// How numbers in text are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// The decimal sign, `.` or `,`.
    pub decimal: char,
    /// What groups thousands.
    pub thousands: Option<char>,
}

/// How times are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Times {
    /// Tried in order.
    pub formats: Vec<TimeFormat>,
    /// IANA zone of times that state none.
    pub zone: Option<String>,
}

/// One way to write a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    /// RFC 3339 with an offset.
    Rfc3339,
    /// A number of these nanoseconds since 1970.
    Unix {
        /// Nanoseconds in one unit.
        unit_nanos: i64,
    },
    /// A pattern with `%Y`, `%m` and so on.
    Pattern(String),
}

/// A table from values to values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueMap {
    /// Its name.
    pub name: String,
    /// Pairs, ascending by the first.
    pub entries: Vec<(String, String)>,
}

impl ValueMap {
    /// What `value` stands for.
    pub fn get(&self, value: &str) -> Option<&str> {
        let at = self.entries.binary_search_by(|(key, _)| key.as_str().cmp(value)).ok()?;
        Some(&self.entries[at].1)
    }
}

/// A CSV file beside the input in which rows look up further columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// Its name before the dot in expressions.
    pub name: String,
    /// File name, in the directory of the input.
    pub file: String,
    /// The column of that file that is unique in it.
    pub key: String,
    /// The value of the key for a row.
    pub on: Template,
}

/// A column that some expression uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// Of the row: one name, or in JSON a path.
    Row(Vec<String>),
    /// Of the whole JSON document: a path from its root.
    Document(Vec<String>),
    /// Of an object around the row.
    Parent {
        /// 1 for the nearest.
        levels: usize,
        /// The path from it.
        path: Vec<String>,
    },
    /// Of a joined file.
    Join {
        /// Index in [`Mapping::joins`].
        join: usize,
        /// Name of its column.
        name: String,
    },
}

impl std::fmt::Display for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Row(path) => f.write_str(&path.join(".")),
            Self::Document(path) => write!(f, "$.{}", path.join(".")),
            Self::Parent { levels, path } => {
                write!(f, "{}.{}", "^".repeat(*levels), path.join("."))
            }
            Self::Join { name, .. } => f.write_str(name),
        }
    }
}

/// Rows that are passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// Which ones.
    pub when: Expr,
    /// Why, for the summary of an ingest.
    pub reason: String,
}

/// One event that a row may yield.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRule {
    /// Whether the row yields it.
    pub when: Option<Expr>,
    /// Its kind.
    pub kind: Template,
    /// Its id.
    pub id: Template,
    /// Its time, as text to be read by [`Times`].
    pub occurred_at: Template,
    /// Its amount.
    pub amount: Option<Expr>,
    /// Its asset.
    pub asset: Option<Template>,
    /// Its dimensions; one without a value is left out.
    pub dims: Vec<(String, Template)>,
    /// Id of the event referred to.
    pub reference: Option<Template>,
    /// Source of the event referred to, where it is another one.
    pub reference_source: Option<Template>,
}

/// A total that the file states about its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// Its name in findings.
    pub name: String,
    /// Kinds whose amounts are summed.
    pub kinds: Vec<String>,
    /// What the sum must be.
    pub equals: Expr,
    /// Whether the total is final.
    pub when: Option<Expr>,
    /// Rows of which value belong together; the whole file or document unless said.
    pub per: Option<Template>,
}
