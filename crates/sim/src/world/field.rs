//! What a field of business is made of: kinds, dimensions, assets, as one table per field.

use std::fmt;
use std::str::FromStr;

use super::options::{OptionsError, WorldOptions};
use super::{app_store, gaming, marketplace, payments};

/// Most dimensions (besides the person) that an event of any field has.
pub(super) const DIMS: usize = 3;

/// A field of business that a world can play in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Bets, wins, bonuses and rollbacks between operator and game providers.
    Gaming,
    /// Sales, payments, shipping fees and refunds of sellers.
    Marketplace,
    /// Purchases, renewals and refunds of apps.
    AppStore,
    /// Captures, fees, refunds, chargebacks and payouts of merchants.
    Payments,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 4] = [Self::Gaming, Self::Marketplace, Self::AppStore, Self::Payments];

    /// The field's name, as in template names.
    pub const fn name(self) -> &'static str {
        self.shape().name
    }

    /// The kinds that the field's events have.
    pub fn kinds(self) -> impl Iterator<Item = &'static str> {
        self.shape().kinds.iter().map(|kind| kind.name)
    }

    /// The kind whose every event takes back the one that it refers to, if the field has one.
    pub fn cancel_kind(self) -> Option<&'static str> {
        let mut kinds = self.shape().kinds.iter();
        kinds.find(|kind| kind.role == Role::Cancels).map(|kind| kind.name)
    }

    /// Its dimensions that are not personal.
    pub fn dims(self) -> impl Iterator<Item = &'static str> {
        self.shape().dims.iter().map(|dim| dim.name)
    }

    /// Its personal dimension.
    pub const fn person(self) -> &'static str {
        self.shape().person
    }

    /// The assets that its amounts are in, each with its scale.
    pub fn assets(self) -> impl Iterator<Item = (&'static str, u32)> {
        ASSETS.iter().map(|asset| (asset.code, asset.scale))
    }

    pub(super) const fn shape(self) -> &'static Shape {
        match self {
            Self::Gaming => &gaming::SHAPE,
            Self::Marketplace => &marketplace::SHAPE,
            Self::AppStore => &app_store::SHAPE,
            Self::Payments => &payments::SHAPE,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Field {
    type Err = OptionsError;

    fn from_str(name: &str) -> Result<Self, OptionsError> {
        let mut all = Self::ALL.into_iter();
        all.find(|field| field.name() == name).ok_or(OptionsError::UnknownField)
    }
}

/// One field's tables.
pub(super) struct Shape {
    pub name: &'static str,
    /// Before the number of every id.
    pub id_prefix: &'static str,
    /// The first one opens: others refer to it.
    pub kinds: &'static [Kind],
    /// Index of the kind that answers an opening event unasked: its cancel or its refund.
    pub counter: usize,
    pub dims: &'static [Dim],
    /// Index of the dimension that decides which feed reports an event.
    pub source_by: usize,
    /// Name of the personal dimension, and what its values begin with.
    pub person: &'static str,
    pub person_prefix: &'static str,
    /// Index into `ASSETS`, from the dimensions.
    pub asset: fn(&[u64; DIMS]) -> u8,
    pub meta: &'static [Meta],
}

impl Shape {
    /// How many values the dimension at `at` has; 1 where every event has its own.
    pub fn size(&self, at: usize, options: &WorldOptions) -> u64 {
        match self.dims.get(at).map(|dim| (&dim.draw, &dim.values)) {
            Some((Draw::Crowd(crowd) | Draw::SettledBy(_, crowd), _)) => {
                u64::from(crowd.size(options))
            }
            Some((Draw::Listed, Values::Listed(values))) => values.len() as u64,
            _ => 1,
        }
    }

    /// The kinds that refer to an opening event, as bits by their index. An opening event gets at
    /// most one of them.
    pub fn referring(&self) -> u32 {
        let is_one = |role| matches!(role, Role::Follows | Role::Cancels);
        let kinds = self.kinds.iter().enumerate();
        kinds.filter(|(_, kind)| is_one(kind.role)).fold(0, |bits, (at, _)| bits | (1 << at))
    }
}

/// One kind of event.
pub(super) struct Kind {
    pub name: &'static str,
    pub role: Role,
    /// How many of 1,000 ordinary events are of this kind.
    pub share_permille: u64,
    /// Its amount in thousandths of its original's, from and to; unused without an original.
    pub of_original_permille: (u64, u64),
}

/// How a kind stands to the opening kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Others refer to it.
    Opens,
    /// Refers to an opening event and needs it.
    Follows,
    /// Belongs to an opening event's dimensions, without referring to it.
    Beside,
    /// Has to do with no other event.
    Stands,
    /// Takes an opening event back.
    Cancels,
}

/// One dimension that is not personal.
pub(super) struct Dim {
    pub name: &'static str,
    pub draw: Draw,
    pub values: Values,
}

/// Where an opening event gets the number behind a dimension's value from.
#[derive(Clone, Copy)]
pub(super) enum Draw {
    /// One of a crowd, the first ones more often.
    Crowd(Crowd),
    /// Settled by the number in another dimension: an app has one developer.
    SettledBy(usize, Crowd),
    /// Another one for every event.
    PerEvent,
    /// One of the listed values.
    Listed,
}

/// How a number is spelled.
pub(super) enum Values {
    /// A prefix and the number.
    Numbered(&'static str),
    /// One of the words by turns, and the number.
    Worded(&'static [&'static str]),
    /// Exactly these.
    Listed(&'static [&'static str]),
}

/// The crowds whose sizes the options give.
#[derive(Clone, Copy)]
pub(super) enum Crowd {
    Providers,
    Games,
    Agents,
    Sellers,
}

impl Crowd {
    pub fn size(self, options: &WorldOptions) -> u32 {
        match self {
            Self::Providers => options.providers,
            Self::Games => options.games,
            Self::Agents => options.agents,
            Self::Sellers => options.sellers,
        }
    }
}

/// One entry of an event's `meta`.
pub(super) enum Meta {
    /// Eight hexadecimal digits that a person keeps for an hour.
    Session(&'static str),
    /// One of these, which a person keeps.
    Habit(&'static str, &'static [&'static str]),
}

/// An asset, and the amounts in it that opening events have, in minor units.
pub(super) struct Asset {
    pub code: &'static str,
    pub scale: u32,
    pub low: u64,
    pub high: u64,
    /// Amounts are multiples of this.
    pub step: u64,
}

pub(super) const EUR: u8 = 0;
pub(super) const KRW: u8 = 1;

pub(super) const ASSETS: &[Asset] = &[
    Asset { code: "EUR", scale: 2, low: 10, high: 40_000, step: 5 },
    Asset { code: "KRW", scale: 0, low: 100, high: 500_000, step: 100 },
];
