//! An i128 as PostgreSQL's `numeric`: digits of base 10,000, in its binary form.

use bytes::BytesMut;
use std::error::Error;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

const BASE: u128 = 10_000;
const NEGATIVE: u16 = 0x4000;

/// An amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numeric(pub(super) i128);

impl ToSql for Numeric {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let mut rest = self.0.unsigned_abs();
        let mut digits = Vec::new();
        while rest > 0 {
            digits.push(u16::try_from(rest % BASE)?);
            rest /= BASE;
        }
        let count = u16::try_from(digits.len())?;
        let weight = count.saturating_sub(1);
        let sign = if self.0 < 0 { NEGATIVE } else { 0 };
        for word in [count, weight, sign, 0].into_iter().chain(digits.into_iter().rev()) {
            out.extend_from_slice(&word.to_be_bytes());
        }
        Ok(IsNull::No)
    }

    accepts!(NUMERIC);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Numeric {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let mut words = raw.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]]));
        let mut word = || words.next().ok_or("a numeric that is too short");
        let (count, weight, sign, scale) = (word()?, word()?, word()?, word()?);
        if scale != 0 || ![0, NEGATIVE].contains(&sign) {
            return Err("a numeric that is no whole number".into());
        }
        let mut value: i128 = 0;
        // Trailing zeros are not stored: digits go on to the weight.
        for at in 0..=i32::from(weight.cast_signed()) {
            let digit = if at < i32::from(count) { word()? } else { 0 };
            let signed = if sign == 0 { i128::from(digit) } else { -i128::from(digit) };
            let next = value.checked_mul(10_000).and_then(|it| it.checked_add(signed));
            value = next.ok_or("a numeric beyond 128 bits")?;
        }
        Ok(Self(value))
    }

    accepts!(NUMERIC);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_come_back() {
        for value in [0, 1, -1, 9_999, 10_000, -10_001, 100_000_000, i128::MAX, i128::MIN] {
            let mut bytes = BytesMut::new();
            Numeric(value).to_sql(&Type::NUMERIC, &mut bytes).expect("it is written");
            let back = Numeric::from_sql(&Type::NUMERIC, &bytes).expect("it is read");
            assert_eq!(back.0, value);
        }
    }

    #[test]
    fn what_postgresql_sends() {
        // 1,0000,0000: trailing zeros are left out; 12.5 is no whole number.
        let check = |words: &[u16], expected: Option<i128>| {
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
            let read = Numeric::from_sql(&Type::NUMERIC, &bytes).ok().map(|it| it.0);
            assert_eq!(read, expected, "{words:?}");
        };
        check(&[1, 2, 0, 0, 1], Some(100_000_000));
        check(&[0, 0, 0, 0], Some(0));
        check(&[2, 0, 0, 1, 12, 5000], None);
        check(&[0, 0, 0xC000, 0], None);
        check(&[2, 1, 0, 0, 1], None);
        check(&[1, 40, 0, 0, 1], None);
    }
}
