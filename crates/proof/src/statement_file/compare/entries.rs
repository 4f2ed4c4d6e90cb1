//! Comparing with a list that names each event.

use std::collections::BTreeMap;

use super::super::Report;
use super::super::given::name;
use super::{Claim, Comparison};
use crate::events::{Entry, first};

/// Compares every source of which events were given.
pub(super) fn compare(
    comparison: &mut Comparison<'_>,
    listed: &BTreeMap<String, Vec<Entry>>,
    report: &mut Report,
) {
    let sources: Vec<(&str, Vec<usize>)> =
        comparison.by_source.iter().map(|(source, places)| (*source, places.clone())).collect();
    for (source, places) in sources {
        let theirs = listed.get(source).map_or(&[][..], Vec::as_slice);
        compare_source(comparison, source, places, theirs, report);
    }
}

fn compare_source(
    comparison: &mut Comparison<'_>,
    source: &str,
    places: Vec<usize>,
    theirs: &[Entry],
    report: &mut Report,
) {
    let entry = |at: usize| {
        let given = &comparison.poster.events.all[at];
        Entry { key: first(&given.key), content: first(&given.content) }
    };
    let mut mine: Vec<(Entry, usize)> = places.into_iter().map(|at| (entry(at), at)).collect();
    mine.sort_unstable();
    let (mut mine, mut theirs) = (mine.as_slice(), theirs);
    // Both are in order of key: take the entries of the lowest key from both, until none is left.
    while let Some(key) =
        [mine.first().map(|m| m.0.key), theirs.first().map(|t| t.key)].into_iter().flatten().min()
    {
        let (now, later) = mine.split_at(mine.partition_point(|m| m.0.key == key));
        mine = later;
        let (listed, later) = theirs.split_at(theirs.partition_point(|t| t.key == key));
        theirs = later;
        compare_key(comparison, source, now, listed, report);
    }
}

/// Compares the events of one key: one event, but for keys that collide.
fn compare_key(
    comparison: &mut Comparison<'_>,
    source: &str,
    mine: &[(Entry, usize)],
    theirs: &[Entry],
    report: &mut Report,
) {
    let mut theirs = theirs.to_vec();
    let mut unmatched = Vec::new();
    for (entry, at) in mine {
        match theirs.iter().position(|their| their == entry) {
            Some(place) => {
                theirs.swap_remove(place);
                comparison.listed[*at] = true;
                comparison.counts.matched += 1;
            }
            None => unmatched.push(*at),
        }
    }
    // Those that must be listed first: they are the ones that the other contents stand for.
    unmatched.sort_by_key(|at| !matches!(comparison.claims[*at], Claim::Must(_)));
    for at in unmatched {
        let name = name(&comparison.poster.events.view(at));
        if theirs.pop().is_some() {
            comparison.counts.altered += 1;
            report.error("E6082", format!("{name} is listed with another content than yours"));
        } else if let Claim::Must(_) = comparison.claims[at] {
            comparison.counts.missing += 1;
            report.error("E6080", format!("{name} is not in the statement"));
        }
    }
    for their in theirs {
        comparison.counts.added += 1;
        let key = u64::from_be_bytes(their.key);
        report.error("E6081", format!("{source} has an event with the key {key:016x}, not yours"));
    }
}
