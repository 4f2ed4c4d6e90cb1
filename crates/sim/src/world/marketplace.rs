//! Marketplace: sales, their payments and shipping fees, refunds of sales.

use super::field::{Crowd, Dim, Draw, EUR, KRW, Kind, Meta, Role, Shape, Values};

const METHODS: &[&str] = &["card", "transfer", "wallet", "voucher"];

pub(super) const SHAPE: Shape = Shape {
    name: "marketplace",
    id_prefix: "m-",
    kinds: &[
        Kind { name: "sale", role: Role::Opens, share_permille: 400, of_original_permille: (0, 0) },
        Kind {
            name: "payment",
            role: Role::Beside,
            share_permille: 350,
            of_original_permille: (1_000, 1_000),
        },
        Kind {
            name: "shipping_fee",
            role: Role::Beside,
            share_permille: 200,
            of_original_permille: (20, 200),
        },
        Kind {
            name: "refund",
            role: Role::Follows,
            share_permille: 50,
            of_original_permille: (100, 1_000),
        },
    ],
    counter: 3,
    dims: &[
        Dim {
            name: "seller",
            draw: Draw::Crowd(Crowd::Sellers),
            values: Values::Numbered("seller-"),
        },
        Dim { name: "order", draw: Draw::PerEvent, values: Values::Numbered("o-") },
        Dim { name: "method", draw: Draw::Listed, values: Values::Listed(METHODS) },
    ],
    source_by: 0,
    person: "buyer",
    person_prefix: "b-",
    // A seller sells in one asset: every fourth one in Korean won.
    asset: |dims| if dims[0] % 4 == 3 { KRW } else { EUR },
    meta: &[Meta::Habit("channel", &["web", "app", "phone"]), Meta::Session("session")],
};
