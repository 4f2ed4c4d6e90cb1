//! What a changed book changes: names of what is added, removed or different, and whether the
//! events that sources send today would still be taken.

use crate::compile::Compiled;
use ledger::rules::{Kind, Leg, Reference, Rules, Segment, Sign};
use std::collections::{BTreeMap, BTreeSet};

/// How something differs between two books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// Only the new book has it.
    Added,
    /// Only the old book has it.
    Removed,
    /// Both have it, and not the same.
    Changed,
}

impl How {
    /// `added`, `removed`, `changed`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// One difference between two books.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// What it is: `agreement`, `measure`, `kind`, `source`, `party`, `asset`, `dimension`,
    /// `mapping`, `calendar`, `quotes`.
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// How it differs.
    pub how: How,
}

/// An event that is taken today and would not be under the new book.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Break {
    /// What of the book refuses it: `kind win`.
    pub what: String,
    /// One sentence: which events, and why.
    pub message: String,
}

/// Everything that differs, in order of what it is and of name.
pub fn changes(old: &Compiled, new: &Compiled) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut compare = |what, old: BTreeMap<String, String>, new: BTreeMap<String, String>| {
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names {
            let how = match (old.get(name), new.get(name)) {
                (None, _) => How::Added,
                (_, None) => How::Removed,
                (before, after) if before != after => How::Changed,
                _ => continue,
            };
            changes.push(Change { what, name: name.clone(), how });
        }
    };
    compare("agreement", agreements(old), agreements(new));
    compare("asset", shown(&old.rules.assets, |a| &a.code), shown(&new.rules.assets, |a| &a.code));
    compare("calendar", calendars(old), calendars(new));
    compare("dimension", shown(&old.rules.dims, |d| &d.name), shown(&new.rules.dims, |d| &d.name));
    compare("kind", kinds(&old.rules), kinds(&new.rules));
    compare("mapping", shown(&old.mappings, |m| &m.name), shown(&new.mappings, |m| &m.name));
    compare("measure", shown(&old.measures, |m| &m.name), shown(&new.measures, |m| &m.name));
    compare("party", parties(old), parties(new));
    compare("quotes", shown(&old.quotes, |q| &q.name), shown(&new.quotes, |q| &q.name));
    compare("source", sources(old), sources(new));
    changes
}

/// Names to a text that differs when the thing does.
fn shown<T: std::fmt::Debug>(
    things: &[T],
    name: impl Fn(&T) -> &String,
) -> BTreeMap<String, String> {
    things.iter().map(|thing| (name(thing).clone(), format!("{thing:?}"))).collect()
}

fn parties(book: &Compiled) -> BTreeMap<String, String> {
    let mut found = shown(&book.rules.parties, |party| &party.name);
    for (name, text) in &mut found {
        let (keys, rsa) = (book.signing.keys.get(name), book.signing.rsa.get(name));
        *text = format!("{text}{keys:?}{rsa:?}");
    }
    found
}

fn calendars(book: &Compiled) -> BTreeMap<String, String> {
    let holidays = book.calendars.holidays.iter().map(|set| (set.name.clone(), format!("{set:?}")));
    let periods = book.calendars.periods.iter();
    let periods = periods.map(|list| (list.name.clone(), format!("{list:?}")));
    holidays.chain(periods).collect()
}

/// An account template as the book writes it: dimensions by name, since numbers shift.
fn template(rules: &Rules, id: u16) -> String {
    let template = &rules.templates[usize::from(id)];
    let part = |segment: &Segment| match segment {
        Segment::Literal(text) => text.clone(),
        Segment::Dim(dim) => format!("{{{}}}", rules.dims[usize::from(*dim)].name),
        Segment::Source => "{source}".to_owned(),
        Segment::Kind => "{kind}".to_owned(),
    };
    let parts: Vec<String> = template.segments.iter().map(part).collect();
    format!("{} {:?}", parts.join(":"), template.basis)
}

fn agreements(book: &Compiled) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for agreement in &book.agreements {
        let text = String::from_utf8_lossy(&agreement.encode()).into_owned();
        let required = book.signing.required.contains(&agreement.name);
        let text = format!("{text} {required}");
        found.entry(agreement.name.clone()).or_default().push_str(&text);
    }
    for (name, terms) in &book.invoices {
        let text = format!("{terms:?}");
        found.entry(name.clone()).or_default().push_str(&text);
    }
    found
}

/// Kinds and sources name others by number: what the numbers mean is compared instead.
fn kinds(rules: &Rules) -> BTreeMap<String, String> {
    let shown = |kind: &Kind| {
        let legs: Vec<(String, String)> =
            kind.legs.iter().map(|leg| legs_of(rules, *leg)).collect();
        let dims: Vec<&str> = required(rules, kind).collect();
        let reference = reference(rules, &kind.reference);
        (kind.name.clone(), format!("{:?} {reference:?} {dims:?} {legs:?}", kind.sign))
    };
    rules.kinds.iter().map(shown).collect()
}

fn legs_of(rules: &Rules, leg: Leg) -> (String, String) {
    (template(rules, leg.debit), template(rules, leg.credit))
}

fn sources(book: &Compiled) -> BTreeMap<String, String> {
    let rules = &book.rules;
    let shown = |source: &ledger::rules::Source| {
        let party = source.party.map(|party| &rules.parties[usize::from(party)].name);
        let kinds: Vec<&str> = names(rules, &source.kinds).collect();
        let times = (source.earliest, source.ahead_nanos_max);
        let signed = book.signed.get(&source.name);
        (source.name.clone(), format!("{party:?} {kinds:?} {} {times:?} {signed:?}", source.group))
    };
    rules.sources.iter().map(shown).collect()
}

fn required<'a>(rules: &'a Rules, kind: &'a Kind) -> impl Iterator<Item = &'a str> {
    kind.dims_required.iter().map(|dim| rules.dims[usize::from(*dim)].name.as_str())
}

fn names<'a>(rules: &'a Rules, kinds: &'a [u16]) -> impl Iterator<Item = &'a str> {
    kinds.iter().map(|kind| rules.kinds[usize::from(*kind)].name.as_str())
}

fn reference<'a>(rules: &'a Rules, reference: &'a Reference) -> (&'static str, Vec<&'a str>) {
    match reference {
        Reference::None => ("none", Vec::new()),
        Reference::Optional(kinds) => ("optional", names(rules, kinds).collect()),
        Reference::Required(kinds) => ("required", names(rules, kinds).collect()),
        Reference::Cancels(kinds) => ("cancels", names(rules, kinds).collect()),
    }
}

/// The events that the old book takes and the new one would quarantine.
pub fn breaks(old: &Rules, new: &Rules) -> Vec<Break> {
    let mut found = Vec::new();
    let mut add = |what: String, message: String| found.push(Break { what, message });
    for kind in &old.kinds {
        match new.kinds.iter().find(|other| other.name == kind.name) {
            None => add(format!("kind {}", kind.name), "no event of it is taken any more".into()),
            Some(now) => kind_breaks((old, kind), (new, now), &mut add),
        }
    }
    for source in &old.sources {
        let what = || format!("source {}", source.name);
        let Some(now) = new.sources.iter().find(|other| other.name == source.name) else {
            add(what(), "nothing of it is taken any more".into());
            continue;
        };
        let before: BTreeSet<&str> = taken(old, &source.kinds);
        for kind in before.difference(&taken(new, &now.kinds)) {
            add(what(), format!("it may not send {kind} any more"));
        }
        if now.earliest > source.earliest {
            add(what(), "its older events are not taken any more".into());
        }
    }
    for asset in &old.assets {
        let what = format!("asset {}", asset.code);
        match new.assets.iter().find(|other| other.code == asset.code) {
            None => add(what, "no amount in it is taken any more".into()),
            Some(now) if now.scale < asset.scale => {
                add(what, format!("amounts with more than {} decimals are refused", now.scale));
            }
            Some(_) => {}
        }
    }
    for dim in &old.dims {
        let what = format!("dimension {}", dim.name);
        match new.dims.iter().find(|other| other.name == dim.name) {
            None => add(what, "events that carry it are not taken any more".into()),
            Some(now) if now.personal != dim.personal => {
                add(what, "whether it names people cannot change: its values are kept so".into());
            }
            Some(_) => {}
        }
    }
    found.sort();
    found
}

/// The kinds that a source may send; none named means every one.
fn taken<'a>(rules: &'a Rules, kinds: &'a [u16]) -> BTreeSet<&'a str> {
    if kinds.is_empty() {
        rules.kinds.iter().map(|kind| kind.name.as_str()).collect()
    } else {
        names(rules, kinds).collect()
    }
}

fn kind_breaks(
    (old, kind): (&Rules, &Kind),
    (new, now): (&Rules, &Kind),
    add: &mut impl FnMut(String, String),
) {
    let what = || format!("kind {}", kind.name);
    let before: BTreeSet<&str> = required(old, kind).collect();
    for dim in required(new, now).filter(|dim| !before.contains(dim)) {
        add(what(), format!("events without the dimension {dim} are not taken any more"));
    }
    let width = |sign: Sign| match sign {
        Sign::Positive => 0,
        Sign::NonNegative => 1,
        Sign::Any => 2,
    };
    if width(now.sign) < width(kind.sign) {
        let refused = if now.sign == Sign::Positive { "zero or below" } else { "below zero" };
        add(what(), format!("amounts {refused} are not taken any more"));
    }
    let (was, is) = (reference(old, &kind.reference), reference(new, &now.reference));
    if was.0 != is.0 && matches!(is.0, "required" | "cancels") {
        add(what(), "events without a reference are not taken any more".into());
    }
    for lost in was.1.iter().filter(|name| !is.1.contains(name)) {
        add(what(), format!("it may not refer to {lost} any more"));
    }
}
