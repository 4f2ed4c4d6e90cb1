//! Bands of a tier and their bounds, and what they give of a figure.

use super::{Method, Tier};
use crate::canon::{Fields, Map, Value, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::Run;
use ledger::Decimal;
use std::fmt;

/// One band of a tier.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Band {
    /// Where it ends; `None` for the last.
    pub upto: Option<Bound>,
    /// A fraction: `0.25` for 25 %.
    pub rate: Decimal,
}

/// The end of a band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bound {
    /// The figure at the end, in the agreement's asset.
    pub at: Decimal,
    /// Whether a figure equal to `at` still falls in the band (`<= 5000`) or not (`< 5000`).
    pub inclusive: bool,
}

/// What bands give of a figure.
pub(super) struct Given<'a> {
    /// The sum of the parts.
    pub(super) amount: Decimal,
    /// The parts: of each the band's place from 1, the band, what the rate was taken of, and what
    /// that gave. One part in a slab, one for each band in a marginal tier.
    pub(super) parts: Vec<(usize, &'a Band, Decimal, Decimal)>,
}

impl Tier {
    /// What `base` gives, `chosen_by` choosing the band of a slab.
    pub(super) fn gives(
        &self,
        base: Decimal,
        chosen_by: Decimal,
        run: &Run<'_>,
    ) -> Result<Given<'_>, SettleError> {
        let bands = || self.bands.iter().enumerate().map(|(at, band)| (at + 1, band));
        if self.method == Method::Slab {
            let holds = |band: &Band| band.upto.is_none_or(|bound| bound.holds(chosen_by));
            let found = bands().find(|(_, band)| holds(band));
            let parts = found.map(|(at, band)| Ok((at, band, base, self.part(base, band, run)?)));
            let parts: Vec<_> = parts.into_iter().collect::<Result<_, SettleError>>()?;
            let amount = parts.first().map_or(Decimal::ZERO, |(.., amount)| *amount);
            return Ok(Given { amount, parts });
        }
        let (mut amount, mut rest, mut below) = (Decimal::ZERO, base, Decimal::ZERO);
        let mut parts = Vec::with_capacity(self.bands.len());
        for (at, band) in bands() {
            // What is left of the figure, at most as wide as the band; below zero only in the
            // first band, after which nothing is left.
            let mut width = rest;
            if let Some(bound) = band.upto {
                width = rest.min(run.fit(bound.at.checked_sub(below))?);
                below = bound.at;
            }
            rest = run.fit(rest.checked_sub(width))?;
            let part = self.part(width, band, run)?;
            amount = run.fit(amount.checked_add(part))?;
            parts.push((at, band, width, part));
        }
        Ok(Given { amount, parts })
    }

    fn part(&self, base: Decimal, band: &Band, run: &Run<'_>) -> Result<Decimal, SettleError> {
        let amount = run.fit(base.checked_mul(band.rate))?;
        self.round.map_or(Ok(amount), |to| run.fit(to.apply(amount)))
    }

    pub(super) fn check_bands(&self, checker: &mut Checker<'_>) {
        checker.count(self.bands.len());
        let (mut last, mut ends) = (Decimal::ZERO, 0);
        for band in &self.bands {
            checker.number(band.rate);
            let Some(bound) = band.upto else {
                ends += 1;
                continue;
            };
            checker.number(bound.at);
            checker.ensure(bound.at > last, "bounds of bands must rise, from above zero");
            last = bound.at;
        }
        let open = self.bands.last().is_some_and(|band| band.upto.is_none());
        checker.ensure(open && ends == 1, "the last band, and only it, has no bound");
    }
}

impl Bound {
    /// Whether the figure falls below the end of the band.
    fn holds(self, figure: Decimal) -> bool {
        figure < self.at || (self.inclusive && figure == self.at)
    }
}

impl fmt::Display for Bound {
    /// `<= 5000`, `< 50`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.inclusive { "<=" } else { "<" };
        write!(f, "{sign} {}", self.at.canonical())
    }
}

impl std::str::FromStr for Bound {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (sign, at) = text.split_once(' ').ok_or(())?;
        let inclusive = match sign {
            "<=" => true,
            "<" => false,
            _ => return Err(()),
        };
        Ok(Self { at: at.parse().map_err(|_| ())?, inclusive })
    }
}

impl Band {
    pub(super) fn value(&self) -> Value {
        let mut map = Map::from([("rate".to_owned(), text(self.rate.canonical()))]);
        if let Some(bound) = self.upto {
            map.insert("upto".into(), text(bound));
        }
        Value::Map(map)
    }

    pub(super) fn read(mut fields: Fields) -> Result<Self, SettleError> {
        Ok(Self { upto: fields.optional("upto")?, rate: fields.parse("rate")? })
    }
}
