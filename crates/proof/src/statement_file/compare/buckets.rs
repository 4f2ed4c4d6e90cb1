//! Comparing with a list of digests, one for each quarter of an hour.

use std::collections::{BTreeMap, BTreeSet};

use ledger::limits::BUCKET_SECONDS;
use ledger::time::Bucket;

use super::super::Report;
use super::{Claim, Comparison};
use crate::Hash;
use crate::events::{BucketDigest, digests};

/// The events of one's own within one bucket, by whether the statement must stand on them.
#[derive(Default)]
struct Mine {
    must: Vec<usize>,
    may: Vec<usize>,
}

/// Compares every source of which events were given.
pub(super) fn compare(
    comparison: &mut Comparison<'_>,
    listed: &BTreeMap<String, Vec<BucketDigest>>,
    report: &mut Report,
) {
    let sources: Vec<(&str, BTreeMap<i32, Mine>)> = comparison
        .by_source
        .iter()
        .map(|(source, places)| (*source, by_bucket(comparison, places)))
        .collect();
    for (source, mine) in sources {
        let theirs: BTreeMap<i32, BucketDigest> = listed
            .get(source)
            .map(|list| list.iter().map(|digest| (digest.bucket, *digest)).collect())
            .unwrap_or_default();
        let buckets: BTreeSet<i32> = mine.keys().chain(theirs.keys()).copied().collect();
        let none = Mine::default();
        for bucket in buckets {
            let mine = mine.get(&bucket).unwrap_or(&none);
            compare_bucket(comparison, (source, bucket), mine, theirs.get(&bucket), report);
        }
    }
}

fn by_bucket(comparison: &Comparison<'_>, places: &[usize]) -> BTreeMap<i32, Mine> {
    let mut buckets: BTreeMap<i32, Mine> = BTreeMap::new();
    for &at in places {
        let Bucket(bucket) = Bucket::of(comparison.poster.events.view(at).occurred_at);
        match comparison.claims[at] {
            Claim::Must(_) => buckets.entry(bucket).or_default().must.push(at),
            Claim::May(_) => buckets.entry(bucket).or_default().may.push(at),
            Claim::MustNot => {}
        }
    }
    buckets
}

fn compare_bucket(
    comparison: &mut Comparison<'_>,
    (source, bucket): (&str, i32),
    mine: &Mine,
    theirs: Option<&BucketDigest>,
    report: &mut Report,
) {
    let all: Vec<usize> = mine.must.iter().chain(&mine.may).copied().collect();
    // What depends on events not given is tried both ways, all of it or none.
    for places in [&mine.must, &all] {
        if digest(comparison, bucket, places).as_ref() == theirs {
            comparison.counts.matched += places.len() as u64;
            for at in places {
                comparison.listed[*at] = true;
            }
            return;
        }
    }
    comparison.counts.buckets_differing += 1;
    // Not through nanoseconds: a bucket of a forged list may lie far beyond their range.
    let start = i64::from(bucket) * BUCKET_SECONDS;
    let listed = theirs.map_or(0, |digest| digest.count);
    let which = format!("{source}, quarter of an hour from Unix time {start}");
    let (must, may) = (mine.must.len(), mine.may.len());
    let could_be = (must as u64..=(must + may) as u64).contains(&listed);
    if may > 0 && could_be {
        let text = format!(
            "not checked: {which}: {may} of your events depend on events that were not given"
        );
        report.note("E6085", text);
    } else {
        let text = format!("{which}: {listed} events are listed, and {must} of yours belong there");
        report.error("E6083", text);
    }
}

fn digest(comparison: &Comparison<'_>, bucket: i32, places: &[usize]) -> Option<BucketDigest> {
    let all = &comparison.poster.events.all;
    let hashes: Vec<(Bucket, Hash)> =
        places.iter().map(|at| (Bucket(bucket), all[*at].content)).collect();
    digests(hashes).pop()
}
