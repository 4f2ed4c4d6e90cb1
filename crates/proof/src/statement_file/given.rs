//! The events that a counterparty gives to compare, each with its fate under the posting rules.

use std::collections::{BTreeSet, HashMap};

use ledger::rules::{AssetId, KindId, Reference, Sign};
use ledger::{EventView, Reject, Rules};

use super::Report;
use crate::Hash;
use crate::digest::content_hash;
use crate::events::key_hash;

/// One's own event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MyEvent {
    /// Canonical bytes, made as the operator makes them: with the operator's name, without the
    /// personal dimensions.
    pub canonical: Vec<u8>,
}

/// Deeper chains of references are not followed.
const DEPTH_MAX: usize = 64;
/// Larger amounts are never posted, so that no sum of them overflows.
const AMOUNT_MINOR_MAX: u128 = 1 << 90;

/// What an event posts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Posts {
    /// The legs of its kind.
    Legs,
    /// The reverse of what the event at this place posted.
    Reversal(usize),
}

/// What becomes of an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fate {
    /// It posts nothing.
    Never,
    /// It posts this.
    Posts(Posts),
    /// That depends on what was not given; this is what it posts if it does, where known.
    Unsure(Option<Posts>),
}

pub(super) struct Given {
    pub(super) canonical: Vec<u8>,
    pub(super) key: Hash,
    pub(super) content: Hash,
}

/// All events given, by their keys.
pub(super) struct Events<'r> {
    pub(super) rules: &'r Rules,
    pub(super) all: Vec<Given>,
    pub(super) sources: BTreeSet<String>,
    by_key: HashMap<Hash, usize>,
    /// How many cancels an event has.
    cancels: HashMap<usize, usize>,
}

/// An event in the terms of the rules.
#[derive(Clone, Copy)]
pub(super) struct Admitted {
    pub(super) kind: KindId,
    pub(super) money: Option<(AssetId, i128)>,
}

impl<'r> Events<'r> {
    /// Takes the events in; what is not comparable is found.
    pub(super) fn collect(
        rules: &'r Rules,
        mine: &mut dyn Iterator<Item = MyEvent>,
        report: &mut Report,
    ) -> Self {
        let mut events = Self {
            rules,
            all: Vec::new(),
            sources: BTreeSet::new(),
            by_key: HashMap::new(),
            cancels: HashMap::new(),
        };
        for (number, MyEvent { canonical }) in mine.enumerate() {
            events.take(number, canonical, report);
        }
        events.count_cancels();
        events
    }

    fn take(&mut self, number: usize, canonical: Vec<u8>, report: &mut Report) {
        let Ok(event) = EventView::decode(&canonical) else {
            let text = format!("given event {} is not a canonical event", number + 1);
            return report.error("E6086", text);
        };
        if event.operator != self.rules.operator {
            let text = format!("given event {} is of {}", name(&event), event.operator);
            return report.error("E6086", text);
        }
        let (key, content) = (key_hash(event.source, event.id), content_hash(&canonical));
        match self.by_key.get(&key) {
            Some(at) if self.all[*at].content == content => {}
            Some(_) => report.error("E6087", format!("{} is given twice", name(&event))),
            None => {
                if !self.sources.contains(event.source) {
                    self.sources.insert(event.source.to_owned());
                }
                self.by_key.insert(key, self.all.len());
                self.all.push(Given { canonical, key, content });
            }
        }
    }

    fn count_cancels(&mut self) {
        for at in 0..self.all.len() {
            let event = self.view(at);
            let Ok(admitted) = admit(self.rules, &event) else { continue };
            let reference = &self.rules.kinds[usize::from(admitted.kind)].reference;
            if let (Reference::Cancels(_), Some(target)) = (reference, self.target(&event)) {
                *self.cancels.entry(target).or_default() += 1;
            }
        }
    }

    /// The event at a place.
    pub(super) fn view(&self, at: usize) -> EventView<'_> {
        EventView::decode(&self.all[at].canonical).expect("it was decoded when it was taken in")
    }

    /// The place of the event that `event` refers to.
    pub(super) fn target(&self, event: &EventView<'_>) -> Option<usize> {
        let to = event.reference?;
        self.by_key.get(&key_hash(to.source, to.id)).copied()
    }

    /// What becomes of the event at a place.
    pub(super) fn fate(&self, at: usize) -> Fate {
        self.fate_within(at, DEPTH_MAX)
    }

    fn fate_within(&self, at: usize, depth: usize) -> Fate {
        let event = self.view(at);
        let Ok(admitted) = admit(self.rules, &event) else { return Fate::Never };
        if event.reference.is_none() {
            return Fate::Posts(Posts::Legs);
        }
        let reference = &self.rules.kinds[usize::from(admitted.kind)].reference;
        let kinds = match reference {
            Reference::None => return Fate::Never,
            Reference::Optional(kinds) | Reference::Required(kinds) | Reference::Cancels(kinds) => {
                kinds
            }
        };
        let cancels = matches!(reference, Reference::Cancels(_));
        let Some(target) = self.target(&event) else {
            return Fate::Unsure((!cancels).then_some(Posts::Legs));
        };
        let posts = if cancels { Posts::Reversal(target) } else { Posts::Legs };
        let Some(depth) = depth.checked_sub(1) else { return Fate::Unsure(None) };
        let original = self.view(target);
        let Ok(found) = admit(self.rules, &original) else { return Fate::Never };
        let same_money = admitted.money.is_none() || admitted.money == found.money;
        if !kinds.contains(&found.kind) || (cancels && !same_money) {
            return Fate::Never;
        }
        match self.fate_within(target, depth) {
            Fate::Never => Fate::Never,
            Fate::Unsure(_) => Fate::Unsure(Some(posts)),
            // Which of several cancels came first, only the operator knows.
            Fate::Posts(_) if cancels && self.cancels.get(&target).is_some_and(|&n| n > 1) => {
                Fate::Unsure(Some(posts))
            }
            Fate::Posts(_) => Fate::Posts(posts),
        }
    }
}

/// `source/id`, as findings name events.
pub(super) fn name(event: &EventView<'_>) -> String {
    format!("{}/{}", event.source, event.id)
}

/// What of the stages of verification can be repeated without knowing when an event arrived.
pub(super) fn admit(rules: &Rules, event: &EventView<'_>) -> Result<Admitted, Reject> {
    let require = |holds, otherwise| if holds { Ok(()) } else { Err(otherwise) };
    let source = rules.source(event.source).ok_or(Reject::SourceUnknown)?;
    let source = &rules.sources[usize::from(source)];
    let id = rules.kind(event.kind).ok_or(Reject::KindUnknown)?;
    require(source.kinds.is_empty() || source.kinds.contains(&id), Reject::KindUnknown)?;
    let kind = &rules.kinds[usize::from(id)];
    for dim in event.dims() {
        rules.dim(dim.name).ok_or(Reject::DimensionUndeclared)?;
    }
    for dim in kind.dims_required.iter().map(|dim| &rules.dims[usize::from(*dim)]) {
        let present = dim.personal || event.dim(&dim.name).is_some();
        require(present, Reject::DimensionMissing)?;
    }
    let cancels = matches!(kind.reference, Reference::Cancels(_));
    require(event.amount.is_some() || cancels, Reject::AmountMissing)?;
    let needs = cancels || matches!(kind.reference, Reference::Required(_));
    require(event.reference.is_some() || !needs, Reject::ReferenceMissing)?;
    require(event.occurred_at >= source.earliest, Reject::OccurredOutside)?;
    if let Some(to) = event.reference {
        require((to.source, to.id) != (event.source, event.id), Reject::ReferenceSelf)?;
    }
    let mut money = None;
    if let (Some(amount), Some(code)) = (event.amount, event.asset) {
        let asset = rules.asset(code).ok_or(Reject::AssetUnknown)?;
        let minor = rules.assets[usize::from(asset)].minor(amount);
        let minor = minor.map_err(|_| Reject::Precision)?;
        require(minor.unsigned_abs() <= AMOUNT_MINOR_MAX, Reject::AmountRange)?;
        let allowed = match kind.sign {
            Sign::Positive => minor > 0,
            Sign::NonNegative => minor >= 0,
            Sign::Any => true,
        };
        require(allowed, Reject::Sign)?;
        money = Some((asset, minor));
    }
    Ok(Admitted { kind: id, money })
}
