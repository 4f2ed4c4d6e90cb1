//! Numbers, amounts and times as text, appended to a buffer without allocating.

/// Appends `value` in decimal, with zeros in front up to `width` digits.
pub(super) fn push_padded(out: &mut Vec<u8>, value: u64, width: usize) {
    const DIGITS_MAX: usize = 20;
    let mut digits = [b'0'; DIGITS_MAX];
    let mut start = DIGITS_MAX;
    let mut rest = value;
    while rest > 0 || DIGITS_MAX - start < width.min(DIGITS_MAX) {
        start -= 1;
        digits[start] = b"0123456789"[(rest % 10) as usize];
        rest /= 10;
    }
    out.extend_from_slice(&digits[start..]);
}

/// Appends `value` in decimal.
pub(super) fn push_number(out: &mut Vec<u8>, value: u64) {
    push_padded(out, value, 1);
}

/// Appends the lower 32 bits as eight hexadecimal digits.
pub(super) fn push_hex(out: &mut Vec<u8>, value: u64) {
    let nibbles = (0..8).rev().map(|at| (value >> (4 * at)) % 16);
    out.extend(nibbles.map(|nibble| b"0123456789abcdef"[(nibble % 16) as usize]));
}

/// Appends an amount of minor units with `scale` digits after the point.
pub(super) fn push_amount(out: &mut Vec<u8>, minor: u64, scale: u32) {
    let unit = 10_u64.pow(scale);
    push_number(out, minor / unit);
    if scale > 0 {
        out.push(b'.');
        push_padded(out, minor % unit, scale as usize);
    }
}

/// Appends a time from 1970 on, in UTC with milliseconds: `2026-03-01T00:00:05.000Z`.
pub(super) fn push_time(out: &mut Vec<u8>, time_ns: i64) {
    let millis = u64::try_from(time_ns).unwrap_or(0) / 1_000_000;
    let (days, in_day) = (millis / 86_400_000, millis % 86_400_000);
    let (year, month, day) = civil(days);
    let parts = [
        (year, 4, b'-'),
        (month, 2, b'-'),
        (day, 2, b'T'),
        (in_day / 3_600_000, 2, b':'),
        (in_day / 60_000 % 60, 2, b':'),
        (in_day / 1_000 % 60, 2, b'.'),
        (in_day % 1_000, 3, b'Z'),
    ];
    for (value, width, then) in parts {
        push_padded(out, value, width);
        out.push(then);
    }
}

/// The Gregorian date so many days after 1970-01-01.
fn civil(days: u64) -> (u64, u64, u64) {
    // Years are counted from March, so that the leap day is the last one; eras have 400 years.
    const DAYS_FROM_YEAR_0: u64 = 719_468;
    const ERA: u64 = 146_097;
    let shifted = days + DAYS_FROM_YEAR_0;
    let of_era = shifted % ERA;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = shifted / ERA * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
