//! The form in which people write a mapping.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::code;
use crate::diagnostic::{Place, Placed, Reporter};
use crate::read::{Named, Read, wrong_type};
use crate::yaml::{Node, Value, looks_numeric};

/// A text with an expression or a template in it, and where its first character stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    /// As written.
    pub text: String,
    /// Of its first character.
    pub place: Place,
}

impl Read for Formula {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let (text, column) = match &node.value {
            Value::Plain(text) if looks_numeric(text) => {
                let code = code::UNQUOTED_NUMBER;
                let hint = format!("write \"{text}\"");
                reporter.error(code, node.place, code.title, hint);
                return None;
            }
            Value::Plain(text) => (text, node.place.column),
            Value::Quoted(text) => (text, node.place.column + 1),
            _ => {
                wrong_type(node, "text", reporter);
                return None;
            }
        };
        let place = Place { line: node.place.line, column };
        Some(Self { text: text.clone(), place })
    }
}

impl JsonSchema for Formula {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Formula".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

crate::choice! {
    /// What the files are.
    pub enum Format {
        /// Comma-separated values, with any delimiter.
        Csv = "csv",
        /// One JSON object to a line.
        Ndjson = "ndjson",
        /// One JSON document to a file.
        Json = "json",
        /// A workbook of Excel.
        Xlsx = "xlsx",
        /// Apache Parquet.
        Parquet = "parquet",
    }
}

crate::record! {
    /// A mapping: how the rows of a file become events.
    pub struct MappingFile {
        /// The source whose events the rows are.
        pub source: Placed<String>,
        /// What the files are.
        pub format: Format,
        /// Character encoding: `utf-8` unless said, `euc-kr`, `windows-1252`, `utf-16le`, ...
        pub encoding: Option<Placed<String>> = default,
        /// How CSV is written.
        pub csv: Option<Placed<CsvFile>> = default,
        /// Name of the sheet of a workbook; the first one unless said.
        pub sheet: Option<Placed<String>> = default,
        /// Where a JSON document keeps its rows: `response.slots`.
        pub rows: Option<Placed<String>> = default,
        /// Spellings that mean that there is no value: `NA`. Empty text always does.
        pub nulls: Vec<String> = default,
        /// How numbers in text are written: `1234.56` unless said.
        pub numbers: Option<NumbersFile> = default,
        /// How times are written: RFC 3339 unless said.
        pub times: Option<TimesFile> = default,
        /// Tables of values for `map(table, value)`.
        pub maps: Named<Named<String>> = default,
        /// CSV files beside the input in which rows look up further columns.
        pub joins: Named<JoinFile> = default,
        /// Rows that are passed over; the first that holds counts.
        pub skip: Vec<SkipFile> = default,
        /// Time of every event that states no other: a template.
        pub occurred_at: Option<Formula> = default,
        /// Asset of every event with an amount that states no other: a template.
        pub asset: Option<Formula> = default,
        /// Dimensions of every event: templates. One without a value is left out.
        pub dims: Named<Formula> = default,
        /// The events of a row, in order.
        pub events: Vec<Placed<EventFile>>,
        /// Totals that the file states about its rows.
        pub controls: Vec<ControlFile> = default,
    }
}

crate::record! {
    /// How CSV is written.
    pub struct CsvFile {
        /// Between fields: one character, or `tab`. A comma unless said.
        pub delimiter: Option<Placed<String>> = default,
        /// Around fields, doubled inside them. `"` unless said.
        pub quote: Option<Placed<String>> = default,
        /// Names of the columns of a file without a header.
        pub columns: Option<Vec<String>> = default,
    }
}

crate::record! {
    /// How numbers in text are written.
    pub struct NumbersFile {
        /// The decimal sign: `.` or `,`.
        pub decimal: Option<Placed<String>> = default,
        /// What groups thousands: one character, or `space`. Nothing unless said.
        pub thousands: Option<Placed<String>> = default,
    }
}

crate::record! {
    /// How times are written.
    pub struct TimesFile {
        /// `rfc3339`, `unix_s`, `unix_ms`, `unix_us`, `unix_ns`, or patterns such as
        /// `%Y-%m-%d %H:%M:%S`; tried in order.
        pub formats: Vec<Placed<String>> = default,
        /// IANA zone of times that state none. Times that it skips or repeats are refused.
        pub zone: Option<Placed<String>> = default,
    }
}

crate::record! {
    /// A CSV file beside the input in which rows look up further columns.
    pub struct JoinFile {
        /// Its name, in the directory of the input.
        pub file: Placed<String>,
        /// The column of that file that is unique in it.
        pub key: String,
        /// The value of the key for a row: a template.
        pub on: Formula,
    }
}

crate::record! {
    /// Rows that are passed over.
    pub struct SkipFile {
        /// A condition.
        pub when: Formula,
        /// Why.
        pub reason: String,
    }
}

crate::record! {
    /// One event that a row may yield.
    pub struct EventFile {
        /// A condition: the row yields the event only where it holds.
        pub when: Option<Formula> = default,
        /// Kind: a template.
        pub kind: Formula,
        /// Id: a template.
        pub id: Formula,
        /// Time: a template.
        pub occurred_at: Option<Formula> = default,
        /// Amount: an expression.
        pub amount: Option<Formula> = default,
        /// Asset: a template.
        pub asset: Option<Formula> = default,
        /// Further dimensions: templates. One without a value is left out.
        pub dims: Named<Formula> = default,
        /// Id of the event referred to: a template.
        pub reference as "ref": Option<Formula> = default,
        /// Source of the event referred to, where it is another one: a template.
        pub ref_source: Option<Formula> = default,
    }
}

crate::record! {
    /// A total that the file states about its rows. Where it differs the rows go through, and
    /// the difference is reported.
    pub struct ControlFile {
        /// Its name in reports.
        pub name: String,
        /// The kinds whose amounts are summed.
        pub kinds: Vec<String>,
        /// What the sum must be: an expression.
        pub equals: Formula,
        /// A condition: whether the total is final.
        pub when: Option<Formula> = default,
        /// Rows with the same value of this template have a total of their own.
        pub per: Option<Formula> = default,
    }
}
