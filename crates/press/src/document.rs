//! What is set: a statement in the words that people read, independent of where it comes from.

use settle::ledger::{Asset, Decimal};

/// The language of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl Language {
    /// The code of ISO 639: `en`, `ko`.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }
}

/// Whether the statement can still change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Rated from what is known now; nothing is closed.
    Draft,
    /// The period is closed: the body never changes again.
    Closed,
}

/// A company.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// Its name in the book: `studio-0`.
    pub name: String,
    /// What people read; empty where the book says nothing.
    pub title: String,
}

impl Party {
    /// What is printed: the title, or the name where there is none.
    pub fn shown(&self) -> &str {
        if self.title.is_empty() { &self.name } else { &self.title }
    }
}

/// A statement to be set. All amounts are exact; nothing is rounded on the way to paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The language of everything but names.
    pub language: Language,
    /// Who issues the statement.
    pub issuer: Party,
    /// Who pays when `payable` is above zero.
    pub from: Party,
    /// Who is paid then.
    pub to: Party,
    /// The agreement: its name and what people read.
    pub agreement: Party,
    /// Version of the agreement.
    pub version: u32,
    /// `agreement:period:version`.
    pub id: String,
    /// The period: `2016-11`, `2016-W47`.
    pub period: String,
    /// First and last local day of the period, as `2016-11-01`; empty when they are not known.
    pub days: Option<(String, String)>,
    /// IANA name of the zone whose midnights bound the period.
    pub zone: String,
    /// Whether it can still change.
    pub status: Status,
    /// SHA-256 of the statement's body, as 64 hexadecimal digits.
    pub body_hash: String,
    /// The statement that this one continues or replaces, where there is one.
    pub previous: Option<String>,
    /// What it is settled in.
    pub asset: Asset,
    /// What is payable; below zero, `to` pays `from`.
    pub payable: Decimal,
    /// When which part is due; several for part payments.
    pub dues: Vec<Due>,
    /// The lines, in the order of the agreement's steps.
    pub rows: Vec<Row>,
    /// Every measure that the lines read, once for each value.
    pub measures: Vec<MeasureRow>,
    /// What is kept from period to period.
    pub balances: Vec<Balance>,
    /// What is corrected in earlier statements.
    pub corrections: Vec<Correction>,
    /// Exchange rates that were used.
    pub quotes: Vec<Quote>,
    /// Remarks to the whole statement.
    pub notes: Vec<String>,
}

/// When a part is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The day: `2016-12-15`.
    pub on: String,
    /// How much of the payable amount, with its sign.
    pub amount: Decimal,
}

/// The part of a statement that a row stands in, as people read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// Balances brought forward.
    Opening,
    /// What was earned.
    Earned,
    /// What is taken from it.
    Deductions,
    /// Taxes.
    Tax,
    /// Reserves held and released.
    Reserve,
    /// What is carried to the next period.
    Carry,
    /// Exchange into another asset.
    Exchange,
    /// Corrections of closed periods.
    Corrections,
    /// What is left to be paid.
    Payable,
}

/// What a row's amount did to the running amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It is the running amount from here on: a new calculation begins.
    Set,
    /// It was added.
    Add,
    /// It was taken away.
    Subtract,
    /// Nothing: the row states a figure only.
    Keep,
}

/// A line of the statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Id of the statement's line that it shows.
    pub id: String,
    /// The part of the statement.
    pub section: Section,
    /// What people read.
    pub title: String,
    /// The word of the line's kind, as statement bodies have it: `share`, `top-up`.
    pub kind: String,
    /// How the agreement classes it; empty for not at all.
    pub label: String,
    /// The class within it.
    pub sublabel: String,
    /// The measures it read, by what people call them.
    pub measures: Vec<String>,
    /// How many.
    pub quantity: Option<Decimal>,
    /// The fraction that was taken: `0.12` for 12 %.
    pub rate: Option<Decimal>,
    /// Of what.
    pub base: Option<Decimal>,
    /// What the line states; a deduction as a positive number. `None` where there is no figure.
    pub amount: Option<Decimal>,
    /// What the amount did.
    pub effect: Effect,
    /// What the amounts of the line are in.
    pub asset: Asset,
    /// The running amount after the line.
    pub running: Decimal,
    /// What else is to be said, each in a few words.
    pub notes: Vec<String>,
    /// How deep the row stands below the one before: parts of a step are at 1.
    pub depth: u8,
}

impl Row {
    /// Whether the rate is so much for each, and no fraction.
    pub(crate) fn is_unit_rate(&self) -> bool {
        self.quantity.is_some() || matches!(self.kind.as_str(), "exchange" | "item")
    }
}

/// A measure as a line read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasureRow {
    /// Its name in the book.
    pub name: String,
    /// What people read.
    pub title: String,
    /// The line that read it first.
    pub line: String,
    /// Its value.
    pub value: Decimal,
    /// What the value is in.
    pub asset: Asset,
    /// Postings it stands on.
    pub count: u64,
}

/// A balance from the beginning to the end of the period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// What people read.
    pub title: String,
    /// At the beginning.
    pub opening: Decimal,
    /// At the end.
    pub closing: Decimal,
}

/// A line of an earlier statement that this one corrects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Id of the statement, or of its line.
    pub of: String,
    /// What people read.
    pub title: String,
    /// What was stated.
    pub was: Decimal,
    /// What it is now.
    pub now: Decimal,
    /// The line of this statement that carries the difference; empty for none of its own.
    pub line: String,
}

/// An exchange rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Who published it.
    pub source: String,
    /// One of this ...
    pub base: String,
    /// ... is so many of that.
    pub quote: String,
    /// So many.
    pub rate: Decimal,
    /// The day that was asked for.
    pub on: String,
}

impl Document {
    /// Calls `change` with every text that comes from outside.
    pub(crate) fn each_text(&mut self, change: &mut impl FnMut(&mut String)) {
        let parties = [&mut self.issuer, &mut self.from, &mut self.to, &mut self.agreement];
        for party in parties {
            change(&mut party.name);
            change(&mut party.title);
        }
        let own = [&mut self.id, &mut self.period, &mut self.zone, &mut self.body_hash];
        own.into_iter().for_each(&mut *change);
        change(&mut self.asset.code);
        self.previous.iter_mut().for_each(&mut *change);
        self.notes.iter_mut().for_each(&mut *change);
        if let Some((first, last)) = &mut self.days {
            change(first);
            change(last);
        }
        self.dues.iter_mut().for_each(|due| change(&mut due.on));
        for row in &mut self.rows {
            let Row { id, title, kind, label, sublabel, asset, .. } = row;
            [id, title, kind, label, sublabel, &mut asset.code].into_iter().for_each(&mut *change);
            row.measures.iter_mut().chain(&mut row.notes).for_each(&mut *change);
        }
        for MeasureRow { name, title, line, asset, .. } in &mut self.measures {
            [name, title, line, &mut asset.code].into_iter().for_each(&mut *change);
        }
        self.balances.iter_mut().for_each(|balance| change(&mut balance.title));
        for Correction { of, title, line, .. } in &mut self.corrections {
            [of, title, line].into_iter().for_each(&mut *change);
        }
        for Quote { source, base, quote, on, .. } in &mut self.quotes {
            [source, base, quote, on].into_iter().for_each(&mut *change);
        }
    }
}
