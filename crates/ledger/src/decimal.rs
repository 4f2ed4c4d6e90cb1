//! Exact decimals: a coefficient of 128 bits (any 38 digits fit) and a scale. No operation loses
//! a digit unless it is asked to round, and none overflows silently.

use crate::limits::DECIMAL_SCALE_MAX;
use crate::wide::{divide, product};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// An exact decimal number: `coefficient / 10^scale`.
///
/// Equality is of value, so `1.50 == 1.5`; the scale as given is kept for printing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decimal {
    coefficient: i128,
    scale: u8,
}

/// What can go wrong with a decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// The text is not a decimal number.
    Syntax,
    /// The result has more than 38 decimals, or does not fit 128 bits (any 38 digits do).
    Overflow,
    /// The value has more decimals than asked for.
    Inexact,
    /// Division by zero.
    DivisionByZero,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "not a decimal number",
            Self::Overflow => "the number has more than 38 digits",
            Self::Inexact => "the number has more decimals than allowed",
            Self::DivisionByZero => "division by zero",
        })
    }
}

impl std::error::Error for DecimalError {}

/// How a result is brought to fewer decimals. Numbers are stored in statements: never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Rounding {
    /// To nearest; a half goes away from zero.
    HalfUp = 1,
    /// To nearest; a half goes to the even neighbour.
    HalfEven = 2,
    /// To nearest; a half goes toward zero.
    HalfDown = 3,
    /// Toward zero.
    Down = 4,
    /// Away from zero.
    Up = 5,
    /// Toward minus infinity.
    Floor = 6,
    /// Toward plus infinity.
    Ceiling = 7,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { coefficient: 0, scale: 0 };
    /// One.
    pub const ONE: Self = Self { coefficient: 1, scale: 0 };

    /// `coefficient / 10^scale`.
    ///
    /// # Errors
    /// [`DecimalError::Overflow`] when `scale` is above 38.
    pub fn new(coefficient: i128, scale: u8) -> Result<Self, DecimalError> {
        if scale > DECIMAL_SCALE_MAX {
            return Err(DecimalError::Overflow);
        }
        Ok(Self { coefficient, scale })
    }

    /// `minor` units of an asset with `scale` decimals (at most 18).
    pub fn from_minor(minor: i128, scale: u8) -> Self {
        Self { coefficient: minor, scale: scale.min(DECIMAL_SCALE_MAX) }
    }

    /// The digits without the point.
    pub fn coefficient(self) -> i128 {
        self.coefficient
    }

    /// The number of decimals as given.
    pub fn scale(self) -> u8 {
        self.scale
    }

    /// The same value without trailing zeros; zero is `0/0`.
    #[must_use]
    pub fn canonical(self) -> Self {
        let Self { mut coefficient, mut scale } = self;
        // Nearly all fit 64 bits, where division is many times faster.
        if let Ok(mut short) = i64::try_from(coefficient) {
            while scale > 0 && short % 10 == 0 {
                short /= 10;
                scale -= 1;
            }
            return Self { coefficient: short.into(), scale };
        }
        while scale > 0 && coefficient % 10 == 0 {
            coefficient /= 10;
            scale -= 1;
        }
        Self { coefficient, scale }
    }

    /// Whether the value is zero.
    pub fn is_zero(self) -> bool {
        self.coefficient == 0
    }

    /// Whether the value is below zero.
    pub fn is_negative(self) -> bool {
        self.coefficient < 0
    }

    /// Minor units at `scale` decimals, exactly.
    ///
    /// # Errors
    /// [`DecimalError::Inexact`] for more decimals than `scale`, [`DecimalError::Overflow`].
    pub fn to_minor(self, scale: u8) -> Result<i128, DecimalError> {
        self.rescale(scale).map(|d| d.coefficient)
    }

    /// The sum.
    ///
    /// # Errors
    /// [`DecimalError::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, DecimalError> {
        let (a, b) = align(self, other)?;
        let coefficient = a.coefficient.checked_add(b.coefficient).ok_or(DecimalError::Overflow)?;
        Ok(Self { coefficient, scale: a.scale })
    }

    /// The difference.
    ///
    /// # Errors
    /// [`DecimalError::Overflow`].
    pub fn checked_sub(self, other: Self) -> Result<Self, DecimalError> {
        self.checked_add(other.checked_neg()?)
    }

    /// The value with the other sign.
    ///
    /// # Errors
    /// [`DecimalError::Overflow`] for the lowest coefficient.
    pub fn checked_neg(self) -> Result<Self, DecimalError> {
        let coefficient = self.coefficient.checked_neg().ok_or(DecimalError::Overflow)?;
        Ok(Self { coefficient, ..self })
    }

    /// The exact product.
    ///
    /// # Errors
    /// [`DecimalError::Overflow`] when it has more than 38 digits even without trailing zeros.
    pub fn checked_mul(self, other: Self) -> Result<Self, DecimalError> {
        if let Some(coefficient) = self.coefficient.checked_mul(other.coefficient)
            && self.scale + other.scale <= DECIMAL_SCALE_MAX
        {
            return Ok(Self { coefficient, scale: self.scale + other.scale });
        }
        let (a, b) = (self.canonical(), other.canonical());
        let mut scale = a.scale + b.scale;
        let mut wide = product(a.coefficient.unsigned_abs(), b.coefficient.unsigned_abs());
        let negative = a.is_negative() != b.is_negative();
        loop {
            if wide.high == 0
                && scale <= DECIMAL_SCALE_MAX
                && let Ok(coefficient) = signed(negative, wide.low)
            {
                return Ok(Self { coefficient, scale });
            }
            match divide_by_ten(wide) {
                Some(shorter) if scale > 0 => (wide, scale) = (shorter, scale - 1),
                _ => return Err(DecimalError::Overflow),
            }
        }
    }

    /// `self / other` rounded to `scale` decimals.
    ///
    /// # Errors
    /// [`DecimalError::DivisionByZero`], [`DecimalError::Overflow`].
    pub fn checked_div(self, other: Self, scale: u8, mode: Rounding) -> Result<Self, DecimalError> {
        if other.is_zero() {
            return Err(DecimalError::DivisionByZero);
        }
        // self / other = (a / 10^sa) / (b / 10^sb); wanted: q / 10^scale.
        let shift = i32::from(scale) + i32::from(other.scale) - i32::from(self.scale);
        let (dividend, divisor) =
            (self.coefficient.unsigned_abs(), other.coefficient.unsigned_abs());
        let (quotient, rest, divisor) = long_division(dividend, divisor, shift)?;
        let negative = self.is_negative() != other.is_negative();
        let up = rounds_away(mode, negative, quotient, rest, divisor);
        let quotient = quotient.checked_add(u128::from(up)).ok_or(DecimalError::Overflow)?;
        Self::new(signed(negative, quotient)?, scale)
    }

    /// `self / other` rounded to `digits` significant digits, without trailing zeros. Whole digits
    /// are never dropped, however many, and no more than 38 decimals are kept.
    ///
    /// # Errors
    /// [`DecimalError::DivisionByZero`], [`DecimalError::Overflow`].
    pub fn checked_div_significant(
        self,
        other: Self,
        digits: u8,
        mode: Rounding,
    ) -> Result<Self, DecimalError> {
        // The quotient has as many whole digits as the lengths differ by, or one more.
        let most = self.whole_digits() - other.whole_digits() + 1;
        let scale_at = |whole: i32| {
            let scale = (i32::from(digits) - whole).clamp(0, i32::from(DECIMAL_SCALE_MAX));
            u8::try_from(scale).unwrap_or_default()
        };
        let fewer = self.checked_div(other, scale_at(most), mode)?;
        let more = self.checked_div(other, scale_at(most - 1), mode);
        // One decimal more is right where it still keeps to the digits asked for.
        let fits = |found: &Self| {
            let ten = 10u128.checked_pow(u32::from(digits));
            ten.is_none_or(|limit| found.coefficient.unsigned_abs() <= limit)
        };
        Ok(more.ok().filter(fits).unwrap_or(fewer).canonical())
    }

    /// The power of ten above the highest digit: 2 for 12.5, 0 for 0.5, -1 for 0.05.
    fn whole_digits(self) -> i32 {
        let length = self.coefficient.unsigned_abs().checked_ilog10().map_or(0, |log| log + 1);
        i32::try_from(length).unwrap_or_default() - i32::from(self.scale)
    }

    /// The value with at most `scale` decimals, rounded by `mode`.
    ///
    /// # Errors
    /// [`DecimalError::Overflow`].
    pub fn round(self, scale: u8, mode: Rounding) -> Result<Self, DecimalError> {
        if self.scale <= scale {
            return self.rescale(scale);
        }
        self.checked_div(Self::ONE, scale, mode)
    }

    /// The same value written with `scale` decimals, when that needs no rounding.
    ///
    /// # Errors
    /// [`DecimalError::Inexact`], [`DecimalError::Overflow`].
    pub fn rescale(self, scale: u8) -> Result<Self, DecimalError> {
        if scale > DECIMAL_SCALE_MAX {
            return Err(DecimalError::Overflow);
        }
        if scale >= self.scale {
            let factor = power_of_ten(i32::from(scale - self.scale))?;
            let factor = i128::try_from(factor).map_err(|_| DecimalError::Overflow)?;
            let coefficient = self.coefficient.checked_mul(factor).ok_or(DecimalError::Overflow)?;
            return Ok(Self { coefficient, scale });
        }
        let short = self.canonical();
        if short.scale > scale { Err(DecimalError::Inexact) } else { short.rescale(scale) }
    }
}

fn signed(negative: bool, magnitude: u128) -> Result<i128, DecimalError> {
    let value = i128::try_from(magnitude).map_err(|_| DecimalError::Overflow)?;
    Ok(if negative { -value } else { value })
}

fn power_of_ten(exponent: i32) -> Result<u128, DecimalError> {
    let exponent = u32::try_from(exponent).map_err(|_| DecimalError::Overflow)?;
    10u128.checked_pow(exponent).ok_or(DecimalError::Overflow)
}

/// `a × 10^shift / b`: the whole quotient, the remainder, and what the remainder is a part of.
fn long_division(a: u128, b: u128, shift: i32) -> Result<(u128, u128, u128), DecimalError> {
    if shift < 0 {
        let d = product(b, power_of_ten(-shift)?);
        // Above 128 bits a divisor is more than twice the dividend: less than half remains.
        let tiny = (0, u128::from(a != 0), u128::MAX);
        return Ok(if d.high == 0 { (a / d.low, a % d.low, d.low) } else { tiny });
    }
    let at_once = shift.min(i32::from(DECIMAL_SCALE_MAX));
    let n = product(a, power_of_ten(at_once)?);
    let (mut quotient, mut rest) = divide(n, b).ok_or(DecimalError::Overflow)?;
    for _ in at_once..shift {
        let (digit, left) = divide(product(rest, 10), b).ok_or(DecimalError::Overflow)?;
        quotient = quotient
            .checked_mul(10)
            .and_then(|q| q.checked_add(digit))
            .ok_or(DecimalError::Overflow)?;
        rest = left;
    }
    Ok((quotient, rest, b))
}

fn divide_by_ten(wide: crate::wide::Wide) -> Option<crate::wide::Wide> {
    let high = wide.high / 10;
    let (low, rest) = divide(crate::wide::Wide { high: wide.high % 10, low: wide.low }, 10)?;
    (rest == 0).then_some(crate::wide::Wide { high, low })
}

fn rounds_away(mode: Rounding, negative: bool, quotient: u128, rest: u128, divisor: u128) -> bool {
    if rest == 0 {
        return false;
    }
    let half = rest.cmp(&(divisor - rest));
    match mode {
        Rounding::Down => false,
        Rounding::Up => true,
        Rounding::Floor => negative,
        Rounding::Ceiling => !negative,
        Rounding::HalfUp => half != Ordering::Less,
        Rounding::HalfDown => half == Ordering::Greater,
        Rounding::HalfEven => {
            half == Ordering::Greater || (half == Ordering::Equal && quotient % 2 == 1)
        }
    }
}

fn align(a: Decimal, b: Decimal) -> Result<(Decimal, Decimal), DecimalError> {
    let scale = a.scale.max(b.scale);
    if let (Ok(a), Ok(b)) = (a.rescale(scale), b.rescale(scale)) {
        return Ok((a, b));
    }
    let (a, b) = (a.canonical(), b.canonical());
    let scale = a.scale.max(b.scale);
    Ok((a.rescale(scale)?, b.rescale(scale)?))
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.canonical(), other.canonical());
        a.coefficient == b.coefficient && a.scale == b.scale
    }
}

impl Eq for Decimal {}

impl std::hash::Hash for Decimal {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        let short = self.canonical();
        (short.coefficient, short.scale).hash(state);
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = self.coefficient.signum().cmp(&other.coefficient.signum());
        if sign != Ordering::Equal {
            return sign;
        }
        // |a| / 10^sa against |b| / 10^sb: multiply crosswise, both products fit 256 bits.
        let scale = self.scale.max(other.scale);
        let up = |d: &Self| {
            let factor = 10u128.pow(u32::from(scale - d.scale));
            let wide = product(d.coefficient.unsigned_abs(), factor);
            (wide.high, wide.low)
        };
        let magnitude = up(self).cmp(&up(other));
        if self.coefficient < 0 { magnitude.reverse() } else { magnitude }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.coefficient.unsigned_abs().to_string();
        let scale = usize::from(self.scale);
        let text = if scale == 0 {
            digits
        } else {
            let padded = format!("{digits:0>width$}", width = scale + 1);
            let (whole, part) = padded.split_at(padded.len() - scale);
            format!("{whole}.{part}")
        };
        f.pad_integral(self.coefficient >= 0, "", &text)
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    /// Reads `-?[0-9]+(\.[0-9]+)?` within 128 bits and 38 decimals; nothing else.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        Self::parse(text.as_bytes())
    }
}

impl Decimal {
    /// [`FromStr`] for bytes.
    ///
    /// # Errors
    /// [`DecimalError::Syntax`], [`DecimalError::Overflow`].
    pub fn parse(bytes: &[u8]) -> Result<Self, DecimalError> {
        let (negative, digits) = match bytes {
            [b'-', rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let (coefficient, scale) =
            if digits.len() <= 18 { parse_short(digits)? } else { parse_long(digits)? };
        Self::new(if negative { -coefficient } else { coefficient }, scale)
    }
}

/// At most 18 characters: the coefficient fits 64 bits, which is several times faster.
#[allow(clippy::cast_possible_truncation)] // at most 18 characters follow a point
fn parse_short(text: &[u8]) -> Result<(i128, u8), DecimalError> {
    let (mut value, mut point) = (0i64, None);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => value = value * 10 + i64::from(byte - b'0'),
            b'.' if point.is_none() && at > 0 => point = Some(at),
            _ => return Err(DecimalError::Syntax),
        }
    }
    match point {
        Some(at) if at + 1 == text.len() => Err(DecimalError::Syntax),
        Some(at) => Ok((i128::from(value), (text.len() - at - 1) as u8)),
        None if text.is_empty() => Err(DecimalError::Syntax),
        None => Ok((i128::from(value), 0)),
    }
}

fn parse_long(text: &[u8]) -> Result<(i128, u8), DecimalError> {
    let (mut value, mut point) = (0i128, None);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                value = value
                    .checked_mul(10)
                    .and_then(|v| v.checked_add(i128::from(byte - b'0')))
                    .ok_or(DecimalError::Overflow)?;
            }
            b'.' if point.is_none() && at > 0 => point = Some(at),
            _ => return Err(DecimalError::Syntax),
        }
    }
    match point {
        Some(at) if at + 1 == text.len() => Err(DecimalError::Syntax),
        Some(at) => {
            Ok((value, u8::try_from(text.len() - at - 1).map_err(|_| DecimalError::Overflow)?))
        }
        None => Ok((value, 0)),
    }
}
