//! What a rating asks of outside: exchange quotes and plug-in steps. Both are given, never
//! fetched: the operator's side answers from the book, the counterparty's from what the statement
//! recorded.

use crate::error::SettleError;
use ledger::Decimal;

/// A question for an exchange rate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuoteAsk {
    /// Name of the source of quotes in the book: `ecb`.
    pub source: String,
    /// Code of the asset exchanged.
    pub base: String,
    /// Code of the asset it becomes.
    pub quote: String,
    /// What dates, as the date rule says: `2026-03-31` for one day, `2026-03-01..2026-04-01` for
    /// the average of days from the first to the one before the last.
    pub on: String,
    /// The asset through which the rate is worked out, where the source does not have the pair.
    pub through: String,
}

/// The answer: what was used, as the statement records it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuoteUsed {
    /// The question.
    pub ask: QuoteAsk,
    /// One unit of `base` in `quote`.
    pub rate: Decimal,
    /// Where it is from, for people: dates and pairs used.
    pub from: String,
}

/// What answers.
pub trait Outside {
    /// The rate asked for.
    ///
    /// # Errors
    /// [`SettleError::QuoteNotRecorded`] and others that say what is not there.
    fn quote(&self, ask: &QuoteAsk) -> Result<QuoteUsed, SettleError>;

    /// Runs the plug-in with this hash (64 hexadecimal digits) over its input.
    ///
    /// # Errors
    /// [`SettleError::PluginFailed`] when it is not there, breaks, or takes too much.
    fn plugin(&self, hash: &str, input: &[u8]) -> Result<Vec<u8>, SettleError>;
}

/// Answers nothing: for agreements that ask for nothing.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl Outside for Nothing {
    fn quote(&self, ask: &QuoteAsk) -> Result<QuoteUsed, SettleError> {
        Err(missing(ask))
    }

    fn plugin(&self, hash: &str, _: &[u8]) -> Result<Vec<u8>, SettleError> {
        let reason = "no plug-in is given".to_owned();
        Err(SettleError::PluginFailed { plugin: hash.to_owned(), reason })
    }
}

/// Answers from what a statement recorded; plug-ins as `plugins` does.
pub struct Recorded<'a> {
    /// The quotes of the statement.
    pub quotes: &'a [QuoteUsed],
    /// Who runs plug-ins.
    pub plugins: &'a dyn Outside,
}

impl Outside for Recorded<'_> {
    fn quote(&self, ask: &QuoteAsk) -> Result<QuoteUsed, SettleError> {
        self.quotes.iter().find(|used| used.ask == *ask).cloned().ok_or_else(|| missing(ask))
    }

    fn plugin(&self, hash: &str, input: &[u8]) -> Result<Vec<u8>, SettleError> {
        self.plugins.plugin(hash, input)
    }
}

fn missing(ask: &QuoteAsk) -> SettleError {
    let QuoteAsk { source, base, quote, on, .. } = ask.clone();
    SettleError::QuoteNotRecorded { source, base, quote, on }
}
