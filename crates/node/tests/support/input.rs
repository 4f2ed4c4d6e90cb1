//! Worlds as batches of lines per source.

use sim::oracle::{Expected, Oracle, Truth};
use sim::world::{World, WorldOptions};

/// One line and what it means.
#[derive(Clone)]
pub struct Arrival {
    pub source: String,
    pub line: Vec<u8>,
    pub truth: Truth,
}

/// Lines of one source that come together.
#[derive(Clone)]
pub struct Batch {
    pub source: String,
    pub lines: Vec<Vec<u8>>,
}

/// Every line of a world; its source is the first thing that it says.
pub fn arrivals(options: &WorldOptions) -> Vec<Arrival> {
    let world = World::new(options.clone()).unwrap();
    let with_source = |line: sim::world::Line| {
        let rest = line.raw.strip_prefix(b"{\"source\":\"").unwrap();
        let end = rest.iter().position(|byte| *byte == b'"').unwrap();
        let source = String::from_utf8(rest[..end].to_vec()).unwrap();
        Arrival { source, line: line.raw, truth: line.truth }
    };
    world.map(with_source).collect()
}

/// What must come of them in this order.
pub fn expected(arrivals: &[Arrival]) -> Expected {
    let mut oracle = Oracle::new();
    oracle.extend(arrivals.iter().map(|arrival| arrival.truth.clone()));
    oracle.expected().clone()
}

/// Batches of at most `size` lines in the order of arrival: a line of another source begins
/// another batch.
pub fn in_order(arrivals: &[Arrival], size: usize) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    for Arrival { source, line, .. } in arrivals {
        match batches.last_mut() {
            Some(last) if &last.source == source && last.lines.len() < size => {
                last.lines.push(line.clone());
            }
            _ => batches.push(Batch { source: source.clone(), lines: vec![line.clone()] }),
        }
    }
    batches
}

/// All lines of one source after all of another, in batches of `size` lines.
pub fn by_source(arrivals: &[Arrival], size: usize) -> Vec<Batch> {
    let mut sorted = arrivals.to_vec();
    sorted.sort_by(|a, b| a.source.cmp(&b.source));
    in_order(&sorted, size)
}
