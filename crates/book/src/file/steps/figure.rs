//! Figures, rounding and effects as steps spell them.

use crate::code;
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::scalar::{Exact, Rate};
use ledger::Rounding;
use settle::{Effect, Figure, Operand, RoundTo};

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
    /// How a figure is rounded.
    pub struct RoundSpec {
        /// Decimals that stay.
        pub scale: Placed<i8>,
        /// Which way.
        pub mode: RoundingWord,
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

/// Reads the fields `measure`, `line`, `amount`, `rate` and `round` as the parts of a figure.
#[macro_export]
macro_rules! figure_parts {
    ($($record:ident)*) => {
        $(impl<'a> From<&'a $record> for $crate::file::steps::FigureParts<'a> {
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

figure_parts!(FigureSpec);

impl StepsOf<'_, '_> {
    pub(in crate::file) fn figure(&mut self, parts: FigureParts<'_>) -> Figure {
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

    pub(in crate::file) fn round_to(&mut self, spec: &RoundSpec) -> RoundTo {
        self.check_scale(&spec.scale);
        RoundTo { scale: spec.scale.value, mode: spec.mode.into() }
    }

    /// What is read.
    pub(in crate::file) fn operand(&mut self, spec: &Placed<OperandSpec>) -> Operand {
        match &spec.value {
            OperandSpec::Measure(name) => self.measure(name),
            OperandSpec::Line(name) => self.line(name),
            OperandSpec::Amount(amount) => {
                self.fixed(&Placed { value: *amount, place: spec.place })
            }
        }
    }

    /// A figure that must name what it is of.
    pub(in crate::file) fn bound(&mut self, parts: FigureParts<'_>, place: Place) -> Figure {
        if parts.measure.is_none() && parts.line.is_none() && parts.amount.is_none() {
            let message = "a bound needs `amount`, `measure` or `line`";
            self.reporter.error(code::MISSING_KEY, place, message, "");
        }
        self.figure(parts)
    }
}
