//! Gaming: bets, wins on bets, bonuses, rollbacks of bets.

use super::field::{Crowd, Dim, Draw, EUR, KRW, Kind, Meta, Role, Shape, Values};

const GAMES: &[&str] =
    &["roulette", "baccarat", "blackjack", "dragon-slots", "fruit-slots", "crash", "keno", "dice"];

/// The bets' wins are 0.1 to 2.5 times the stake for 8 of 11 bets: about 95 % come back.
pub(super) const SHAPE: Shape = Shape {
    name: "gaming",
    id_prefix: "t-",
    kinds: &[
        Kind { name: "bet", role: Role::Opens, share_permille: 550, of_original_permille: (0, 0) },
        Kind {
            name: "win",
            role: Role::Follows,
            share_permille: 400,
            of_original_permille: (100, 2_500),
        },
        Kind {
            name: "bonus",
            role: Role::Stands,
            share_permille: 50,
            of_original_permille: (0, 0),
        },
        Kind {
            name: "rollback",
            role: Role::Cancels,
            share_permille: 0,
            of_original_permille: (1_000, 1_000),
        },
    ],
    counter: 3,
    dims: &[
        Dim { name: "game", draw: Draw::Crowd(Crowd::Games), values: Values::Worded(GAMES) },
        Dim {
            name: "provider",
            draw: Draw::Crowd(Crowd::Providers),
            values: Values::Numbered("studio-"),
        },
        Dim {
            name: "partner",
            draw: Draw::Crowd(Crowd::Agents),
            values: Values::Numbered("shop-"),
        },
    ],
    source_by: 1,
    person: "player",
    person_prefix: "p-",
    // A shop plays in one asset: every third one in Korean won.
    asset: |dims| if dims[2] % 3 == 2 { KRW } else { EUR },
    meta: &[Meta::Session("session")],
};
