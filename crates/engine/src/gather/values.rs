//! The values of dimensions as finer sums have them: parties by their names, people by their
//! pseudonyms in hexadecimal, what an event does not state as the empty text.

use crate::error::EngineError;
use crate::lookup::Lookup;
use crate::record::EventRecord;
use crate::wire::BadBytes;
use ledger::event::EventFields;
use ledger::rules::{Kind, Reference};
use ledger::time::Bucket;
use settle::measure::EVENT;
use settle::{Period, PeriodKind};
use std::sync::Arc;

/// Appends one value to joined ones: its length, u32, and its bytes.
pub(super) fn join_values(out: &mut Vec<u8>, value: &[u8]) {
    out.extend_from_slice(&u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(value);
}

/// The values that [`join_values`] joined.
pub(super) fn split_values(mut joined: &[u8]) -> Vec<&str> {
    let mut values = Vec::new();
    while let Some((length, rest)) = joined.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        let (value, rest) = rest.split_at(length.min(rest.len()));
        values.push(std::str::from_utf8(value).unwrap_or_default());
        joined = rest;
    }
    values
}

/// The local day that a bucket begins in.
pub(super) fn local_day(bucket: Bucket, zone: &str) -> Result<String, EngineError> {
    Ok(Period::containing(PeriodKind::Day, bucket.start_nanos(), zone)?.to_string())
}

/// What one source's events of one book revision are read by.
pub(super) struct Reading {
    pub lookup: Arc<Lookup>,
    /// The kinds whose events cancel others: one or two.
    cancels: Vec<Vec<u8>>,
    /// By place among the dimensions asked for: whether its values are names of parties.
    parties: Vec<bool>,
}

impl Reading {
    pub fn new(lookup: Arc<Lookup>, dims: &[String]) -> Self {
        let rules = &lookup.rules;
        let party =
            |dim: &String| rules.dim(dim).is_some_and(|id| rules.dims[usize::from(id)].party);
        let parties = dims.iter().map(party).collect();
        let cancels = |kind: &&Kind| matches!(kind.reference, Reference::Cancels(_));
        let cancels = rules.kinds.iter().filter(cancels);
        let cancels = cancels.map(|kind| kind.name.clone().into_bytes()).collect();
        Self { lookup, cancels, parties }
    }

    /// Whether the event stands for what it refers to.
    pub fn is_cancel(&self, event: &EventFields<'_>) -> bool {
        self.cancels.iter().any(|kind| kind == event.kind)
    }
}

/// The values of one event, by place among the dimensions asked for.
#[derive(Debug, Default)]
pub(super) struct Values {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Values {
    /// Reads the values of `dims` from an event.
    pub fn read(
        &mut self,
        dims: &[String],
        reading: &Reading,
        event: &EventFields<'_>,
        record: &EventRecord<'_>,
    ) -> Result<(), BadBytes> {
        self.bytes.clear();
        self.ends.clear();
        for (dim, party) in dims.iter().zip(&reading.parties) {
            match dim.as_str() {
                "kind" => self.bytes.extend_from_slice(event.kind),
                "source" => self.bytes.extend_from_slice(event.source),
                EVENT => {
                    self.bytes.extend_from_slice(event.source);
                    self.bytes.push(b' ');
                    self.bytes.extend_from_slice(event.id);
                }
                dim => self.declared(dim, *party, reading, event, record)?,
            }
            self.ends.push(self.bytes.len());
        }
        Ok(())
    }

    fn declared(
        &mut self,
        dim: &str,
        party: bool,
        reading: &Reading,
        event: &EventFields<'_>,
        record: &EventRecord<'_>,
    ) -> Result<(), BadBytes> {
        if let Some((_, value)) = event.dims().find(|(name, _)| *name == dim.as_bytes()) {
            let spelling = std::str::from_utf8(value).map_err(|_| BadBytes)?;
            let known = if party { reading.lookup.party(spelling) } else { None };
            let parties = &reading.lookup.rules.parties;
            let name = known.map_or(spelling, |known| parties[usize::from(known)].name.as_str());
            self.bytes.extend_from_slice(name.as_bytes());
        } else if let Some((_, person)) = record.pseudonyms().find(|(name, _)| *name == dim) {
            let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble)];
            self.bytes.extend(person.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
        }
        Ok(())
    }

    /// The value of the dimension at a place.
    pub fn get(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.bytes[start..self.ends[at]]
    }
}
