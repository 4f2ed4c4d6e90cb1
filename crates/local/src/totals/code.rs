//! Rows of totals as bytes: sorted by bucket and account, each told by its difference from the
//! row before, numbers of seven bits a byte.

use engine::port::TotalRow;
use ledger::Total;
use ledger::time::Bucket;

/// The row is in the bucket of the row before it.
const SAME_BUCKET: u8 = 1;
const HAS_DEBIT: u8 = 2;
const HAS_CREDIT: u8 = 4;
const COUNTS_ONE: u8 = 8;
const KNOWN: u8 = SAME_BUCKET | HAS_DEBIT | HAS_CREDIT | COUNTS_ONE;

/// Where rows are put that begin at a bucket.
pub fn start(bucket: Bucket) -> TotalRow {
    TotalRow { bucket, account: 0, total: Total::default() }
}

fn put_number(out: &mut Vec<u8>, mut number: u128) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push((number & 0x7f) as u8);
}

#[allow(clippy::cast_sign_loss)] // the sign moves to the lowest bit
fn zigzag(number: i128) -> u128 {
    ((number << 1) ^ (number >> 127)) as u128
}

#[allow(clippy::cast_possible_wrap)] // undoes `zigzag`
fn unzigzag(number: u128) -> i128 {
    (number >> 1) as i128 ^ -((number & 1) as i128)
}

/// Appends `row`, which is not before `last`.
#[allow(clippy::cast_sign_loss)] // rows are sorted
pub fn put(out: &mut Vec<u8>, last: &TotalRow, row: &TotalRow) {
    let TotalRow { bucket, account, total } = *row;
    let same = bucket == last.bucket;
    let flag = |on: bool, bit: u8| if on { bit } else { 0 };
    out.push(
        flag(same, SAME_BUCKET)
            | flag(total.debit != 0, HAS_DEBIT)
            | flag(total.credit != 0, HAS_CREDIT)
            | flag(total.count == 1, COUNTS_ONE),
    );
    if same {
        put_number(out, u128::from(account - last.account));
    } else {
        put_number(out, (i64::from(bucket.0) - i64::from(last.bucket.0)) as u128);
        put_number(out, u128::from(account));
    }
    for amount in [total.debit, total.credit].into_iter().filter(|&amount| amount != 0) {
        put_number(out, zigzag(amount));
    }
    if total.count != 1 {
        put_number(out, u128::from(total.count));
    }
}

/// Takes a number off the front; nothing when it is not whole.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    let mut shift = 0;
    loop {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}

/// As `number`; nearly all amounts fit 63 bits, so the wide arithmetic is for the others.
fn amount(bytes: &mut &[u8]) -> Option<i128> {
    let short = bytes.iter().take(9).any(|&byte| byte < 0x80);
    if short {
        return number(bytes).map(|number| unzigzag(u128::from(number)));
    }
    let mut wide = 0;
    let mut shift = 0;
    loop {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        wide |= u128::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(unzigzag(wide));
        }
        shift += 7;
    }
}

/// Takes the next row off the front and makes it `row`, which was the one before; nothing when
/// the bytes are no row.
pub fn next(bytes: &mut &[u8], row: &mut TotalRow) -> Option<()> {
    let (&flags, rest) = bytes.split_first()?;
    *bytes = rest;
    if flags & !KNOWN != 0 {
        return None;
    }
    let first = number(bytes)?;
    if flags & SAME_BUCKET != 0 {
        row.account = row.account.checked_add(u32::try_from(first).ok()?)?;
    } else {
        let bucket = i64::from(row.bucket.0).checked_add_unsigned(first)?;
        row.bucket = Bucket(i32::try_from(bucket).ok()?);
        row.account = u32::try_from(number(bytes)?).ok()?;
    }
    let debit = if flags & HAS_DEBIT == 0 { 0 } else { amount(bytes)? };
    let credit = if flags & HAS_CREDIT == 0 { 0 } else { amount(bytes)? };
    let count = if flags & COUNTS_ONE == 0 { number(bytes)? } else { 1 };
    row.total = Total { debit, credit, count };
    Some(())
}
