//! What a world is like: sizes, times, and how much goes wrong.

use std::fmt;

use super::field::Field;
use super::line;

/// 2026-03-01T00:00:00Z in nanoseconds since 1970, where worlds start unless told.
pub const START_NS: i64 = 1_772_323_200_000_000_000;
/// One day, in seconds.
pub const DAY_SECONDS: u64 = 86_400;
/// A month of 31 days, in seconds.
pub const MONTH_SECONDS: u64 = 31 * DAY_SECONDS;

/// Everything that a world follows from: equal options, equal bytes.
///
/// Rates are in events of a million. Where one cannot happen yet (a cancel without a bet before
/// it), an ordinary event takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldOptions {
    /// The field of business.
    pub field: Field,
    /// What all chance follows from.
    pub seed: u64,
    /// How many lines, repeats and broken ones included.
    pub events: u64,
    /// Names of the feeds; each provider or seller reports through one of them.
    pub sources: Vec<String>,
    /// Game providers, or app developers.
    pub providers: u32,
    /// Games of each provider, or apps in all.
    pub games: u32,
    /// Players, buyers, customers or payers.
    pub players: u32,
    /// Partners that bring players.
    pub agents: u32,
    /// Sellers, or merchants.
    pub sellers: u32,
    /// Time of the first event, in nanoseconds since 1970 UTC.
    pub start_ns: i64,
    /// Time from the first event to the last.
    pub span_seconds: u64,
    /// Repeats with the same content; a quarter of them spelled otherwise.
    pub duplicates_ppm: u32,
    /// Repeats of an id with other content.
    pub contests_ppm: u32,
    /// Events that arrive hundreds of lines after their time.
    pub late_ppm: u32,
    /// Events that arrive a few lines after their time.
    pub out_of_order_ppm: u32,
    /// Cancels; in fields without them, refunds beside the ordinary ones.
    pub cancel_ppm: u32,
    /// The same, arriving before what they cancel or refund.
    pub cancel_first_ppm: u32,
    /// Second cancels of what is cancelled already; in gaming only.
    pub double_cancel_ppm: u32,
    /// Events whose original never comes.
    pub orphans_ppm: u32,
    /// Lines that are unreadable or wrong.
    pub corrupt_ppm: u32,
}

impl WorldOptions {
    /// A world in which nothing goes wrong, of a size to look at.
    pub fn calm(field: Field, events: u64, seed: u64) -> Self {
        Self {
            field,
            seed,
            events,
            sources: vec!["feed-a".to_owned(), "feed-b".to_owned()],
            providers: 4,
            games: 6,
            players: 60,
            agents: 5,
            sellers: 12,
            start_ns: START_NS,
            span_seconds: MONTH_SECONDS,
            duplicates_ppm: 0,
            contests_ppm: 0,
            late_ppm: 0,
            out_of_order_ppm: 0,
            cancel_ppm: 0,
            cancel_first_ppm: 0,
            double_cancel_ppm: 0,
            orphans_ppm: 0,
            corrupt_ppm: 0,
        }
    }

    /// Every value that a dimension can have, such as the parties that a book must know; none where
    /// every event has its own, or no event has the dimension.
    pub fn values_of(&self, dim: &str) -> Vec<String> {
        line::values(self, dim)
    }

    /// Refuses options that no world can follow from, naming the setting.
    pub fn check(&self) -> Result<(), OptionsError> {
        let rates = self.rates().into_iter().map(u64::from).sum::<u64>();
        let counts = [self.providers, self.games, self.players, self.agents, self.sellers];
        let span_ns = self.span_seconds.checked_mul(1_000_000_000);
        let end_ns = span_ns.and_then(|span_ns| self.start_ns.checked_add_unsigned(span_ns));
        if rates > 1_000_000 {
            Err(OptionsError::Rates)
        } else if counts.contains(&0) {
            Err(OptionsError::Counts)
        } else if self.sources.is_empty() {
            Err(OptionsError::Sources)
        } else if self.start_ns < 0 || end_ns.is_none() {
            Err(OptionsError::Time)
        } else {
            Ok(())
        }
    }

    fn rates(&self) -> [u32; 7] {
        [
            self.duplicates_ppm,
            self.contests_ppm,
            self.cancel_ppm,
            self.cancel_first_ppm,
            self.double_cancel_ppm,
            self.orphans_ppm,
            self.corrupt_ppm,
        ]
    }
}

/// A few hundred events in one month that a demo can settle: repeats, late and early ones, cancels
/// and four broken lines, but no contest and nothing that waits at the end.
pub fn small(field: Field, seed: u64) -> WorldOptions {
    WorldOptions {
        duplicates_ppm: 20_000,
        late_ppm: 20_000,
        out_of_order_ppm: 30_000,
        cancel_ppm: 15_000,
        cancel_first_ppm: 5_000,
        corrupt_ppm: 10_000,
        ..WorldOptions::calm(field, 400, seed)
    }
}

/// A world in which everything goes wrong that can.
pub fn stormy(field: Field, events: u64, seed: u64) -> WorldOptions {
    WorldOptions {
        duplicates_ppm: 50_000,
        contests_ppm: 10_000,
        late_ppm: 30_000,
        out_of_order_ppm: 50_000,
        cancel_ppm: 20_000,
        cancel_first_ppm: 10_000,
        double_cancel_ppm: 3_000,
        orphans_ppm: 5_000,
        corrupt_ppm: 20_000,
        ..WorldOptions::calm(field, events, seed)
    }
}

/// The benchmark's world: gaming over one day, one feed, 200,000 players, and about `accounts`
/// accounts (provider, game, kind), all of which a long enough run touches.
pub fn bench(events: u64, accounts: u32, seed: u64) -> WorldOptions {
    const PROVIDERS: u32 = 100;
    const KINDS_WITH_ACCOUNTS: u32 = 3;
    WorldOptions {
        sources: vec!["studio-bench".to_owned()],
        providers: PROVIDERS,
        games: (accounts / (PROVIDERS * KINDS_WITH_ACCOUNTS)).max(1),
        players: 200_000,
        agents: 50,
        span_seconds: DAY_SECONDS,
        duplicates_ppm: 18_000,
        contests_ppm: 2_000,
        cancel_ppm: 2_000,
        ..WorldOptions::calm(Field::Gaming, events, seed)
    }
}

/// The world that plans are measured with: that of the benchmark over three months, from the first
/// day of one on, without contests, which would have to be resolved before anything is closed.
pub fn months(events: u64, accounts: u32, seed: u64) -> WorldOptions {
    const DAYS: u64 = 31 + 30 + 31;
    WorldOptions {
        span_seconds: DAYS * DAY_SECONDS,
        contests_ppm: 0,
        ..bench(events, accounts, seed)
    }
}

/// Why no world follows from the options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionsError {
    /// The rates of what goes wrong are together more than a million.
    Rates,
    /// One of the crowds is empty.
    Counts,
    /// There is no source.
    Sources,
    /// The time begins before 1970 or ends past what nanoseconds can say.
    Time,
    /// There is no field of that name.
    UnknownField,
}

impl fmt::Display for OptionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rates => "the rates in ..._ppm must not exceed 1,000,000 together",
            Self::Counts => "providers, games, players, agents and sellers must not be 0",
            Self::Sources => "sources must name at least one",
            Self::Time => "start_ns and span_seconds must lie between 1970 and 2262",
            Self::UnknownField => "field must be gaming, marketplace, app-store or payments",
        })
    }
}

impl std::error::Error for OptionsError {}
