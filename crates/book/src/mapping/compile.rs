//! From the written form to a [`Mapping`], with every mistake reported.

use super::code::{
    BAD_CHARACTER, BAD_ENCODING, BAD_FILE_NAME, BAD_TIME_FORMAT, NO_EVENTS, NOT_FOR_FORMAT,
    TIME_WITHOUT_ZONE,
};
use super::expr::{Expr, Kind, Template};
use super::file::{Format, Formula, JoinFile, MappingFile};
use super::lex::Mistake;
use super::parse::{self, Scope};
use super::{Csv, Join, Mapping, Numbers, TimeFormat, Times, ValueMap};
use crate::code::UNKNOWN_ZONE;
use crate::diagnostic::{Diagnostic, Place, Placed, Reporter, has_errors};
use crate::read::Read;
use crate::yaml;
use ledger::code::Code;

/// Labels of encodings that are common enough to be suggested.
const ENCODINGS: &[&str] = &[
    "utf-8",
    "utf-16le",
    "utf-16be",
    "utf-16",
    "euc-kr",
    "windows-949",
    "cp949",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-15",
    "latin1",
    "shift_jis",
    "euc-jp",
    "gbk",
    "gb18030",
    "big5",
    "koi8-r",
    "macintosh",
    "ascii",
];

/// Compiles the mapping in the file `path` of the book, whose name is the file's without
/// `.yaml`.
///
/// Every mistake is in the list; there is a mapping exactly when none of them is an error.
pub fn compile(path: &str, bytes: &[u8]) -> (Option<Mapping>, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let mapping = {
        let mut reporter = Reporter::new(path, &mut found);
        let file = yaml::parse(bytes, &mut reporter)
            .and_then(|node| MappingFile::read(&node, &mut reporter));
        file.and_then(|file| compile_file(path, &file, &mut reporter))
    };
    let mapping = mapping.filter(|_| !has_errors(&found));
    // Asked last: events that are there but broken have been reported as such.
    if mapping.as_ref().is_some_and(|mapping| mapping.events.is_empty()) {
        let mut reporter = Reporter::new(path, &mut found);
        reporter.error(NO_EVENTS, Place::START, NO_EVENTS.title, NO_EVENTS.hint);
        return (None, found);
    }
    (mapping, found)
}

fn compile_file(path: &str, file: &MappingFile, reporter: &mut Reporter<'_>) -> Option<Mapping> {
    let maps = maps(file);
    let joins = file.joins.names().map(str::to_owned).collect();
    let json = matches!(file.format, Format::Json | Format::Ndjson);
    let scope = Scope { maps: &maps, joins, json, columns: Vec::new() };
    let mut compiler = Compiler { scope, reporter };
    compiler.fits_format(file);
    let name = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".yaml").to_owned();
    let encoding = compiler.encoding(file);
    let csv = compiler.csv(file);
    let numbers = compiler.numbers(file);
    let times = compiler.times(file);
    let joins: Vec<_> = file.joins.sound().map(|(n, j)| compiler.join(&n.value, j)).collect();
    let skips: Vec<_> = file.skip.iter().map(|skip| compiler.skip(skip)).collect();
    let events: Vec<_> = file.events.iter().map(|event| compiler.event(file, event)).collect();
    let events: Vec<_> = events.into_iter().collect::<Option<_>>().unwrap_or_default();
    let controls: Vec<_> = file.controls.iter().map(|c| compiler.control(c, &events)).collect();
    let columns = compiler.scope.columns;
    let rows = file.rows.as_ref().map(|rows| rows.value.split('.').map(str::to_owned).collect());
    Some(Mapping {
        name,
        source: file.source.value.clone(),
        format: file.format,
        encoding,
        csv,
        sheet: file.sheet.as_ref().map(|sheet| sheet.value.clone()),
        rows: rows.unwrap_or_default(),
        nulls: file.nulls.clone(),
        numbers,
        times: times?,
        joins: joins.into_iter().collect::<Option<_>>()?,
        skips: skips.into_iter().collect::<Option<_>>()?,
        controls: controls.into_iter().collect::<Option<_>>()?,
        columns,
        events,
        maps,
    })
}

fn maps(file: &MappingFile) -> Vec<ValueMap> {
    let table = |(name, body): (&Placed<String>, &crate::read::Named<String>)| {
        let pairs = body.sound().map(|(key, value)| (key.value.clone(), value.clone()));
        let mut entries: Vec<_> = pairs.collect();
        entries.sort();
        ValueMap { name: name.value.clone(), entries }
    };
    file.maps.sound().map(table).collect()
}

pub(super) struct Compiler<'r, 'a> {
    scope: Scope<'r>,
    reporter: &'r mut Reporter<'a>,
}

impl Compiler<'_, '_> {
    pub(super) fn report(&mut self, code: Code, place: Place, message: String, hint: &str) {
        self.reporter.error(code, place, message, hint);
    }

    fn mistake(&mut self, formula: &Formula, mistake: &Mistake) {
        let column = u32::try_from(mistake.at).unwrap_or(0) + formula.place.column;
        let place = Place { line: formula.place.line, column };
        self.report(mistake.code, place, mistake.message.clone(), &mistake.hint);
    }

    pub(super) fn template(&mut self, formula: &Formula) -> Option<Template> {
        parse::template(&formula.text, &mut self.scope)
            .map_err(|mistake| self.mistake(formula, &mistake))
            .ok()
    }

    pub(super) fn condition(&mut self, formula: &Formula) -> Option<Expr> {
        self.typed(formula, &[Kind::Truth], "a condition is needed here: compare something")
    }

    pub(super) fn number(&mut self, formula: &Formula) -> Option<Expr> {
        self.typed(formula, &[Kind::Number, Kind::Any], "a number is needed here")
    }

    fn typed(&mut self, formula: &Formula, kinds: &[Kind], message: &str) -> Option<Expr> {
        match parse::expression(&formula.text, &mut self.scope) {
            Ok(expr) if kinds.contains(&expr.kind()) => Some(expr),
            Ok(_) => {
                let code = super::code::EXPRESSION_TYPE;
                self.report(code, formula.place, message.to_owned(), code.hint);
                None
            }
            Err(mistake) => {
                self.mistake(formula, &mistake);
                None
            }
        }
    }

    fn fits_format(&mut self, file: &MappingFile) {
        let csv = file.csv.as_ref().map(|csv| csv.place);
        let sheet = file.sheet.as_ref().map(|sheet| sheet.place);
        let rows = file.rows.as_ref().map(|rows| rows.place);
        let encoding = file.encoding.as_ref().map(|encoding| encoding.place);
        let text = matches!(file.format, Format::Csv | Format::Ndjson | Format::Json);
        for (key, place, fits) in [
            ("csv", csv, file.format == Format::Csv),
            ("sheet", sheet, file.format == Format::Xlsx),
            ("rows", rows, file.format == Format::Json),
            ("encoding", encoding, text),
        ] {
            if let Some(place) = place.filter(|_| !fits) {
                let message = format!("`{key}` does not belong to this format");
                self.report(NOT_FOR_FORMAT, place, message, NOT_FOR_FORMAT.hint);
            }
        }
    }

    fn encoding(&mut self, file: &MappingFile) -> String {
        let Some(written) = &file.encoding else { return "utf-8".to_owned() };
        let label = written.value.to_ascii_lowercase();
        if !ENCODINGS.contains(&label.as_str()) {
            let hint = crate::suggest::hint(&label, ENCODINGS.iter().copied());
            let message = format!("`{label}` is no known encoding");
            self.report(BAD_ENCODING, written.place, message, &hint);
        }
        label
    }

    fn csv(&mut self, file: &MappingFile) -> Csv {
        let Some(csv) = &file.csv else {
            return Csv { delimiter: b',', quote: b'"', columns: None };
        };
        let (place, csv) = (csv.place, &csv.value);
        let delimiter = self.ascii(csv.delimiter.as_ref(), b',');
        let quote = self.ascii(csv.quote.as_ref(), b'"');
        if delimiter == quote || [delimiter, quote].iter().any(|c| matches!(c, b'\r' | b'\n')) {
            self.report(BAD_CHARACTER, place, BAD_CHARACTER.title.to_owned(), BAD_CHARACTER.hint);
        }
        Csv { delimiter, quote, columns: csv.columns.clone() }
    }

    fn ascii(&mut self, written: Option<&Placed<String>>, otherwise: u8) -> u8 {
        let character = self.character(written, char::from(otherwise));
        u8::try_from(character).ok().filter(u8::is_ascii).unwrap_or_else(|| {
            let place = written.map_or(Place::START, |written| written.place);
            let message = "an ASCII character is needed here".to_owned();
            self.report(BAD_CHARACTER, place, message, "");
            otherwise
        })
    }

    fn character(&mut self, written: Option<&Placed<String>>, otherwise: char) -> char {
        let Some(written) = written else { return otherwise };
        let mut characters = written.value.chars();
        match (written.value.as_str(), characters.next(), characters.next()) {
            ("tab", ..) => '\t',
            ("space", ..) => ' ',
            (_, Some(only), None) => only,
            _ => {
                let message = BAD_CHARACTER.title.to_owned();
                self.report(BAD_CHARACTER, written.place, message, BAD_CHARACTER.hint);
                otherwise
            }
        }
    }

    fn numbers(&mut self, file: &MappingFile) -> Numbers {
        let Some(numbers) = &file.numbers else { return Numbers { decimal: '.', thousands: None } };
        let decimal = self.character(numbers.decimal.as_ref(), '.');
        let written = numbers.thousands.as_ref();
        let thousands = written.map(|_| self.character(written, ' '));
        let digits = |c: char| c.is_ascii_digit() || c == '-';
        if !matches!(decimal, '.' | ',') || thousands.is_some_and(|c| c == decimal || digits(c)) {
            let place = numbers.decimal.as_ref().or(written).map_or(Place::START, |w| w.place);
            let message = "the decimal sign is . or , and differs from that of thousands";
            self.report(BAD_CHARACTER, place, message.to_owned(), "");
        }
        Numbers { decimal, thousands }
    }

    fn times(&mut self, file: &MappingFile) -> Option<Times> {
        let Some(times) = &file.times else {
            return Some(Times { formats: vec![TimeFormat::Rfc3339], zone: None });
        };
        let zone = times.zone.as_ref();
        if let Some(zone) = zone.filter(|zone| jiff::tz::TimeZone::get(&zone.value).is_err()) {
            let message = format!("`{}` is no known time zone", zone.value);
            self.report(UNKNOWN_ZONE, zone.place, message, UNKNOWN_ZONE.hint);
        }
        let formats = times.formats.iter().map(|format| self.time_format(format, zone.is_some()));
        let mut formats: Vec<_> = formats.collect::<Option<_>>()?;
        if formats.is_empty() {
            formats.push(TimeFormat::Rfc3339);
        }
        Some(Times { formats, zone: zone.map(|zone| zone.value.clone()) })
    }

    fn time_format(&mut self, written: &Placed<String>, zoned: bool) -> Option<TimeFormat> {
        Some(match written.value.as_str() {
            "rfc3339" => TimeFormat::Rfc3339,
            "unix_s" => TimeFormat::Unix { unit_nanos: 1_000_000_000 },
            "unix_ms" => TimeFormat::Unix { unit_nanos: 1_000_000 },
            "unix_us" => TimeFormat::Unix { unit_nanos: 1_000 },
            "unix_ns" => TimeFormat::Unix { unit_nanos: 1 },
            pattern => {
                let sample = jiff::Zoned::new(jiff::Timestamp::UNIX_EPOCH, jiff::tz::TimeZone::UTC);
                let printed = jiff::fmt::strtime::format(pattern, &sample).ok();
                let read = printed.and_then(|text| jiff::fmt::strtime::parse(pattern, text).ok());
                let Some(read) = read.filter(|read| read.to_date().is_ok()) else {
                    let message = format!("`{pattern}` is no format of times");
                    self.report(BAD_TIME_FORMAT, written.place, message, BAD_TIME_FORMAT.hint);
                    return None;
                };
                if read.offset().is_none() && read.iana_time_zone().is_none() && !zoned {
                    let code = TIME_WITHOUT_ZONE;
                    self.report(code, written.place, code.title.to_owned(), code.hint);
                }
                TimeFormat::Pattern(pattern.to_owned())
            }
        })
    }

    fn join(&mut self, name: &str, join: &JoinFile) -> Option<Join> {
        let file = &join.file.value;
        if file.contains(['/', '\\']) || matches!(file.as_str(), "." | "..") {
            let message = BAD_FILE_NAME.title.to_owned();
            self.report(BAD_FILE_NAME, join.file.place, message, BAD_FILE_NAME.hint);
        }
        // A join that looks itself up by a joined column would have no end.
        let joins = std::mem::take(&mut self.scope.joins);
        let on = self.template(&join.on);
        self.scope.joins = joins;
        let on = on?;
        Some(Join { name: name.to_owned(), file: file.clone(), key: join.key.clone(), on })
    }
}
