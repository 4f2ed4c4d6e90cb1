//! From a statement as it is rated to a document that people read.

use crate::document::{
    Balance, Correction, Document, Due, Effect, Language, MeasureRow, Party, Quote, Row, Section,
    Status,
};
use crate::notes;
use crate::words::{self, pick};
use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use settle::ledger::time::Span;
use settle::ledger::{Asset, Decimal};
use settle::{Line, LineKind, Statement, Title};
use std::collections::{BTreeMap, BTreeSet};

/// What people read instead of names, as the book has it.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Who issues the statement: name and title.
    pub issuer: (String, Title),
    /// Titles of parties, by name.
    pub parties: BTreeMap<String, Title>,
    /// Title of the agreement.
    pub agreement: Title,
    /// Titles of the agreement's steps, by name.
    pub steps: BTreeMap<String, Title>,
    /// Titles of dimensions, by name.
    pub dims: BTreeMap<String, Title>,
    /// Titles of measures, by name.
    pub measures: BTreeMap<String, Title>,
    /// IANA name of the zone that the agreement's periods are of.
    pub zone: String,
}

/// What a statement does not say of itself.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Whether it can still change.
    pub status: Status,
    /// SHA-256 of its body, as 64 hexadecimal digits.
    pub body_hash: String,
    /// When which part is due.
    pub dues: Vec<Due>,
}

impl Document {
    /// The statement in the words that people read.
    pub fn new(statement: &Statement, names: &Names, facts: Facts, language: Language) -> Self {
        let reader = Reader { statement, names, language };
        let party = |name: &str, title| Party { name: name.to_owned(), title };
        Self {
            language,
            issuer: party(&names.issuer.0, reader.title(&names.issuer.1)),
            from: party(&statement.from, reader.party(&statement.from)),
            to: party(&statement.to, reader.party(&statement.to)),
            agreement: party(&statement.agreement, reader.title(&names.agreement)),
            version: statement.version,
            id: statement.id(),
            period: statement.period.to_string(),
            days: days(statement.span, &names.zone),
            zone: names.zone.clone(),
            status: facts.status,
            body_hash: facts.body_hash,
            previous: statement.previous.as_ref().map(|previous| previous.id.clone()),
            asset: statement.asset.clone(),
            payable: statement.payable,
            dues: facts.dues,
            rows: statement.lines.iter().map(|line| reader.row(line)).collect(),
            measures: reader.measures(),
            balances: reader.balances(),
            corrections: reader.corrections(),
            quotes: reader.quotes(),
            notes: Vec::new(),
        }
    }
}

struct Reader<'a> {
    statement: &'a Statement,
    names: &'a Names,
    language: Language,
}

impl Reader<'_> {
    /// The title in the language asked for, or else in the other one; empty for none.
    fn title(&self, title: &Title) -> String {
        let (first, second) = match self.language {
            Language::En => (&title.en, &title.ko),
            Language::Ko => (&title.ko, &title.en),
        };
        if first.is_empty() { second.clone() } else { first.clone() }
    }

    fn party(&self, name: &str) -> String {
        self.names.parties.get(name).map(|title| self.title(title)).unwrap_or_default()
    }

    fn measure(&self, name: &str) -> String {
        let title = self.names.measures.get(name).map(|title| self.title(title));
        title.filter(|title| !title.is_empty()).unwrap_or_else(|| name.to_owned())
    }

    fn row(&self, line: &Line) -> Row {
        let asset = line.asset.as_ref().unwrap_or(&self.statement.asset);
        Row {
            id: line.id.clone(),
            section: section(line.kind),
            title: self.line_title(line),
            kind: line.kind.word().to_owned(),
            label: line.label.kind.clone(),
            sublabel: line.label.subkind.clone(),
            measures: line.readings.iter().map(|read| self.measure(&read.measure)).collect(),
            quantity: line.quantity,
            rate: line.rate,
            base: line.base,
            amount: (line.kind != LineKind::Select).then_some(line.amount),
            effect: effect(line.effect),
            asset: asset.clone(),
            running: line.running,
            notes: self.notes(line, asset),
            depth: u8::from(line.effect == settle::Effect::Keep && line.path.contains('/')),
        }
    }

    /// What the agreement calls the line; or else a measure by its own title, and all other
    /// lines by what kind of thing they are and their name.
    fn line_title(&self, line: &Line) -> String {
        let given = self.title(&line.title);
        if !given.is_empty() {
            return given;
        }
        let word = line.kind.word();
        let kind = words::kind(word, self.language).unwrap_or(word);
        let (step, part) = line.name.split_once('/').unwrap_or((&line.name, ""));
        match (line.kind, line.readings.as_slice()) {
            (LineKind::Sum | LineKind::Deduct, [only]) if line.rate.is_none() => {
                self.measure(&only.measure)
            }
            (LineKind::Deduct, _) if !line.name.contains('/') => notes::spoken(&line.name),
            (LineKind::Select, _) => kind.to_owned(),
            (LineKind::Band, _) => format!("{kind} {part}"),
            (LineKind::Correction, _) => {
                let corrects = line.notes.get("corrects").map(String::as_str).unwrap_or_default();
                let path = corrects.split_once('/').map(|(_, path)| path);
                match path {
                    Some(path) => format!("{kind}: {path}"),
                    None => format!("{kind}: {}", corrects.split(':').nth(1).unwrap_or_default()),
                }
            }
            (LineKind::Result, _) => {
                let step = self.step(step);
                pick(self.language, &format!("After {}", lower(&step)), &format!("{step} 차감 후"))
                    .to_owned()
            }
            (LineKind::Excess | LineKind::Floor, _) => format!("{kind}: {}", self.step(step)),
            // A step that has no name but what it is says it once.
            _ if words::kind(step, Language::En).is_some() && part.is_empty() => kind.to_owned(),
            _ if part.is_empty() => format!("{kind}: {}", self.step(step)),
            _ => match words::part(part, self.language) {
                // What the kind says already is not said again.
                Some(said) if kind.ends_with(said) => format!("{kind}: {}", self.step(step)),
                Some(said) => format!("{kind}: {}, {said}", self.step(step)),
                None => format!("{kind}: {}, {}", self.step(step), self.part(part)),
            },
        }
    }

    /// What people call a part of a step: known words, and names of parties.
    fn part(&self, part: &str) -> String {
        let said = |part: &str| {
            let known = words::part(part, self.language).map(str::to_owned);
            let party = || Some(self.party(part)).filter(|title| !title.is_empty());
            known.or_else(party).unwrap_or_else(|| part.to_owned())
        };
        part.split('/').map(said).collect::<Vec<_>>().join(" ")
    }

    /// The notes of a line, with the titles of the dimensions and parties that they name.
    fn notes(&self, line: &Line, asset: &Asset) -> Vec<String> {
        let note = |(name, value): (&String, &String)| {
            let Some(dim) = name.strip_prefix("dim.") else {
                return notes::note(name, value, asset, self.language);
            };
            let title = self.names.dims.get(dim).map(|title| self.title(title));
            let title = title.filter(|title| !title.is_empty());
            let title = title.or_else(|| words::dim(dim, self.language).map(str::to_owned));
            let title = title.unwrap_or_else(|| notes::spoken(dim));
            let values = value.split(',').map(|value| {
                let party = self.party(value);
                if party.is_empty() { value.to_owned() } else { party }
            });
            format!("{title}: {}", values.collect::<Vec<_>>().join(", "))
        };
        line.notes.iter().map(note).collect()
    }

    /// What people call a step or a deduction: by the title of its own line or the measure that
    /// it reads, where there is one.
    fn step(&self, name: &str) -> String {
        let given = self.names.steps.get(name).map(|title| self.title(title));
        if let Some(given) = given.filter(|given| !given.is_empty()) {
            return given;
        }
        let own = self.statement.lines.iter().find(|line| line.name == name);
        let title = own.map(|line| match (line.kind, line.readings.as_slice()) {
            (LineKind::Sum | LineKind::Deduct, [only])
                if line.title == Title::default() && line.rate.is_none() =>
            {
                self.measure(&only.measure)
            }
            _ => self.title(&line.title),
        });
        title.filter(|title| !title.is_empty()).unwrap_or_else(|| notes::spoken(name))
    }

    fn measures(&self) -> Vec<MeasureRow> {
        let mut seen = BTreeSet::new();
        let mut rows = Vec::new();
        for line in &self.statement.lines {
            for reading in &line.readings {
                let value = reading.value.canonical().to_string();
                if seen.insert((reading.measure.clone(), value, reading.count)) {
                    rows.push(MeasureRow {
                        name: reading.measure.clone(),
                        title: self.measure(&reading.measure),
                        line: line.path.clone(),
                        value: reading.value,
                        asset: line.asset.as_ref().unwrap_or(&self.statement.asset).clone(),
                        count: reading.count,
                    });
                }
            }
        }
        rows
    }

    /// Every balance that there is at the beginning or at the end.
    fn balances(&self) -> Vec<Balance> {
        let Statement { opening, closing, .. } = self.statement;
        let names: BTreeSet<&String> = opening.keys().chain(closing.keys()).collect();
        let of = |from: &BTreeMap<String, Decimal>, name: &str| from.get(name).copied();
        let balance = |name: &String| {
            let (step, part) = name.split_once('/').unwrap_or((name, ""));
            let title = self.step(step);
            Balance {
                title: if part.is_empty() {
                    title
                } else {
                    format!("{title}, {}", self.part(part))
                },
                opening: of(opening, name).unwrap_or(Decimal::ZERO),
                closing: of(closing, name).unwrap_or(Decimal::ZERO),
            }
        };
        names.into_iter().map(balance).collect()
    }

    /// What is corrected, line by line as the statement states it.
    fn corrections(&self) -> Vec<Correction> {
        let lines = self.statement.lines.iter().filter(|line| line.kind == LineKind::Correction);
        let correction = |line: &Line| {
            let note = |name: &str| line.notes.get(name).map(String::as_str).unwrap_or_default();
            let amount = |name: &str| note(name).parse().unwrap_or(Decimal::ZERO);
            Correction {
                of: note("corrects").to_owned(),
                title: self.line_title(line),
                was: amount("was"),
                now: amount("now"),
                line: line.path.clone(),
            }
        };
        lines.map(correction).collect()
    }

    fn quotes(&self) -> Vec<Quote> {
        let quote = |used: &settle::outside::QuoteUsed| Quote {
            source: used.ask.source.clone(),
            base: used.ask.base.clone(),
            quote: used.ask.quote.clone(),
            rate: used.rate,
            on: if used.from.is_empty() { used.ask.on.clone() } else { used.from.clone() },
        };
        self.statement.quotes.iter().map(quote).collect()
    }
}

/// A title within a sentence: its first letter is small, unless it is a name in capitals.
fn lower(title: &str) -> String {
    let mut chars = title.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => title.to_owned(),
    }
}

fn section(kind: LineKind) -> Section {
    match kind.section() {
        settle::Section::Opening => Section::Opening,
        settle::Section::Earned => Section::Earned,
        settle::Section::Deductions => Section::Deductions,
        settle::Section::Tax => Section::Tax,
        settle::Section::Reserve => Section::Reserve,
        settle::Section::Carry => Section::Carry,
        settle::Section::Exchange => Section::Exchange,
        settle::Section::Corrections => Section::Corrections,
    }
}

fn effect(effect: settle::Effect) -> Effect {
    match effect {
        settle::Effect::Set => Effect::Set,
        settle::Effect::Add => Effect::Add,
        settle::Effect::Subtract => Effect::Subtract,
        settle::Effect::Keep => Effect::Keep,
    }
}

/// First and last local day of a span; `None` for an unknown zone.
fn days(span: Span, zone: &str) -> Option<(String, String)> {
    let zone = TimeZoneDatabase::bundled().get(zone).ok()?;
    let day = |nanos: i64| {
        let at = Timestamp::from_nanosecond(nanos.into()).ok()?;
        Some(zone.to_datetime(at).date().to_string())
    };
    Some((day(span.start)?, day(span.end.checked_sub(1)?)?))
}
