//! Numbers and times as text, one case a line.

use super::{push_amount, push_hex, push_number, push_time};

fn check(expected: &str, push: impl FnOnce(&mut Vec<u8>)) {
    let mut out = Vec::new();
    push(&mut out);
    assert_eq!(String::from_utf8_lossy(&out), expected);
}

#[test]
fn numbers_and_amounts() {
    check("0", |out| push_number(out, 0));
    check("18446744073709551615", |out| push_number(out, u64::MAX));
    check("0000f0ff", |out| push_hex(out, (7 << 32) + 0xf0ff));
    check("0.00", |out| push_amount(out, 0, 2));
    check("0.05", |out| push_amount(out, 5, 2));
    check("25.00", |out| push_amount(out, 2_500, 2));
    check("2500", |out| push_amount(out, 2_500, 0));
}

#[test]
fn times() {
    check("1970-01-01T00:00:00.000Z", |out| push_time(out, 0));
    check("2000-02-29T23:59:59.999Z", |out| push_time(out, 951_868_799_999_000_000));
    check("2026-03-01T00:00:00.000Z", |out| push_time(out, 1_772_323_200_000_000_000));
    check("2100-03-01T00:00:00.000Z", |out| push_time(out, 4_107_542_400_000_000_000));
    check("2024-12-31T12:34:56.789Z", |out| push_time(out, 1_735_648_496_789_000_000));
}
