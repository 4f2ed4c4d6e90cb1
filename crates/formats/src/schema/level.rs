//! Levels of compatibility: which earlier versions a new one is compared with, and which way.

use super::{Change, Schema};
use std::sync::Arc;

/// Who must be able to read what whom wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The new schema reads what the old one allowed.
    Backward,
    /// The old schema reads what the new one allows.
    Forward,
}

/// A level of compatibility. Numbers are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    /// Nothing is compared.
    None = 1,
    /// The new one reads what the last one allowed.
    #[default]
    Backward = 2,
    /// The new one reads what every earlier one allowed.
    BackwardTransitive = 3,
    /// The last one reads what the new one allows.
    Forward = 4,
    /// Every earlier one reads what the new one allows.
    ForwardTransitive = 5,
    /// Both, with the last one.
    Full = 6,
    /// Both, with every earlier one.
    FullTransitive = 7,
}

impl Level {
    /// Every level.
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::Backward,
        Self::BackwardTransitive,
        Self::Forward,
        Self::ForwardTransitive,
        Self::Full,
        Self::FullTransitive,
    ];

    /// Its name on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Backward => "BACKWARD",
            Self::BackwardTransitive => "BACKWARD_TRANSITIVE",
            Self::Forward => "FORWARD",
            Self::ForwardTransitive => "FORWARD_TRANSITIVE",
            Self::Full => "FULL",
            Self::FullTransitive => "FULL_TRANSITIVE",
        }
    }

    /// The level of a name on the wire.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.word().eq_ignore_ascii_case(word))
    }

    /// The level of a stored number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|level| *level as u8 == number)
    }

    /// Whether it looks at every earlier version, and not at the last one only.
    pub fn is_transitive(self) -> bool {
        matches!(self, Self::BackwardTransitive | Self::ForwardTransitive | Self::FullTransitive)
    }

    /// Which ways it looks.
    pub fn directions(self) -> &'static [Direction] {
        match self {
            Self::None => &[],
            Self::Backward | Self::BackwardTransitive => &[Direction::Backward],
            Self::Forward | Self::ForwardTransitive => &[Direction::Forward],
            Self::Full | Self::FullTransitive => &[Direction::Backward, Direction::Forward],
        }
    }

    /// What prevents `new` from following `earlier` (ascending by version): each change with the
    /// version and the way. The latest version that it breaks with comes first.
    pub fn check(
        self,
        new: &Schema,
        earlier: &[(u32, Arc<Schema>)],
    ) -> Vec<(u32, Direction, Change)> {
        let most = if self.is_transitive() { earlier.len() } else { 1 };
        let mut found = Vec::new();
        for (version, old) in earlier.iter().rev().take(most) {
            for direction in self.directions() {
                let changes = match direction {
                    Direction::Backward => new.reads(old),
                    Direction::Forward => old.reads(new),
                };
                found.extend(changes.into_iter().map(|change| (*version, *direction, change)));
            }
        }
        found
    }
}
