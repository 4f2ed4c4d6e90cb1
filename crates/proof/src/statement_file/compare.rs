//! Comparing the events given with the list, and their sums with the rows.

mod buckets;
mod entries;

use std::collections::{BTreeMap, BTreeSet};

use ledger::Rules;

use settle::Scope;

use super::given::{Events, Fate, Posts};
use super::posting::{Poster, Sums, Touch, impersonal};
use super::{Compared, MyEvent, Report, StatementProof};
use crate::events::EventList;

/// Whether the statement must stand on an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Claim {
    /// It must, and the event posts this.
    Must(Posts),
    /// That depends on what was not given; what it posts if so, where all of it is known.
    May(Option<Posts>),
    /// It must not.
    MustNot,
}

struct Comparison<'a> {
    poster: Poster<'a>,
    /// By place of the event.
    claims: Vec<Claim>,
    /// By place of the event: whether the list has it.
    listed: Vec<bool>,
    /// Places of the events given, by source.
    by_source: BTreeMap<&'a str, Vec<usize>>,
    counts: Compared,
}

pub(super) fn compare(
    file: &StatementProof,
    (rules, scope, zone): (&Rules, &Scope<'_>, &str),
    mine: &mut dyn Iterator<Item = MyEvent>,
    report: &mut Report,
) {
    let events = Events::collect(rules, mine, report);
    let mut comparison = Comparison::new(&events, scope, zone);
    note_others(&events, &file.events, &mut comparison.counts, report);
    note_settled(file, report);
    match &file.events {
        EventList::Entries(listed) => entries::compare(&mut comparison, listed, report),
        EventList::Buckets(listed) => buckets::compare(&mut comparison, listed, report),
    }
    let open = comparison.counts.others > 0 || comparison.counts.buckets_differing > 0;
    if !open && events.sources.is_empty() {
        report.note("E6085", "no events were given that could be compared");
    } else if !open {
        comparison.post(file, report);
    }
    if comparison.counts.unsure > 0 {
        let count = comparison.counts.unsure;
        let text = format!(
            "not checked: whether {count} of your events belong, as they refer to events not given"
        );
        report.note("E6085", text);
    }
    report.compared = Some(comparison.counts);
}

/// Tells which listed sources cannot be compared since none of their events were given.
fn note_others(events: &Events<'_>, list: &EventList, counts: &mut Compared, report: &mut Report) {
    for source in list.sources().filter(|source| !events.sources.contains(*source)) {
        let count = list.count_of(source);
        counts.others = counts.others.saturating_add(count);
        let text = format!("not checked: {count} events of {source}, of which none were given");
        report.note("E6085", text);
    }
    if counts.others > 0 {
        report.note("E6085", "not checked: the account sums, as not all listed sources were given");
    }
}

/// Tells which sums come from other statements: no event stands behind them, and the proofs of
/// those statements prove them.
fn note_settled(file: &StatementProof, report: &mut Report) {
    let settled = file.rows.iter().filter(|row| settle::is_settlement(&row.path));
    let agreements: BTreeSet<&str> = settled.filter_map(|row| row.path.split(':').nth(1)).collect();
    for agreement in agreements {
        let text = format!(
            "not checked against events: the sums of settlement:{agreement}, which the statements \
             of {agreement} came to; their own proofs prove them"
        );
        report.note("E6085", text);
    }
}

impl<'a> Comparison<'a> {
    fn new(events: &'a Events<'a>, scope: &'a Scope<'a>, zone: &'a str) -> Self {
        let poster = Poster { events, scope, zone };
        let mut counts = Compared { given: events.all.len() as u64, ..Compared::default() };
        let mut by_source: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut claims = Vec::with_capacity(events.all.len());
        for at in 0..events.all.len() {
            by_source.entry(events.view(at).source).or_default().push(at);
            claims.push(claim(&poster, at, &mut counts));
        }
        let listed = vec![false; claims.len()];
        Self { poster, claims, listed, by_source, counts }
    }

    /// Posts again what the statement stands on, and compares the sums with the rows.
    fn post(&mut self, file: &StatementProof, report: &mut Report) {
        let mut sums = Sums::new();
        for (at, claim) in self.claims.iter().enumerate() {
            let posts = match claim {
                Claim::Must(posts) => *posts,
                Claim::May(Some(posts)) if self.listed[at] => *posts,
                Claim::May(None) if self.listed[at] => {
                    let name = super::given::name(&self.poster.events.view(at));
                    let text = format!(
                        "not checked: the account sums, as {name} refers to an event not given"
                    );
                    return report.note("E6085", text);
                }
                Claim::May(_) | Claim::MustNot => continue,
            };
            if self.poster.post(at, posts, &mut sums).is_err() {
                return report.note("E6085", "not checked: the account sums, which overflow");
            }
        }
        self.counts.sums_posted = true;
        let mut stated = Sums::new();
        for row in file.rows.iter().filter(|row| !settle::is_settlement(&row.path)) {
            let path = impersonal(&row.path, self.poster.events.rules);
            if stated.entry((path, row.asset.clone())).or_default().add(row.total).is_err() {
                return report.note("E6085", "not checked: the account sums, which overflow");
            }
        }
        for (key, stated) in stated {
            let posted = sums.remove(&key).unwrap_or_default();
            if posted != stated {
                report.error("E6084", difference(&key.0, posted, stated));
            }
        }
        for ((path, _), posted) in sums {
            report.error("E6084", difference(&path, posted, ledger::Total::default()));
        }
    }
}

fn difference(path: &str, posted: ledger::Total, stated: ledger::Total) -> String {
    let tell = |total: ledger::Total| {
        format!("debit {}, credit {}, count {}", total.debit, total.credit, total.count)
    };
    format!("{path}: your events give {}; stated is {}", tell(posted), tell(stated))
}

fn claim(poster: &Poster<'_>, at: usize, counts: &mut Compared) -> Claim {
    match poster.events.fate(at) {
        Fate::Never => {
            counts.not_posting += 1;
            Claim::MustNot
        }
        Fate::Posts(posts) => match poster.touch(at, posts) {
            Touch::Something => Claim::Must(posts),
            Touch::Nothing => {
                counts.outside += 1;
                Claim::MustNot
            }
            Touch::Unknown => {
                counts.unsure += 1;
                Claim::May(None)
            }
        },
        Fate::Unsure(Some(posts)) => match poster.touch(at, posts) {
            Touch::Nothing => {
                counts.outside += 1;
                Claim::MustNot
            }
            Touch::Something => {
                counts.unsure += 1;
                Claim::May(Some(posts))
            }
            Touch::Unknown => {
                counts.unsure += 1;
                Claim::May(None)
            }
        },
        Fate::Unsure(None) => {
            counts.unsure += 1;
            Claim::May(None)
        }
    }
}
