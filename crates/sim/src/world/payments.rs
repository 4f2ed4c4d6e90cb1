//! Payments: captures, their fees, refunds and chargebacks of captures, payouts to merchants.

use super::field::{Crowd, Dim, Draw, EUR, KRW, Kind, Meta, Role, Shape, Values};

const METHODS: &[&str] = &["card", "transfer", "wallet", "direct-debit"];

pub(super) const SHAPE: Shape = Shape {
    name: "payments",
    id_prefix: "c-",
    kinds: &[
        Kind {
            name: "capture",
            role: Role::Opens,
            share_permille: 500,
            of_original_permille: (0, 0),
        },
        Kind {
            name: "fee",
            role: Role::Beside,
            share_permille: 420,
            of_original_permille: (5, 30),
        },
        Kind {
            name: "refund",
            role: Role::Follows,
            share_permille: 50,
            of_original_permille: (100, 1_000),
        },
        Kind {
            name: "chargeback",
            role: Role::Follows,
            share_permille: 10,
            of_original_permille: (1_000, 1_000),
        },
        Kind {
            name: "payout",
            role: Role::Stands,
            share_permille: 20,
            of_original_permille: (0, 0),
        },
    ],
    counter: 2,
    dims: &[
        Dim {
            name: "merchant",
            draw: Draw::Crowd(Crowd::Sellers),
            values: Values::Numbered("merchant-"),
        },
        Dim { name: "method", draw: Draw::Listed, values: Values::Listed(METHODS) },
    ],
    source_by: 0,
    person: "payer",
    person_prefix: "y-",
    // A merchant is paid in one asset: every fourth one in Korean won.
    asset: |dims| if dims[0] % 4 == 3 { KRW } else { EUR },
    meta: &[Meta::Habit("terminal", &["online", "counter", "kiosk"]), Meta::Session("session")],
};
