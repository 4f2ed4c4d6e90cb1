//! Totals: sums that do not depend on order, and refuse to wrap.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use ledger::Total;
use ledger::totals::TotalOverflow;
use proptest::prelude::*;

fn total(debit: i128, credit: i128, count: u64) -> Total {
    Total { debit, credit, count }
}

#[test]
fn sums_and_overflows() {
    let full = total(i128::MAX, 0, 1);
    for (what, a, b, wanted) in [
        ("sides apart", Total::of_debit(5), Total::of_credit(7), Ok(total(5, 7, 2))),
        ("nothing", Total::default(), Total::of_debit(1), Ok(total(1, 0, 1))),
        ("debit full", full, Total::of_debit(1), Err(TotalOverflow)),
        ("debit just full", full, Total::of_credit(1), Ok(total(i128::MAX, 1, 2))),
        ("credit full", Total::of_credit(i128::MAX), Total::of_credit(1), Err(TotalOverflow)),
        ("count full", total(0, 0, u64::MAX), Total::of_debit(0), Err(TotalOverflow)),
    ] {
        let mut sum = a;
        assert_eq!(sum.add(b).map(|()| sum), wanted, "{what}");
        assert!(wanted.is_ok() || sum == a, "{what}: unchanged when refused");
    }
    assert_eq!(total(3, 10, 2).net(), Ok(7));
    assert_eq!(total(-2, i128::MAX, 2).net(), Err(TotalOverflow));
    assert_eq!(TotalOverflow.to_string(), "a total exceeds 128 bits of minor units");
}

proptest! {
    #[test]
    fn neither_order_nor_grouping_matters(
        parts in prop::collection::vec((0..1i128 << 100, 0..1i128 << 100, 0u64..1 << 40), 1..20),
        at in any::<prop::sample::Index>(),
    ) {
        let add = |parts: &[(i128, i128, u64)]| {
            let mut sum = Total::default();
            for part in parts {
                sum.add(total(part.0, part.1, part.2)).unwrap();
            }
            sum
        };
        let (left, right) = parts.split_at(at.index(parts.len()));
        let mut sum = add(right);
        sum.add(add(left)).unwrap();
        prop_assert_eq!(sum, add(&parts));
        prop_assert_eq!(sum.net().unwrap(), sum.credit - sum.debit);
    }
}
