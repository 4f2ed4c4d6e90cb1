//! Quotes as CSV: `date,base,quote,rate` in the first line, then one quote a line. Fields are
//! plain; empty lines and lines that begin with `#` say nothing.

use super::QuoteRow;
use crate::code;
use crate::diagnostic::{Place, Placed, Reporter};
use crate::scalar::{Day, Exact};
use crate::yaml::FILE_BYTES_MAX;
use ledger::Decimal;

const HEADER: &str = "date,base,quote,rate";

/// The rows; `None` when nothing of the file can be used.
pub(super) fn rows(bytes: &[u8], reporter: &mut Reporter<'_>) -> Option<Vec<Placed<QuoteRow>>> {
    if bytes.len() > FILE_BYTES_MAX {
        let code = code::FILE_TOO_LARGE;
        reporter.error(code, Place::START, code.title, code.hint);
        return None;
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        reporter.error(code::NOT_UTF8, Place::START, code::NOT_UTF8.title, code::NOT_UTF8.hint);
        return None;
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let says = |(_, line): &(u32, &str)| !line.is_empty() && !line.starts_with('#');
    let mut lines = (1u32..).zip(text.lines().map(str::trim_end)).filter(says);
    let header = lines.next();
    if header.is_none_or(|(_, line)| line != HEADER) {
        let place = Place { line: header.map_or(1, |(line, _)| line), column: 1 };
        let message = format!("the first line must be `{HEADER}`");
        reporter.error(code::QUOTE_ROW, place, message, code::QUOTE_ROW.hint);
        return None;
    }
    Some(lines.filter_map(|(line, text)| row(line, text, reporter)).collect())
}

fn row(line: u32, text: &str, reporter: &mut Reporter<'_>) -> Option<Placed<QuoteRow>> {
    let mut column = 1;
    let fields = text.split(',').map(|field| {
        let place = Place { line, column };
        // The file is at most a mebibyte long.
        column += u32::try_from(field.chars().count() + 1).unwrap_or(u32::MAX);
        Placed { value: field.to_owned(), place }
    });
    let fields: Vec<Placed<String>> = fields.collect();
    let place = Place { line, column: 1 };
    let Ok([date, base, quote, rate]) = <[_; 4]>::try_from(fields) else {
        let message = format!("a line has the fields `{HEADER}`");
        reporter.error(code::QUOTE_ROW, place, message, code::QUOTE_ROW.hint);
        return None;
    };
    let day = Day::of(&date.value);
    if day.is_none() {
        let message = format!("`{}` is not a date", date.value);
        reporter.error(code::NOT_A_TIME, date.place, message, "write it like 2026-03-01");
    }
    let exact = Decimal::parse(rate.value.as_bytes()).ok();
    if exact.is_none() {
        let message = format!("`{}` is not an exact decimal", rate.value);
        reporter.error(code::NOT_A_DECIMAL, rate.place, message, "write it like 1487.35");
    }
    let date = Placed { value: day?, place: date.place };
    let rate = Placed { value: Exact(exact?), place: rate.place };
    Some(Placed { value: QuoteRow { date, base, quote, rate }, place })
}
