//! `plugin`: what a sandboxed program makes of figures, pinned by the hash of the program.

use super::Apply;
use crate::canon::{self, Fields, Map, Value, list, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::limits::{ITEMS_MAX, PLUGIN_OUTPUT_BYTES_MAX, RATE_SCALE_MAX};
use crate::run::{Entry, Run, Taken};
use crate::statement::{Effect, LineKind, Reading};
use ledger::{Decimal, name};
use std::collections::{BTreeMap, BTreeSet};

const INPUT: &str = "saldo.plugin-input.v1";
const OUTPUT: &str = "saldo.plugin-output.v1";

/// Hands figures to a program and prints the lines that it answers with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// The program's file in the book, for people.
    pub file: String,
    /// SHA-256 of the program, 64 hexadecimal digits in lower case.
    pub sha256: String,
    /// The measures handed over, by the names that the program knows.
    pub reads: BTreeMap<String, PluginRead>,
    /// What else it is told, as texts.
    pub parameters: BTreeMap<String, String>,
}

/// A measure as it is handed over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PluginRead {
    /// Name of the measure.
    pub measure: String,
    /// The dimensions by which its rows are told apart; none for one row.
    pub by: Vec<String>,
}

/// One line of an answer.
struct Answer {
    name: String,
    amount: Decimal,
    effect: Effect,
}

impl Apply for Plugin {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let (input, readings) = self.input(run)?;
        let output = run.plugin(&self.sha256, &input).map_err(|error| match error {
            SettleError::PluginFailed { reason, .. } => self.failed(&reason),
            other => other,
        })?;
        for Answer { name, amount, effect } in self.answers(&output)? {
            let entry = Entry::stating(LineKind::Plugin, amount, effect).part(name);
            run.print(entry)?;
        }
        let taken = Taken { base: None, rate: None, amount: run.running(), readings };
        let entry = Entry::of(LineKind::Plugin, taken, Effect::Keep);
        run.print(entry.note("file", &self.file).note("sha256", &self.sha256))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        let digits = self.sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let whole = digits && self.sha256.len() == 64;
        checker.ensure(whole, "its hash is not 64 hexadecimal digits in lower case");
        checker.ensure(self.reads.len() <= ITEMS_MAX, "it hands over too many measures");
        for read in self.reads.values() {
            checker.measure_by(&read.measure, &read.by, checker.window());
        }
        checker.prints();
    }

    fn write(&self) -> Map {
        let reads = self.reads.iter().map(|(name, read)| (name.clone(), read.value()));
        let parameters = self.parameters.iter().map(|(name, value)| (name.clone(), text(value)));
        Map::from([
            ("file".into(), text(&self.file)),
            ("parameters".into(), Value::Map(parameters.collect())),
            ("reads".into(), Value::Map(reads.collect())),
            ("sha256".into(), text(&self.sha256)),
        ])
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        let mut given = fields.map("reads")?;
        let reads = given.names().into_iter();
        let reads = reads.map(|name| {
            let mut read = given.map(&name)?;
            Ok((name, PluginRead { measure: read.text("measure")?, by: read.texts("by")? }))
        });
        let reads = reads.collect::<Result<_, SettleError>>()?;
        let mut given = fields.map("parameters")?;
        let parameters = given.names().into_iter();
        let parameters = parameters.map(|name| Ok((name.clone(), given.text(&name)?)));
        Ok(Self {
            file: fields.text("file")?,
            sha256: fields.text("sha256")?,
            reads,
            parameters: parameters.collect::<Result<_, SettleError>>()?,
        })
    }
}

impl PluginRead {
    fn value(&self) -> Value {
        let by = list(self.by.iter().map(text));
        Value::Map(Map::from([("by".into(), by), ("measure".into(), text(&self.measure))]))
    }
}

impl Plugin {
    fn failed(&self, reason: &str) -> SettleError {
        SettleError::PluginFailed { plugin: self.file.clone(), reason: reason.to_owned() }
    }

    /// What is handed over, and the sums of it for the statement.
    fn input(&self, run: &Run<'_>) -> Result<(Vec<u8>, Vec<Reading>), SettleError> {
        let (mut readings, mut whole) = (Map::new(), Vec::new());
        for (name, read) in &self.reads {
            let mut sum = Reading { measure: read.measure.clone(), value: Decimal::ZERO, count: 0 };
            let mut rows = Vec::new();
            for row in run.rows(&read.measure, &read.by, run.window())? {
                let value = run.asset().decimal(row.value);
                sum.value = run.fit(sum.value.checked_add(value))?;
                sum.count = sum.count.saturating_add(row.count);
                rows.push(Value::Map(Map::from([
                    ("by".into(), list(row.by.iter().map(|(_, value)| text(value)))),
                    ("count".into(), text(row.count)),
                    ("value".into(), text(value.canonical())),
                ])));
            }
            readings.insert(name.clone(), list(rows));
            whole.push(sum);
        }
        let parameters = self.parameters.iter().map(|(name, value)| (name.clone(), text(value)));
        let input = Value::Map(Map::from([
            ("asset".into(), text(&run.asset().code)),
            ("format".into(), text(INPUT)),
            ("parameters".into(), Value::Map(parameters.collect())),
            ("period".into(), text(run.period())),
            ("readings".into(), Value::Map(readings)),
            ("running".into(), text(run.running().canonical())),
            ("scale".into(), text(run.asset().scale)),
        ]));
        Ok((canon::write(&input), whole))
    }

    /// The lines of an answer: canonical, few, each with a name of its own.
    fn answers(&self, output: &[u8]) -> Result<Vec<Answer>, SettleError> {
        if output.len() > PLUGIN_OUTPUT_BYTES_MAX {
            return Err(self.failed("its answer is too long"));
        }
        let read = |mut fields: Fields| {
            fields.format(OUTPUT)?;
            fields.maps("lines", Answer::read)
        };
        let answers = canon::strict(output, "plug-in answer", read, |answers| encode(answers));
        let answers = answers.map_err(|error| self.failed(&error.to_string()))?;
        let names: BTreeSet<_> = answers.iter().map(|answer| &answer.name).collect();
        let sound = |answer: &Answer| {
            name::is_word(answer.name.as_bytes()) && answer.amount.scale() <= RATE_SCALE_MAX
        };
        let rules = [
            (answers.len() <= ITEMS_MAX, "its answer has too many lines"),
            (names.len() == answers.len(), "two of its lines have the same name"),
            (answers.iter().all(sound), "a line's name is no word, or its amount is too fine"),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            Some((_, reason)) => Err(self.failed(reason)),
            None => Ok(answers),
        }
    }
}

impl Answer {
    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        Ok(Self {
            name: fields.text("name")?,
            amount: fields.parse("amount")?,
            effect: fields.word("effect", Effect::from_word)?,
        })
    }
}

fn encode(answers: &[Answer]) -> Vec<u8> {
    let line = |answer: &Answer| {
        Value::Map(Map::from([
            ("amount".into(), text(answer.amount)),
            ("effect".into(), text(answer.effect.word())),
            ("name".into(), text(&answer.name)),
        ]))
    };
    canon::write(&Value::Map(Map::from([
        ("format".into(), text(OUTPUT)),
        ("lines".into(), list(answers.iter().map(line))),
    ])))
}
