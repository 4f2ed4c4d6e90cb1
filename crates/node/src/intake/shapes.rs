//! The shapes of a feed's events: names of dimensions in the order given, remembered with all that
//! follows from them, so that of most events only the values are looked at.

use engine::lookup::Lookup;
use engine::stage::{Names, Place};
use ledger::event::encode_head;
use ledger::{Dim, Draft, Reject};
use std::sync::Arc;

/// Shapes remembered: a feed has few, and all are tried.
const SHAPES_MAX: usize = 8;

/// What follows from the names of an event's dimensions.
#[derive(Debug)]
struct Known {
    /// The names in the order given.
    names: Vec<String>,
    /// Exchanges that bring them into the order of the canonical form.
    swaps: Vec<(u8, u8)>,
    /// What each is to the rules, in the order of the canonical form.
    places: Vec<Place>,
}

/// The shapes seen lately.
#[derive(Debug, Default)]
pub struct Shapes {
    /// The one seen last comes first.
    known: Vec<Known>,
    /// What the places of a shape that is not remembered are put into.
    passing: Vec<Place>,
    lookup: Option<Arc<Lookup>>,
    operator: String,
    source: String,
    head: Vec<u8>,
}

/// The shape of one event.
#[derive(Clone, Copy)]
pub struct Shape<'a> {
    /// What each dimension is to the rules, ascending by name.
    pub places: &'a [Place],
    feed: &'a Shapes,
}

impl Shape<'_> {
    /// Appends what the canonical bytes of an event begin with.
    pub fn push_head(&self, source: &str, out: &mut Vec<u8>) {
        if source == self.feed.source {
            out.extend_from_slice(&self.feed.head);
        } else {
            encode_head(&self.feed.operator, source, out);
        }
    }
}

impl Shapes {
    /// Prepares for events of a feed under some rules.
    pub fn begin(&mut self, operator: &str, source: &str, lookup: &Arc<Lookup>) {
        if self.lookup.as_ref().is_none_or(|before| !Arc::ptr_eq(before, lookup)) {
            self.known.clear();
            self.lookup = Some(Arc::clone(lookup));
        }
        operator.clone_into(&mut self.operator);
        source.clone_into(&mut self.source);
        self.head.clear();
        encode_head(operator, source, &mut self.head);
    }

    /// Checks the envelope of an event and sorts its dimensions.
    ///
    /// # Errors
    /// As [`Draft::check_envelope`].
    pub fn check(&mut self, draft: &mut Draft<'_>) -> Result<Shape<'_>, Reject> {
        let same = |known: &Known| {
            known.names.len() == draft.dims.len()
                && known.names.iter().zip(&draft.dims).all(|(name, dim)| name == dim.name)
        };
        match self.known.iter().position(same) {
            Some(at) => {
                let known = &self.known[at];
                known.swaps.iter().for_each(|(a, b)| draft.dims.swap((*a).into(), (*b).into()));
                draft.check_known()?;
                if at > 0 {
                    self.known.swap(0, at);
                }
                Ok(Shape { places: &self.known[0].places, feed: self })
            }
            None => self.learn(draft),
        }
    }

    fn learn(&mut self, draft: &mut Draft<'_>) -> Result<Shape<'_>, Reject> {
        let given: Vec<String> = draft.dims.iter().map(|dim| dim.name.to_owned()).collect();
        draft.check_envelope()?;
        self.passing.clear();
        if let Some(lookup) = &self.lookup {
            let mut names = Names::default();
            let place = |(at, dim): (usize, &Dim<'_>)| {
                if lookup.is_personal(dim.name) {
                    Place::Apart
                } else {
                    names.place(lookup, at, dim.name)
                }
            };
            self.passing.extend(draft.dims.iter().enumerate().map(place));
        }
        let swaps = swaps(&given, &draft.dims);
        self.known.truncate(SHAPES_MAX - 1);
        self.known.insert(0, Known { names: given, swaps, places: self.passing.clone() });
        Ok(Shape { places: &self.passing, feed: self })
    }
}

/// Exchanges of places that bring `given` into the order of `sorted`; all names differ.
fn swaps(given: &[String], sorted: &[Dim<'_>]) -> Vec<(u8, u8)> {
    let mut now: Vec<&str> = given.iter().map(String::as_str).collect();
    let mut swaps = Vec::new();
    for (to, dim) in sorted.iter().enumerate() {
        let from = now.iter().position(|name| *name == dim.name).unwrap_or(to);
        if from != to {
            now.swap(from, to);
            // An event has at most 32 dimensions.
            let place = |at: usize| u8::try_from(at).unwrap_or(u8::MAX);
            swaps.push((place(from), place(to)));
        }
    }
    swaps
}
