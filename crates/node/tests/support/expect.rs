//! The postings that the oracle's sums must have become, by the templates of the book.

use ledger::rules::{Rules, Segment, TimeBasis};
use ledger::{Total, rules::TemplateId};
use sim::oracle::{BUCKET_NS, Expected, Key};
use std::collections::BTreeMap;

/// The totals that must be stored, by path, asset and bucket.
pub fn totals(rules: &Rules, expected: &Expected) -> BTreeMap<(String, String, i32), Total> {
    let mut totals = BTreeMap::<_, Total>::new();
    for (key, sum) in &expected.sums {
        let posted_as = key.cancels.as_ref().unwrap_or(&key.kind);
        let kind = rules.kinds.iter().find(|kind| &kind.name == posted_as).unwrap();
        let bucket = i32::try_from(key.bucket_ns.div_euclid(BUCKET_NS)).unwrap();
        for leg in &kind.legs {
            let (debit, credit) = match key.cancels {
                None => (leg.debit, leg.credit),
                Some(_) => (leg.credit, leg.debit),
            };
            let mut add = |template, debit, credit| {
                let place = (path(rules, template, key), key.asset.clone(), bucket);
                let total = Total { debit, credit, count: sum.count };
                totals.entry(place).or_default().add(total).unwrap();
            };
            add(debit, sum.amount, 0);
            add(credit, 0, sum.amount);
        }
    }
    totals
}

fn path(rules: &Rules, template: TemplateId, key: &Key) -> String {
    let template = &rules.templates[usize::from(template)];
    assert_eq!(template.basis, TimeBasis::Occurred, "the oracle knows the events' own time");
    let segments = template.segments.iter().map(|segment| match segment {
        Segment::Literal(text) => text.clone(),
        Segment::Source => key.source.clone(),
        Segment::Kind => key.kind.clone(),
        Segment::Dim(dim) => key.dim(&rules.dims[usize::from(*dim)].name).to_owned(),
    });
    segments.collect::<Vec<_>>().join(":")
}
