//! `quotes/*.yaml` and `quotes/*.csv`: foreign-exchange quotes, of one source a file.

mod csv;

use std::collections::BTreeMap;

use ledger::Decimal;
use settle::limits::QUOTE_SCALE_MAX;
use settle::quotes::{Pair, Quotes};

use super::Title;
use crate::code;
use crate::diagnostic::{Place, Placed, Reporter};
use crate::names::Form;
use crate::scalar::{Day, Exact};

crate::record! {
    /// Foreign-exchange quotes of one source.
    pub struct QuotesFile {
        /// Name of the source: agreements refer to it.
        pub source: Placed<String>,
        /// What people read.
        pub title: Title = default,
        /// The quotes, in any order.
        pub rows: Vec<Placed<QuoteRow>>,
    }
}

crate::record! {
    /// One quote: what one unit of `base` costs in `quote`.
    pub struct QuoteRow {
        /// The day for which it was published.
        pub date: Placed<Day>,
        /// What is priced: EUR.
        pub base: Placed<String>,
        /// What the price is in: KRW.
        pub quote: Placed<String>,
        /// The price in quotes: "1487.35".
        pub rate: Placed<Exact>,
    }
}

/// The quotes of a CSV file: their source is the file's name up to its first dot. `None` when
/// nothing of the file can be used.
pub fn read_csv(path: &str, bytes: &[u8], reporter: &mut Reporter<'_>) -> Option<QuotesFile> {
    let (_, name) = path.split_once('/')?;
    let source = name.split('.').next().unwrap_or_default().to_owned();
    let source = Placed { value: source, place: Place::START };
    let rows = csv::rows(bytes, reporter)?;
    Some(QuotesFile { source, title: Title::default(), rows })
}

/// Checks a file and adds its quotes to those of the same source.
pub fn add(file: &QuotesFile, sources: &mut Vec<Quotes>, reporter: &mut Reporter<'_>) {
    Form::Word.check("a source of quotes", &file.source, reporter);
    let at = sources.iter().position(|source| source.name == file.source.value);
    let at = at.unwrap_or_else(|| {
        sources.push(Quotes { name: file.source.value.clone(), pairs: BTreeMap::new() });
        sources.len() - 1
    });
    for row in &file.rows {
        add_row(&row.value, &mut sources[at], reporter);
    }
    // Rows were checked one by one, where they stand; this is about the whole.
    let is_named = Form::Word.holds(&file.source.value);
    if let Some(mistake) = sources[at].check().err().filter(|_| is_named) {
        let message = format!("{mistake} ({})", mistake.code());
        reporter.error(code::QUOTE_ROW, file.source.place, message, code::QUOTE_ROW.hint);
    }
    sources.sort_by(|a, b| a.name.cmp(&b.name));
}

fn add_row(row: &QuoteRow, source: &mut Quotes, reporter: &mut Reporter<'_>) {
    let assets = [&row.base, &row.quote].map(|code| Form::Asset.check("an asset", code, reporter));
    let is_pair = row.base.value != row.quote.value;
    if !is_pair {
        let message = format!("{} is priced in itself", row.base.value);
        reporter.error(code::QUOTE_ROW, row.quote.place, message, "");
    }
    let rate = row.rate.value.0;
    let is_rate = rate > Decimal::ZERO && rate.canonical().scale() <= QUOTE_SCALE_MAX;
    if !is_rate {
        let message = format!("{rate} is not a rate: above zero, at most 18 decimals");
        reporter.error(code::OUT_OF_BOUNDS, row.rate.place, message, "");
    }
    if !is_pair || !is_rate || assets != [true; 2] {
        return;
    }
    let pair = Pair { base: row.base.value.clone(), quote: row.quote.value.clone() };
    let (day, told) = (row.date.value.0, pair.to_string());
    if let Some(other) = source.pairs.entry(pair).or_default().insert(day, rate) {
        let message = format!("{told} of {day} stands twice: {other} and {rate}");
        reporter.error(code::QUOTE_TWICE, row.date.place, message, code::QUOTE_TWICE.hint);
    }
}
