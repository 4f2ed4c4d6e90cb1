//! The steps of agreements as files spell them.

use super::agreement::StepsOf;
use crate::code;
use crate::diagnostic::Placed;
use crate::read::Named;
use crate::scalar::{Exact, Rate};
use ledger::Rounding;
use settle::{Effect, Figure, Operand, RoundTo};

crate::tagged! {
    /// One step of an agreement. Steps run in order, each on the running amount that the one
    /// before it left.
    pub enum StepSpec {
        /// Narrows the accounts that following steps read.
        Select(SelectSpec) = "select",
        /// Reads a measure.
        Sum(SumSpec) = "sum",
        /// Takes named deductions, in order.
        Deduct(DeductSpec) = "deduct",
        /// Takes a share whose rate depends on the size of a figure.
        Tier(TierSpec) = "tier",
        /// Takes a share at one rate.
        Share(ShareSpec) = "share",
        /// Tops the running amount up to a guaranteed one.
        Minimum(FigureStep) = "minimum",
        /// Bounds the running amount from above.
        Cap(FigureStep) = "cap",
        /// Rounds the running amount.
        Round(RoundStep) = "round",
    }
}

crate::record! {
    /// Narrows the accounts that following steps read; replaces the selection before it.
    pub struct SelectSpec {
        /// Name of the line; `select` where nothing is said.
        pub name: Option<Placed<String>> = default,
        /// For each dimension the values that count; no dimension selects everything.
        pub only: Named<Vec<Placed<String>>> = default,
    }
}

crate::record! {
    /// Reads a measure.
    pub struct SumSpec {
        /// Name of the line; `sum` where nothing is said.
        pub name: Option<Placed<String>> = default,
        /// The measure.
        pub measure: Placed<String>,
        /// What becomes of the running amount; `set` where nothing is said.
        pub effect: Option<EffectWord> = default,
    }
}

crate::record! {
    /// Takes named deductions from the running amount.
    pub struct DeductSpec {
        /// Name of the step; `deduct` where nothing is said.
        pub name: Option<Placed<String>> = default,
        /// Deductions by name, taken in the order of the file.
        pub items: Named<DeductionSpec>,
        /// Whether deductions stop at zero; what they could not take is stated as excess.
        pub floor_at_zero: bool = default,
    }
}

crate::record! {
    /// One deduction: of a measure, a line, an amount, or the running amount.
    pub struct DeductionSpec {
        /// A measure.
        pub measure: Option<Placed<String>> = default,
        /// An earlier line.
        pub line: Option<Placed<String>> = default,
        /// A fixed amount.
        pub amount: Option<Placed<Exact>> = default,
        /// The fraction that is taken; the whole where nothing is said.
        pub rate: Option<Placed<Rate>> = default,
        /// How the result is rounded.
        pub round: Option<RoundSpec> = default,
        /// At most this much.
        pub cap: Option<Placed<FigureSpec>> = default,
    }
}

crate::record! {
    /// A figure: a measure, a line or an amount, or a fraction of it; of the running amount where
    /// none is named.
    pub struct FigureSpec {
        /// A measure.
        pub measure: Option<Placed<String>> = default,
        /// An earlier line.
        pub line: Option<Placed<String>> = default,
        /// A fixed amount.
        pub amount: Option<Placed<Exact>> = default,
        /// The fraction that is taken; the whole where nothing is said.
        pub rate: Option<Placed<Rate>> = default,
        /// How the result is rounded.
        pub round: Option<RoundSpec> = default,
    }
}

crate::record! {
    /// Takes a share whose rate depends on the size of a figure in the period.
    pub struct TierSpec {
        /// Name of the line; `tier` where nothing is said.
        pub name: Option<Placed<String>> = default,
        /// Whether the rate of the band reached holds for the whole, or each rate for its band.
        pub method: MethodWord,
        /// What the rates are taken of; the running amount where nothing is said.
        pub of: Option<Placed<OperandSpec>> = default,
        /// Slab only: the figure that chooses the band, where it is another one.
        pub by: Option<Placed<OperandSpec>> = default,
        /// Bands in ascending order; the last one has no `up_to`.
        pub bands: Placed<Vec<Placed<BandSpec>>>,
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

crate::tagged! {
    /// What a step reads.
    pub enum OperandSpec {
        /// A measure.
        Measure(Placed<String>) = "measure",
        /// An earlier line.
        Line(Placed<String>) = "line",
        /// A fixed amount.
        Amount(Exact) = "amount",
    }
}

crate::record! {
    /// Takes a share at one rate.
    pub struct ShareSpec {
        /// Name of the line; `share` where nothing is said.
        pub name: Option<Placed<String>> = default,
        /// A measure.
        pub measure: Option<Placed<String>> = default,
        /// An earlier line.
        pub line: Option<Placed<String>> = default,
        /// The fraction that is taken.
        pub rate: Placed<Rate>,
        /// How the result is rounded.
        pub round: Option<RoundSpec> = default,
        /// What becomes of the running amount; `set` where nothing is said.
        pub effect: Option<EffectWord> = default,
    }
}

crate::record! {
    /// A bound of the running amount.
    pub struct FigureStep {
        /// Name of the line; the step's own word where nothing is said.
        pub name: Option<Placed<String>> = default,
        /// A measure.
        pub measure: Option<Placed<String>> = default,
        /// An earlier line.
        pub line: Option<Placed<String>> = default,
        /// A fixed amount.
        pub amount: Option<Placed<Exact>> = default,
        /// The fraction that is taken; the whole where nothing is said.
        pub rate: Option<Placed<Rate>> = default,
        /// How the result is rounded.
        pub round: Option<RoundSpec> = default,
    }
}

crate::record! {
    /// How a figure is rounded.
    pub struct RoundSpec {
        /// Decimals that stay.
        pub scale: Placed<u8>,
        /// Which way.
        pub mode: RoundingWord,
    }
}

crate::record! {
    /// Rounds the running amount.
    pub struct RoundStep {
        /// Name of the line; `round` where nothing is said.
        pub name: Option<Placed<String>> = default,
        /// Decimals that stay; those of the asset where nothing is said.
        pub scale: Option<Placed<u8>> = default,
        /// Which way.
        pub mode: RoundingWord,
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
    /// What becomes of the running amount.
    pub enum EffectWord {
        /// It is the result.
        Set = "set",
        /// The result is added.
        Add = "add",
        /// The result is taken away.
        Subtract = "subtract",
        /// Nothing: the line only states a figure.
        Keep = "keep",
    }
}

crate::choice! {
    /// Which way is rounded.
    pub enum RoundingWord {
        /// To nearest; a half goes away from zero.
        HalfUp = "half-up",
        /// To nearest; a half goes to the even neighbour.
        HalfEven = "half-even",
        /// To nearest; a half goes toward zero.
        HalfDown = "half-down",
        /// Toward zero.
        Down = "down",
        /// Away from zero.
        Up = "up",
        /// Toward minus infinity.
        Floor = "floor",
        /// Toward plus infinity.
        Ceiling = "ceiling",
    }
}

impl From<EffectWord> for Effect {
    fn from(word: EffectWord) -> Self {
        match word {
            EffectWord::Set => Self::Set,
            EffectWord::Add => Self::Add,
            EffectWord::Subtract => Self::Subtract,
            EffectWord::Keep => Self::Keep,
        }
    }
}

impl From<RoundingWord> for Rounding {
    fn from(word: RoundingWord) -> Self {
        match word {
            RoundingWord::HalfUp => Self::HalfUp,
            RoundingWord::HalfEven => Self::HalfEven,
            RoundingWord::HalfDown => Self::HalfDown,
            RoundingWord::Down => Self::Down,
            RoundingWord::Up => Self::Up,
            RoundingWord::Floor => Self::Floor,
            RoundingWord::Ceiling => Self::Ceiling,
        }
    }
}

/// The parts that every figure has, whichever record spells them.
#[derive(Clone, Copy)]
pub struct FigureParts<'a> {
    /// A measure.
    pub measure: Option<&'a Placed<String>>,
    /// An earlier line.
    pub line: Option<&'a Placed<String>>,
    /// A fixed amount.
    pub amount: Option<&'a Placed<Exact>>,
    /// The fraction that is taken.
    pub rate: Option<&'a Placed<Rate>>,
    /// How the result is rounded.
    pub round: Option<&'a RoundSpec>,
}

macro_rules! figure_parts {
    ($($record:ident)*) => {
        $(impl<'a> From<&'a $record> for FigureParts<'a> {
            fn from(spec: &'a $record) -> Self {
                Self {
                    measure: spec.measure.as_ref(),
                    line: spec.line.as_ref(),
                    amount: spec.amount.as_ref(),
                    rate: spec.rate.as_ref(),
                    round: spec.round.as_ref(),
                }
            }
        })*
    };
}

figure_parts!(DeductionSpec FigureSpec FigureStep);

impl<'a> From<&'a ShareSpec> for FigureParts<'a> {
    fn from(spec: &'a ShareSpec) -> Self {
        Self {
            measure: spec.measure.as_ref(),
            line: spec.line.as_ref(),
            amount: None,
            rate: Some(&spec.rate),
            round: spec.round.as_ref(),
        }
    }
}

impl StepsOf<'_, '_> {
    pub(super) fn figure(&mut self, parts: FigureParts<'_>) -> Figure {
        let mut named = Vec::new();
        named.extend(parts.measure.map(|measure| measure.place));
        named.extend(parts.line.map(|line| line.place));
        named.extend(parts.amount.map(|amount| amount.place));
        if let [_, second, ..] = named[..] {
            let message = "a figure is of a measure, of a line or of an amount, and of one only";
            self.reporter.error(code::STEP_ORDER, second, message, "keep one of them");
        }
        let of = if let Some(measure) = parts.measure {
            self.measure(measure)
        } else if let Some(line) = parts.line {
            self.line(line)
        } else {
            parts.amount.map_or(Operand::Running, |amount| self.fixed(amount))
        };
        let rate = parts.rate.map(|rate| self.rate(rate));
        Figure { of, rate, round: parts.round.map(|round| self.round_to(round)) }
    }

    pub(super) fn round_to(&mut self, spec: &RoundSpec) -> RoundTo {
        self.check_scale(&spec.scale);
        RoundTo { scale: spec.scale.value, mode: spec.mode.into() }
    }
}
