//! App store: purchases, subscription renewals, refunds of purchases.

use super::field::{Crowd, Dim, Draw, EUR, KRW, Kind, Meta, Role, Shape, Values};

const APPS: &[&str] = &["puzzle", "fitness", "notes", "racing", "camera", "language"];
const STOREFRONTS: &[&str] = &["DE", "FR", "KR", "ES", "IT"];
const KOREA: u64 = 2;

pub(super) const SHAPE: Shape = Shape {
    name: "app-store",
    id_prefix: "a-",
    kinds: &[
        Kind {
            name: "purchase",
            role: Role::Opens,
            share_permille: 600,
            of_original_permille: (0, 0),
        },
        Kind {
            name: "subscription_renewal",
            role: Role::Stands,
            share_permille: 350,
            of_original_permille: (0, 0),
        },
        Kind {
            name: "refund",
            role: Role::Follows,
            share_permille: 50,
            of_original_permille: (1_000, 1_000),
        },
    ],
    counter: 2,
    dims: &[
        Dim { name: "app", draw: Draw::Crowd(Crowd::Games), values: Values::Worded(APPS) },
        Dim {
            name: "developer",
            draw: Draw::SettledBy(0, Crowd::Providers),
            values: Values::Numbered("dev-"),
        },
        Dim { name: "storefront", draw: Draw::Listed, values: Values::Listed(STOREFRONTS) },
    ],
    source_by: 1,
    person: "customer",
    person_prefix: "c-",
    asset: |dims| if dims[2] == KOREA { KRW } else { EUR },
    meta: &[Meta::Habit("platform", &["phone", "tablet", "desktop"]), Meta::Session("session")],
};
