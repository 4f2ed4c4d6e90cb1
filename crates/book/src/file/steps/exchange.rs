//! `exchange`: from the asset in force into another one.

use super::{RoundSpec, RoundingWord, Spell};
use crate::code;
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::scalar::Exact;
use ledger::{Asset, Decimal};
use settle::limits::{QUOTE_AGE_DAYS_MAX, RATE_SCALE_MAX};
use settle::quotes::{DateRule, FxTerms};
use settle::steps::{Exchange, RateOf};
use settle::{PeriodKind, RoundTo, Rule};

crate::step_record! {
    /// Turns the running amount, or a measure row by row, into another asset; what follows is in
    /// that asset.
    pub struct ExchangeSpec {
        /// What it becomes; the agreement's asset where nothing is said.
        pub to: Option<Placed<String>> = default,
        /// A measure that is exchanged instead of the running amount.
        pub measure: Option<Placed<String>> = default,
        /// The dimensions by which the measure is exchanged row by row; `event` for every event.
        pub by: Vec<Placed<String>> = default,
        /// A fixed rate: one unit of the asset in force in the other.
        pub rate: Option<Placed<Exact>> = default,
        /// Quoted rates, where the rate is not fixed.
        pub quotes: Option<Placed<QuotesSpec>> = default,
        /// How it is rounded: to the decimals of the other asset, half up, where nothing is said.
        pub round: Option<RoundSpec> = default,
        /// Whether rows are rounded one by one or their sum once; once where nothing is said.
        pub rounding: Option<Placed<LevelWord>> = default,
    }
}

crate::record! {
    /// Which quotes count.
    pub struct QuotesSpec {
        /// The source of quotes.
        pub source: Placed<String>,
        /// On which dates.
        pub date: Placed<DateWord>,
        /// The month, where the date is that of a fixed one: `2026-03`.
        pub month: Option<Placed<String>> = default,
        /// How many days old the quote of a day may be; 0 where nothing is said.
        pub within_days: Option<Placed<u32>> = default,
        /// The asset that both are quoted against, where they are not quoted in each other.
        pub through: Option<Placed<String>> = default,
    }
}

crate::choice! {
    /// The dates of quotes.
    pub enum DateWord {
        /// The local day of each event.
        Transaction = "transaction",
        /// The mean of the period.
        Average = "average",
        /// The last one of the period.
        Close = "close",
        /// The day on which it is due.
        Payment = "payment",
        /// The mean of a fixed month.
        MonthAverage = "month-average",
        /// The last one of a fixed month.
        MonthClose = "month-close",
    }
}

crate::choice! {
    /// At which level is rounded.
    pub enum LevelWord {
        /// Every row by itself.
        Each = "each",
        /// The sum.
        Once = "once",
    }
}

impl Spell for ExchangeSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, place: Place) -> Rule {
        steps.effect(None);
        let named = self.to.as_ref().and_then(|to| steps.asset_named(to));
        // ISO 4217's code for no currency: that the asset is not declared is reported already.
        let settled = || steps.settled_in().unwrap_or(Asset { code: "XXX".into(), scale: 0 });
        let to = named.unwrap_or_else(settled);
        if let Some(measure) = &self.measure {
            steps.measure(measure);
        }
        let by = steps.groups(&self.by);
        if let (None, Some(first)) = (&self.measure, self.by.first()) {
            let message = "only a `measure` is exchanged row by row";
            steps.reporter.error(code::MISSING_KEY, first.place, message, "");
        }
        let each = self.rounding.as_ref().filter(|level| level.value == LevelWord::Each);
        if let (None, Some(level)) = (&self.measure, each) {
            let message = "only the rows of a `measure` can be rounded one by one";
            steps.reporter.error(code::MISSING_KEY, level.place, message, "");
        }
        let scale = to.scale.cast_signed();
        let half_up = RoundTo { scale, mode: RoundingWord::HalfUp.into() };
        Rule::Exchange(Exchange {
            round: self.round.as_ref().map_or(half_up, |round| steps.round_to(round)),
            rate: self.rate_of(place, steps),
            measure: self.measure.as_ref().map(|measure| measure.value.clone()),
            each: each.is_some(),
            by,
            to,
        })
    }
}

impl ExchangeSpec {
    fn rate_of(&self, place: Place, steps: &mut StepsOf<'_, '_>) -> RateOf {
        if let (None, None) = (&self.rate, &self.quotes) {
            let message = "an exchange needs a `rate`, or `quotes` to take it from";
            steps.reporter.error(code::MISSING_KEY, place, message, "");
        }
        if let (Some(_), Some(quotes)) = (&self.rate, &self.quotes) {
            let message = "a rate is fixed or quoted, not both";
            steps.reporter.error(code::STEP_ORDER, quotes.place, message, "keep one of them");
        }
        if let Some(quotes) = &self.quotes {
            return RateOf::Quoted(self.terms(quotes, steps));
        }
        let rate = self.rate.as_ref().map_or(Decimal::ONE, |rate| rate.value.0);
        let fits = rate > Decimal::ZERO && rate.canonical().scale() <= RATE_SCALE_MAX;
        if let Some(given) = self.rate.as_ref().filter(|_| !fits) {
            let message = format!("a rate is above zero, with at most {RATE_SCALE_MAX} decimals");
            steps.reporter.error(code::OUT_OF_BOUNDS, given.place, message, "");
        }
        RateOf::Fixed(rate)
    }

    fn terms(&self, quotes: &Placed<QuotesSpec>, steps: &mut StepsOf<'_, '_>) -> FxTerms {
        let QuotesSpec { source, date, month, within_days, through } = &quotes.value;
        steps.quoted_by(source);
        if date.value == DateWord::Transaction && self.measure.is_none() {
            let message = "only a `measure` has days of events";
            steps.reporter.error(code::MISSING_KEY, date.place, message, "");
        }
        if let Some(days) = within_days.as_ref().filter(|days| days.value > QUOTE_AGE_DAYS_MAX) {
            let message = format!("a quote is at most {QUOTE_AGE_DAYS_MAX} days old");
            steps.reporter.error(code::OUT_OF_BOUNDS, days.place, message, "");
        }
        FxTerms {
            source: source.value.clone(),
            rule: date_rule(date, month.as_ref(), steps),
            age_days_max: within_days.as_ref().map_or(0, |days| days.value),
            pivot: through.as_ref().and_then(|code| steps.asset_named(code)).map(|a| a.code),
        }
    }
}

fn date_rule(
    date: &Placed<DateWord>,
    month: Option<&Placed<String>>,
    steps: &mut StepsOf<'_, '_>,
) -> DateRule {
    let fixed = matches!(date.value, DateWord::MonthAverage | DateWord::MonthClose);
    if let Some(month) = month.filter(|_| !fixed) {
        let message = "a month is named only where the date is that of a fixed month";
        steps.reporter.error(code::STEP_ORDER, month.place, message, "leave `month` out");
    }
    let period = month.and_then(|month| {
        let period: Option<settle::Period> = month.value.parse().ok();
        let found = period.filter(|period| period.kind() == PeriodKind::Month);
        if found.is_none() {
            let message = format!("`{}` is not a month such as 2026-03", month.value);
            steps.reporter.error(code::NOT_A_TIME, month.place, message, "");
        }
        found
    });
    if month.is_none() && fixed {
        let message = "the fixed month is missing: `month`";
        steps.reporter.error(code::MISSING_KEY, date.place, message, "");
    }
    match (date.value, period) {
        (DateWord::Transaction, _) => DateRule::Transaction,
        (DateWord::Payment, _) => DateRule::Payment,
        (DateWord::Average, _) => DateRule::Average,
        (DateWord::MonthAverage, Some(month)) => DateRule::MonthAverage(month),
        (DateWord::MonthClose, Some(month)) => DateRule::MonthClose(month),
        // A fixed month that is not understood has been reported.
        (DateWord::Close | DateWord::MonthAverage | DateWord::MonthClose, _) => DateRule::Close,
    }
}
