//! RFC 3339 timestamps to nanoseconds UTC, in one pass over fixed positions.
//!
//! An offset is demanded, a leap second (`:60`) refused, more than nine decimals refused: all
//! three would have to be guessed or rounded.

const NANOS: i64 = 1_000_000_000;

/// Nanoseconds UTC since 1970 of `YYYY-MM-DDTHH:MM:SS[.fraction](Z|+HH:MM|-HH:MM)`.
///
/// `None` for any other text, for days that do not exist, and for instants that do not fit 64
/// bits of nanoseconds (years 1677 to 2262 do).
pub fn rfc3339(text: &[u8]) -> Option<i64> {
    let (head, tail) = text.split_first_chunk::<19>()?;
    let marks = (head[4], head[7], head[10] | 0x20, head[13], head[16]);
    if marks != (b'-', b'-', b't', b':', b':') {
        return None;
    }
    let year = two(head, 0)? * 100 + two(head, 2)?;
    let (month, day) = (two(head, 5)?, two(head, 8)?);
    let (hour, minute, second) = (two(head, 11)?, two(head, 14)?, two(head, 17)?);
    if hour > 23 || minute > 59 || second > 59 || !(1..=12).contains(&month) {
        return None;
    }
    if day < 1 || day > days_in_month(year, month) {
        return None;
    }
    let (nanos, zone) = fraction(tail)?;
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    // Before 1970 the whole seconds may lie just outside the range while the instant is inside.
    let nanos = i128::from(seconds - offset_seconds(zone)?) * i128::from(NANOS) + i128::from(nanos);
    i64::try_from(nanos).ok()
}

fn two(bytes: &[u8], at: usize) -> Option<i64> {
    let (tens, ones) = (bytes[at].wrapping_sub(b'0'), bytes[at + 1].wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| i64::from(tens) * 10 + i64::from(ones))
}

/// The nanoseconds of `.123`, when there is one, and what follows.
fn fraction(tail: &[u8]) -> Option<(i64, &[u8])> {
    let Some(digits) = tail.strip_prefix(b".") else { return Some((0, tail)) };
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 || count > 9 {
        return None;
    }
    let value = digits[..count].iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let missing = u32::try_from(9 - count).ok()?;
    Some((value * 10i64.pow(missing), &digits[count..]))
}

fn offset_seconds(zone: &[u8]) -> Option<i64> {
    match zone {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), rest @ ..] if rest.len() == 5 && rest[2] == b':' => {
            let (hours, minutes) = (two(rest, 0)?, two(rest, 3)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = hours * 3_600 + minutes * 60;
            Some(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar; years begin in March, so that a leap day is
/// the last of its year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let months_from_march = (month + 9) % 12;
    let day_of_year = (153 * months_from_march + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
#[path = "time_tests.rs"]
mod tests;
