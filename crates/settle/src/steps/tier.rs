//! `tier`: a share whose rate depends on the size of a figure: of the period, of each item, or of a
//! window of several periods.

mod band;
mod charge;

pub use band::{Band, Bound};

use super::Apply;
use crate::agreement::{Operand, RoundTo, Window};
use crate::canon::{Fields, Map, list, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::Run;
use crate::statement::Effect;

/// Takes a share by bands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    /// What the rates are taken of.
    pub of: Operand,
    /// Slab only: the figure that chooses the band, where it is not `of`.
    pub by: Option<Operand>,
    /// Slab or marginal.
    pub method: Method,
    /// Ascending by bound, bounds above zero; the last and only the last has none. The first one
    /// also holds for figures below zero.
    pub bands: Vec<Band>,
    /// The dimensions whose groups are rated each on its own, `event` for every sale; empty for
    /// one figure. Only for a measure.
    pub per: Vec<String>,
    /// The time over which the figure that chooses the bands is added up, where it is not the
    /// period. The measure `by`, where there is one, is then read over it; without `by` the charge
    /// is what the bands give of `of` up to the end of the period, less what they give up to its
    /// start, both from what is known now.
    pub window: Option<Window>,
    /// How the result is rounded (each item's, and in a marginal tier each band's part); `None`
    /// keeps every digit.
    pub round: Option<RoundTo>,
    /// What becomes of the running amount; [`Effect::Set`] by default.
    pub effect: Effect,
}

/// How the bands apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// The rate of the band that the figure falls in is taken of the whole.
    Slab,
    /// Each band's rate is taken of the part of the figure that falls in the band.
    Marginal,
}

impl Apply for Tier {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        if self.per.is_empty() { self.whole(run) } else { self.each(run) }
    }

    fn check(&self, checker: &mut Checker<'_>) {
        self.check_reads(checker);
        self.check_bands(checker);
        if let Some(to) = self.round {
            checker.round(to);
        }
        if self.method == Method::Marginal && self.per.is_empty() {
            (1..=self.bands.len()).for_each(|band| checker.prints_part(band));
        }
        checker.prints();
    }

    fn write(&self) -> Map {
        let mut map = Map::from([
            ("bands".into(), list(self.bands.iter().map(Band::value))),
            ("effect".into(), text(self.effect.word())),
            ("method".into(), text(self.method.word())),
            ("of".into(), text(&self.of)),
        ]);
        if let Some(by) = &self.by {
            map.insert("by".into(), text(by));
        }
        if !self.per.is_empty() {
            map.insert("per".into(), list(self.per.iter().map(text)));
        }
        if let Some(window) = self.window {
            map.insert("window".into(), text(window));
        }
        if let Some(to) = self.round {
            map.insert("round".into(), text(to));
        }
        map
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        Ok(Self {
            of: fields.parse("of")?,
            by: fields.optional("by")?,
            method: fields.word("method", Method::from_word)?,
            bands: fields.maps("bands", Band::read)?,
            per: if fields.has("per") { fields.texts("per")? } else { Vec::new() },
            window: fields.optional("window")?,
            round: fields.optional("round")?,
            effect: fields.word("effect", Effect::from_word)?,
        })
    }
}

impl Tier {
    /// Whether earlier periods of the window are rated along, and their charge taken off.
    fn is_cumulative(&self) -> bool {
        self.window.is_some() && self.by.is_none()
    }

    fn check_reads(&self, checker: &mut Checker<'_>) {
        let measured = matches!(self.of, Operand::Measure(_));
        match &self.of {
            Operand::Measure(name) => {
                checker.measure_by(name, &self.per, checker.window());
                if let Some(window) = self.window.filter(|_| self.by.is_none()) {
                    checker.measure_by(name, &self.per, window);
                }
            }
            of => checker.operand(of),
        }
        let measured = |what: bool| !what || measured;
        checker.ensure(measured(!self.per.is_empty()), "only a measure is rated item by item");
        checker.ensure(measured(self.is_cumulative()), "only a measure is added up over a window");
        if let Some(by) = &self.by {
            match (by, self.window) {
                (Operand::Measure(name), Some(window)) => checker.measure_by(name, &[], window),
                _ => checker.operand(by),
            }
            let over = self.window.is_none() || matches!(by, Operand::Measure(_));
            checker.ensure(over, "only a measure is added up over a window");
            let slab = self.method == Method::Slab;
            checker.ensure(slab, "only a slab tier can be chosen by another figure");
        }
        if let Some(window) = self.window {
            let longer = matches!(window, Window::Within(_) | Window::Agreement);
            checker.ensure(longer, "its window is not one of several periods");
            let whole = checker.window() == Window::Period;
            checker.ensure(whole, "a window and a selection of days exclude each other");
        }
    }
}
