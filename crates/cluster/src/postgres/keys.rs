//! The exact index: hash → positions, as sorted runs in memory that are the rows of `key_runs`.
//!
//! New keys stand in a set until the next checkpoint makes them a run. Neighbouring runs of like
//! size become one, in memory and in the table alike, so that there are few to ask. A key takes
//! 12 bytes in both. All runs are in memory; to leave old ones in the database is not built yet.

use crate::limits::{MERGE_FAN, RUN_KEYS_MAX, RUN_KEYS_MIN};
use engine::port::{PortError, PortFault, Position};
use std::collections::BTreeSet;

/// Bytes of a key.
pub(super) const KEY_BYTES: usize = 12;

/// A sorted run: hash u64 and position less `low` u32, big-endian, so that it sorts as bytes.
pub(super) struct Run {
    pub(super) number: i64,
    /// Its first position.
    pub(super) low: Position,
    pub(super) bytes: Vec<u8>,
}

impl Run {
    /// A run of sorted keys; nothing when their positions are too far apart.
    fn of(number: i64, keys: &[(u64, Position)]) -> Option<Self> {
        let low = keys.iter().map(|key| key.1).min().unwrap_or(0);
        let mut bytes = Vec::with_capacity(keys.len() * KEY_BYTES);
        for (hash, position) in keys {
            bytes.extend(hash.to_be_bytes());
            bytes.extend(u32::try_from(position - low).ok()?.to_be_bytes());
        }
        Some(Self { number, low, bytes })
    }

    /// The run that a row holds; nothing when it does not fit.
    pub(super) fn stored(number: i64, low: i64, checksum: i64, bytes: Vec<u8>) -> Option<Self> {
        let whole = bytes.len().is_multiple_of(KEY_BYTES) && low >= 0;
        let right = i64::from(crc32c::crc32c(&bytes)) == checksum;
        (whole && right).then(|| Self { number, low: low.cast_unsigned(), bytes })
    }

    /// Its checksum, as it is stored.
    pub(super) fn checksum(&self) -> i64 {
        crc32c::crc32c(&self.bytes).into()
    }

    fn len(&self) -> usize {
        self.bytes.len() / KEY_BYTES
    }

    fn key(&self, at: usize) -> (u64, Position) {
        let bytes = &self.bytes[at * KEY_BYTES..(at + 1) * KEY_BYTES];
        let (hash, above) = bytes.split_at(8);
        let hash = hash.try_into().map_or(0, u64::from_be_bytes);
        (hash, self.low + u64::from(above.try_into().map_or(0, u32::from_be_bytes)))
    }

    fn find(&self, hash: u64, mut visit: impl FnMut(Position)) {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = usize::midpoint(from, to);
            if self.key(middle).0 < hash { from = middle + 1 } else { to = middle }
        }
        let equal = (from..self.len()).map(|at| self.key(at)).take_while(|key| key.0 == hash);
        equal.for_each(|key| visit(key.1));
    }

    fn tier(&self) -> u32 {
        (self.len() / RUN_KEYS_MIN).checked_ilog(MERGE_FAN).map_or(0, |it| it + 1)
    }
}

/// What a checkpoint does to the runs.
pub(super) struct Change {
    /// The run that is new.
    pub(super) added: Run,
    /// Numbers of those that it takes the place of: the last ones.
    pub(super) gone: Vec<i64>,
}

/// The index of one shard.
#[derive(Default)]
pub(super) struct Keys {
    /// Oldest first.
    runs: Vec<Run>,
    fresh: BTreeSet<(u64, Position)>,
}

impl Keys {
    /// An index of the stored runs, oldest first.
    pub(super) fn of(runs: Vec<Run>) -> Self {
        Self { runs, fresh: BTreeSet::new() }
    }

    /// Adds the keys of a batch.
    pub(super) fn insert(&mut self, keys: &[(u64, Position)]) {
        self.fresh.extend(keys);
    }

    /// Keys of no run yet.
    pub(super) fn fresh(&self) -> usize {
        self.fresh.len()
    }

    /// As `Store::probe`.
    pub(super) fn probe(&self, hashes: &[u64], found: &mut Vec<(u32, Position)>) {
        for (at, &hash) in (0..).zip(hashes) {
            self.runs.iter().for_each(|run| run.find(hash, |position| found.push((at, position))));
            let fresh = self.fresh.range((hash, 0)..=(hash, Position::MAX));
            found.extend(fresh.map(|key| (at, key.1)));
        }
    }

    /// What a checkpoint must write; nothing when no key is new.
    pub(super) fn change(&self) -> Result<Option<Change>, PortError> {
        if self.fresh.is_empty() {
            return Ok(None);
        }
        let number = self.runs.last().map_or(0, |run| run.number + 1);
        let too_wide = || {
            PortError::new(
                PortFault::Limit,
                "keys of positions over 4,294,967,295 apart".to_owned(),
            )
        };
        let mut keys: Vec<_> = self.fresh.iter().copied().collect();
        let mut gone = Vec::new();
        let mut added = Run::of(number, &keys).ok_or_else(too_wide)?;
        while let Some(from) = self.mergeable(gone.len(), &added) {
            let merged = self.runs.len() - gone.len();
            for run in &self.runs[from..merged] {
                keys.extend((0..run.len()).map(|at| run.key(at)));
                gone.push(run.number);
            }
            keys.sort_unstable();
            match Run::of(number, &keys) {
                Some(run) => added = run,
                None => return Err(too_wide()),
            }
        }
        Ok(Some(Change { added, gone }))
    }

    /// From where on the last runs, less `gone` of them, are to become one with `added`.
    fn mergeable(&self, gone: usize, added: &Run) -> Option<usize> {
        let rest = &self.runs[..self.runs.len() - gone];
        let from = rest.len().checked_sub(MERGE_FAN - 1)?;
        let alike = &rest[from..];
        let keys: usize = alike.iter().map(Run::len).sum::<usize>() + added.len();
        let same = alike.iter().all(|run| run.tier() <= added.tier());
        (same && keys <= RUN_KEYS_MAX).then_some(from)
    }

    /// Takes over what a checkpoint wrote.
    pub(super) fn apply(&mut self, change: Change) {
        self.runs.retain(|run| !change.gone.contains(&run.number));
        self.runs.push(change.added);
        self.fresh.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(keys: &Keys, hash: u64) -> Vec<Position> {
        let mut found = Vec::new();
        keys.probe(&[hash], &mut found);
        let mut found: Vec<_> = found.into_iter().map(|it| it.1).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn many_checkpoints_leave_few_runs_and_every_key() {
        let mut keys = Keys::default();
        let mut position = 0;
        for round in 0..200_u64 {
            let batch: Vec<_> = (0..=round % 7 * 300)
                .map(|at| ((position + at) % 5000 * 77, position + at))
                .collect();
            position += batch.len() as u64;
            keys.insert(&batch);
            if let Some(change) = keys.change().expect("positions are near") {
                keys.apply(change);
            }
        }
        assert!(keys.runs.len() <= 16, "{} runs", keys.runs.len());
        assert!(keys.runs.is_sorted_by_key(|run| run.number));
        for hash in [0, 77, 4999 * 77] {
            let expected: Vec<_> = (0..position).filter(|at| at % 5000 * 77 == hash).collect();
            assert_eq!(found(&keys, hash), expected, "{hash}");
        }
        assert!(found(&keys, 78).is_empty());
    }

    #[test]
    fn a_stored_run_is_checked() {
        let run = Run::of(3, &[(1, 10), (2, 12)]).expect("near");
        let again =
            |low, checksum, bytes| Run::stored(3, low, checksum, bytes).map(|run| run.key(1));
        assert_eq!(again(10, run.checksum(), run.bytes.clone()), Some((2, 12)));
        assert_eq!(again(10, run.checksum() + 1, run.bytes.clone()), None);
        assert_eq!(again(-1, run.checksum(), run.bytes.clone()), None);
        assert_eq!(
            again(10, crc32c::crc32c(&run.bytes[1..]).into(), run.bytes[1..].to_vec()),
            None
        );
    }
}
