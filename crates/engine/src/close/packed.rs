//! The sums of a close as bytes: what a path shares with the one before it is not written again,
//! which leaves a third of them where single players are rated.
//!
//! u32 number of assets, each a text; u32 number of sums, each as numbers of seven bits a byte:
//! bytes shared with the path before, bytes that follow, these bytes, place of the asset, debit
//! and credit (signs in the lowest bit), count.

use crate::wire::{BadBytes, Reader, Writer};
use ledger::Total;
use settle::AccountSum;

/// Appends sums; the more paths begin alike, the shorter.
pub(super) fn put(writer: &mut Writer, sums: &[AccountSum]) {
    let mut assets: Vec<&str> = sums.iter().map(|sum| sum.asset.as_str()).collect();
    assets.sort_unstable();
    assets.dedup();
    writer.u32(count(assets.len()));
    assets.iter().for_each(|asset| {
        writer.text(asset);
    });
    writer.u32(count(sums.len()));
    let mut last: &[u8] = &[];
    for sum in sums {
        let path = sum.path.as_bytes();
        let shared = last.iter().zip(path).take_while(|(a, b)| a == b).count();
        put_number(writer, shared as u128);
        put_number(writer, (path.len() - shared) as u128);
        writer.fixed(&path[shared..]);
        let asset = assets.binary_search(&sum.asset.as_str()).unwrap_or_default();
        put_number(writer, asset as u128);
        put_number(writer, zigzag(sum.total.debit));
        put_number(writer, zigzag(sum.total.credit));
        put_number(writer, sum.total.count.into());
        last = path;
    }
}

/// Reads what [`put`] wrote; passes over it where they are not wanted.
pub(super) fn take(reader: &mut Reader<'_>, wanted: bool) -> Result<Vec<AccountSum>, BadBytes> {
    let mut assets = Vec::new();
    for _ in 0..reader.u32()? {
        assets.push(reader.text()?);
    }
    let mut sums = Vec::new();
    let mut path = Vec::new();
    for _ in 0..reader.u32()? {
        let shared = length(reader)?;
        let rest = length(reader)?;
        let rest = reader.take(rest)?;
        let asset = length(reader)?;
        let (debit, credit) = (unzigzag(number(reader)?), unzigzag(number(reader)?));
        let count = u64::try_from(number(reader)?).map_err(|_| BadBytes)?;
        if !wanted {
            continue;
        }
        if shared > path.len() {
            return Err(BadBytes);
        }
        path.truncate(shared);
        path.extend_from_slice(rest);
        let path = std::str::from_utf8(&path).map_err(|_| BadBytes)?.to_owned();
        let asset = (*assets.get(asset).ok_or(BadBytes)?).to_owned();
        sums.push(AccountSum { path, asset, total: Total { debit, credit, count } });
    }
    Ok(sums)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[allow(clippy::cast_possible_truncation)] // masked to seven bits
fn put_number(writer: &mut Writer, mut number: u128) {
    while number >= 0x80 {
        writer.u8((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    writer.u8((number & 0x7f) as u8);
}

fn number(reader: &mut Reader<'_>) -> Result<u128, BadBytes> {
    let mut number = 0u128;
    for shift in (0..u128::BITS).step_by(7) {
        let byte = reader.u8()?;
        let bits = u128::from(byte & 0x7f);
        if (bits << shift) >> shift != bits {
            return Err(BadBytes);
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(BadBytes)
}

fn length(reader: &mut Reader<'_>) -> Result<usize, BadBytes> {
    usize::try_from(number(reader)?).map_err(|_| BadBytes)
}

#[allow(clippy::cast_sign_loss)] // the sign moves to the lowest bit
fn zigzag(number: i128) -> u128 {
    ((number << 1) ^ (number >> 127)) as u128
}

#[allow(clippy::cast_possible_wrap)] // undoes `zigzag`
fn unzigzag(number: u128) -> i128 {
    (number >> 1) as i128 ^ -((number & 1) as i128)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_sum() -> impl Strategy<Value = AccountSum> {
        let total = (any::<i128>(), any::<i128>(), any::<u64>());
        ("[a-c]{0,4}(:é)?", "[A-B]{1,2}", total).prop_map(|(path, asset, total)| AccountSum {
            path,
            asset,
            total: Total { debit: total.0, credit: total.1, count: total.2 },
        })
    }

    proptest! {
        #[test]
        fn sums_come_back_and_no_cut_is_taken_for_them(
            mut sums in prop::collection::vec(any_sum(), 0..6),
            sorted: bool,
        ) {
            if sorted {
                sums.sort_by(|a, b| (&a.path, &a.asset).cmp(&(&b.path, &b.asset)));
            }
            let mut writer = Writer::default();
            put(&mut writer, &sums);
            let bytes = writer.bytes;
            for wanted in [true, false] {
                let mut reader = Reader::new(&bytes);
                let found = take(&mut reader, wanted).unwrap();
                prop_assert_eq!(reader.end(), Ok(()));
                prop_assert_eq!(found, if wanted { sums.clone() } else { Vec::new() });
                for length in 0..bytes.len() {
                    let cut = take(&mut Reader::new(&bytes[..length]), wanted);
                    prop_assert_eq!(cut, Err(BadBytes));
                }
            }
        }
    }
}
