//! `tier`: a share whose rate depends on the size of a figure.

use super::{EffectWord, OperandSpec, RoundSpec, Spell};
use crate::code;
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::scalar::{Exact, Rate};
use ledger::Decimal;
use settle::limits::ITEMS_MAX;
use settle::steps::{Band, Bound, Method, Tier};
use settle::{Operand, PeriodKind, Rule, Window};

crate::step_record! {
    /// Takes a share whose rate depends on the size of a figure in the period.
    pub struct TierSpec {
        /// Whether the rate of the band reached holds for the whole, or each rate for its band.
        pub method: MethodWord,
        /// What the rates are taken of; the running amount where nothing is said.
        pub of: Option<Placed<OperandSpec>> = default,
        /// Slab only: the figure that chooses the band, where it is another one.
        pub by: Option<Placed<OperandSpec>> = default,
        /// Bands in ascending order; the last one has no `up_to`.
        pub bands: Placed<Vec<Placed<BandSpec>>>,
        /// Dimensions whose groups are rated each on its own, `event` for every sale; of a measure.
        pub per: Vec<Placed<String>> = default,
        /// The time over which the figure that chooses the band is added up; the period where
        /// nothing is said. Without `by`, what is charged is what the bands give of the window up
        /// to the end of the period, less what they give up to its start.
        pub window: Option<Placed<WindowWord>> = default,
        /// How the result is rounded.
        pub round: Option<RoundSpec> = default,
        /// What becomes of the running amount; `set` where nothing is said.
        pub effect: Option<EffectWord> = default,
    }
}

crate::record! {
    /// A band of a tier.
    pub struct BandSpec {
        /// Where it ends, a figure equal to it included.
        pub up_to: Option<Placed<Exact>> = default,
        /// Where it ends, a figure equal to it not included.
        pub below: Option<Placed<Exact>> = default,
        /// The fraction that is taken.
        pub rate: Placed<Rate>,
    }
}

crate::choice! {
    /// Whether a rate holds for the whole or for its band.
    pub enum MethodWord {
        /// The rate of the band that the figure falls in is taken of the whole.
        Slab = "slab",
        /// Each band's rate is taken of the part of the figure that falls in it.
        Marginal = "marginal",
    }
}

crate::choice! {
    /// A time of several periods that ends with the period.
    pub enum WindowWord {
        /// From the Monday before.
        Week = "week",
        /// From the 1st or the 16th before.
        HalfMonth = "half-month",
        /// From the beginning of the month.
        Month = "month",
        /// From the beginning of the quarter.
        Quarter = "quarter",
        /// From the beginning of the half year.
        HalfYear = "half-year",
        /// From the beginning of the year.
        Year = "year",
        /// From the day on which these terms began to hold.
        Agreement = "agreement",
    }
}

impl From<WindowWord> for Window {
    fn from(word: WindowWord) -> Self {
        match word {
            WindowWord::Week => Self::Within(PeriodKind::Week),
            WindowWord::HalfMonth => Self::Within(PeriodKind::HalfMonth),
            WindowWord::Month => Self::Within(PeriodKind::Month),
            WindowWord::Quarter => Self::Within(PeriodKind::Quarter),
            WindowWord::HalfYear => Self::Within(PeriodKind::HalfYear),
            WindowWord::Year => Self::Within(PeriodKind::Year),
            WindowWord::Agreement => Self::Agreement,
        }
    }
}

impl Spell for TierSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, _: Place) -> Rule {
        let method = match self.method {
            MethodWord::Slab => Method::Slab,
            MethodWord::Marginal => Method::Marginal,
        };
        if let Some(by) = self.by.as_ref().filter(|_| method == Method::Marginal) {
            let message = "only a slab can be chosen by another figure";
            steps.reporter.error(code::STEP_ORDER, by.place, message, "leave `by` out");
        }
        self.check_measured(steps);
        Rule::Tier(Tier {
            of: self.of.as_ref().map_or(Operand::Running, |of| steps.operand(of)),
            by: self.by.as_ref().map(|by| steps.operand(by)),
            method,
            bands: bands(&self.bands, steps),
            per: steps.groups(&self.per),
            window: self.window.as_ref().map(|window| window.value.into()),
            round: self.round.as_ref().map(|round| steps.round_to(round)),
            effect: steps.effect(self.effect),
        })
    }
}

impl TierSpec {
    /// Items, and windows, are of measures: nothing else is known beyond the period or below it.
    fn check_measured(&self, steps: &mut StepsOf<'_, '_>) {
        let measured = |of: &Option<Placed<OperandSpec>>| {
            of.as_ref().is_some_and(|of| matches!(of.value, OperandSpec::Measure(_)))
        };
        let wrong = "needs a measure";
        if let Some(dim) = self.per.first().filter(|_| !measured(&self.of)) {
            let message = format!("`per` {wrong}: `of: {{ measure: … }}`");
            steps.reporter.error(code::MISSING_KEY, dim.place, message, "");
        }
        let added_up = if self.by.is_some() { &self.by } else { &self.of };
        if let Some(window) = self.window.as_ref().filter(|_| !measured(added_up)) {
            let message = format!("`window` {wrong}: `of` or `by: {{ measure: … }}`");
            steps.reporter.error(code::MISSING_KEY, window.place, message, "");
        }
    }
}

/// The bands, checked: ascending, the last one without a bound.
pub(super) fn bands(
    specs: &Placed<Vec<Placed<BandSpec>>>,
    steps: &mut StepsOf<'_, '_>,
) -> Vec<Band> {
    if specs.value.is_empty() || specs.value.len() > ITEMS_MAX {
        let message = format!("a tier has 1 to {ITEMS_MAX} bands");
        steps.reporter.error(code::TOO_MANY, specs.place, message, "");
    }
    let mut last: Option<Decimal> = None;
    let mut bands = Vec::new();
    for (at, spec) in specs.value.iter().enumerate() {
        let is_last = at + 1 == specs.value.len();
        let upto = band_end(spec, is_last, steps);
        if let Some((bound, place)) = upto {
            steps.check_amount(bound.at, place);
            if last.map_or(bound.at <= Decimal::ZERO, |last| bound.at <= last) {
                let message = "the bounds of tiers ascend from above zero";
                let hint = code::TIER_BOUNDS.hint;
                steps.reporter.error(code::TIER_BOUNDS, place, message, hint);
            }
            last = Some(bound.at);
        }
        let rate = steps.rate(&spec.value.rate);
        bands.push(Band { upto: upto.map(|(bound, _)| bound), rate });
    }
    bands
}

fn band_end(
    spec: &Placed<BandSpec>,
    is_last: bool,
    steps: &mut StepsOf<'_, '_>,
) -> Option<(Bound, Place)> {
    let BandSpec { up_to, below, .. } = &spec.value;
    let (end, inclusive) = match (up_to, below) {
        (Some(_), Some(below)) => {
            let message = "a band ends with `up_to` or `below`, not both";
            steps.reporter.error(code::TIER_BOUNDS, below.place, message, "keep one of them");
            (Some(below), false)
        }
        (up_to, None) => (up_to.as_ref(), true),
        (None, below) => (below.as_ref(), false),
    };
    if end.is_some() == is_last {
        let place = end.map_or(spec.place, |end| end.place);
        let message = if is_last {
            "the last band goes on without end and has no bound"
        } else {
            "a band before the last needs `up_to` or `below`"
        };
        steps.reporter.error(code::TIER_BOUNDS, place, message, code::TIER_BOUNDS.hint);
    }
    end.map(|end| (Bound { at: end.value.0, inclusive }, end.place))
}
