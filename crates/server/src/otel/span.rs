//! What is exported of a piece of work. There is no place in it for a body, a header, or what a
//! caller wrote into a path: names are words of this program, routes and sources.

use node::engine::trace::TraceId;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Which side of a call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Neither.
    Internal,
    /// It answers.
    Server,
    /// It asks.
    Client,
}

/// A value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A name.
    Text(String),
    /// A word of this program.
    Word(&'static str),
    /// A number.
    Number(u64),
}

/// A piece of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The trace it is a part of.
    pub trace: TraceId,
    /// Its own id.
    pub id: u64,
    /// What it is a part of.
    pub parent: Option<u64>,
    /// What is done.
    pub name: String,
    /// Which side of a call it is.
    pub kind: Kind,
    /// When it began, nanoseconds UTC.
    pub started_at: u64,
    /// When it ended.
    pub ended_at: u64,
    /// Details, by name.
    pub attributes: Vec<(&'static str, Value)>,
    /// Whether it failed.
    pub failed: bool,
}

impl Span {
    /// What ended just now and took so long.
    pub fn ended(
        (trace, parent): (TraceId, Option<u64>),
        (id, name): (u64, String),
        took: Duration,
    ) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let ended_at = u64::try_from(since.as_nanos()).unwrap_or(u64::MAX);
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        Self {
            trace,
            id,
            parent,
            name,
            kind: Kind::Internal,
            started_at: ended_at.saturating_sub(took),
            ended_at,
            attributes: Vec::new(),
            failed: false,
        }
    }

    /// The same on this side of a call.
    #[must_use]
    pub fn of(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// The same with one detail more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<&'static str> for Value {
    fn from(word: &'static str) -> Self {
        Self::Word(word)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
