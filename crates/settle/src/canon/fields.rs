//! The fields of a canonical map, taken out one by one.

use super::{Value, not_canonical};
use crate::error::SettleError;
use std::collections::BTreeMap;
use std::str::FromStr;

/// A map being written.
pub(crate) type Map = BTreeMap<String, Value>;

/// A text value.
#[allow(clippy::needless_pass_by_value)] // called with values made on the spot
pub(crate) fn text(value: impl ToString) -> Value {
    Value::Text(value.to_string())
}

/// A list value.
pub(crate) fn list(items: impl IntoIterator<Item = Value>) -> Value {
    Value::List(items.into_iter().collect())
}

/// A map being read. Fields that nobody takes are found by [`super::strict`].
pub(crate) struct Fields {
    map: Map,
    what: &'static str,
}

impl Fields {
    pub(crate) fn of(value: Value, what: &'static str) -> Result<Self, SettleError> {
        match value {
            Value::Map(map) => Ok(Self { map, what }),
            Value::Text(_) | Value::List(_) => Err(not_canonical(what, "a map")),
        }
    }

    /// An error at the field `name`.
    pub(crate) fn wrong(&self, name: &str) -> SettleError {
        not_canonical(self.what, format!("field {name}"))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    fn take(&mut self, name: &str) -> Result<Value, SettleError> {
        self.map.remove(name).ok_or_else(|| self.wrong(name))
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<String, SettleError> {
        match self.take(name)? {
            Value::Text(text) => Ok(text),
            Value::List(_) | Value::Map(_) => Err(self.wrong(name)),
        }
    }

    /// A text read with [`FromStr`].
    pub(crate) fn parse<T: FromStr>(&mut self, name: &str) -> Result<T, SettleError> {
        let text = self.text(name)?;
        text.parse().map_err(|_| self.wrong(name))
    }

    /// [`Fields::parse`] for a field that may be absent.
    pub(crate) fn optional<T: FromStr>(&mut self, name: &str) -> Result<Option<T>, SettleError> {
        if self.has(name) { self.parse(name).map(Some) } else { Ok(None) }
    }

    /// A text read with `from_word`.
    pub(crate) fn word<T>(
        &mut self,
        name: &str,
        from_word: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, SettleError> {
        let text = self.text(name)?;
        from_word(&text).ok_or_else(|| self.wrong(name))
    }

    pub(crate) fn list(&mut self, name: &str) -> Result<Vec<Value>, SettleError> {
        match self.take(name)? {
            Value::List(items) => Ok(items),
            Value::Text(_) | Value::Map(_) => Err(self.wrong(name)),
        }
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, name: &str) -> Result<Vec<String>, SettleError> {
        let items = self.list(name)?.into_iter().map(|item| match item {
            Value::Text(text) => Ok(text),
            Value::List(_) | Value::Map(_) => Err(self.wrong(name)),
        });
        items.collect()
    }

    /// A list of maps, each read with `read`.
    pub(crate) fn maps<T>(
        &mut self,
        name: &str,
        read: impl Fn(Fields) -> Result<T, SettleError>,
    ) -> Result<Vec<T>, SettleError> {
        let what = self.what;
        self.list(name)?.into_iter().map(|item| read(Fields::of(item, what)?)).collect()
    }

    /// A map read with `read`, which may be absent.
    pub(crate) fn optional_map<T>(
        &mut self,
        name: &str,
        read: impl Fn(Fields) -> Result<T, SettleError>,
    ) -> Result<Option<T>, SettleError> {
        if self.has(name) { self.map(name).and_then(read).map(Some) } else { Ok(None) }
    }

    /// A map.
    pub(crate) fn map(&mut self, name: &str) -> Result<Fields, SettleError> {
        let what = self.what;
        Fields::of(self.take(name)?, what)
    }

    /// The names of all fields that are left.
    pub(crate) fn names(&self) -> Vec<String> {
        self.map.keys().cloned().collect()
    }

    /// Refuses a document of another format than `known`.
    pub(crate) fn format(&mut self, known: &str) -> Result<(), SettleError> {
        let format = self.text("format")?;
        if format == known {
            return Ok(());
        }
        let format = format.chars().take(64).collect();
        Err(SettleError::FormatVersion { what: self.what.to_owned(), format })
    }
}
