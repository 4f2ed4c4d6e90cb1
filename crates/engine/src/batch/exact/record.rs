//! A record that is lived through: what it says, how it stands under its book revision, and what
//! has become of it.

use super::Checked;
use crate::batch::BatchCounts;
use crate::batch::facts::{Body, Fact};
use crate::batch::origin::Origins;
use crate::batch::sums::Booked;
use crate::error::EngineError;
use crate::port::Position;
use crate::stage;
use crate::wire::BadBytes;
use ledger::{EventView, Reject};

/// Source and id.
pub(super) type Key = (String, String);

/// What has become of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Posted.
    Posted,
    /// What it refers to is not posted.
    Lacking,
    /// Kept for a person.
    Quarantined,
    /// A repeat.
    Duplicate,
    /// Another record stands for it now and is counted in its place.
    Replaced,
}

impl State {
    /// The counter of the state.
    pub fn count(self, counts: &mut BatchCounts) -> Option<&mut u64> {
        match self {
            Self::Posted => Some(&mut counts.posted),
            Self::Lacking => Some(&mut counts.waiting),
            Self::Quarantined => Some(&mut counts.quarantined),
            Self::Duplicate => Some(&mut counts.duplicate),
            Self::Replaced => None,
        }
    }
}

/// One record.
#[derive(Debug)]
pub(super) struct Known {
    pub position: Position,
    pub source: String,
    /// The source whose counters count it; another one only for a correction.
    pub counted: String,
    pub received_at: i64,
    /// The book revision it stands under.
    pub revision: u32,
    pub body: Body,
    /// Its own key, when it is an event.
    pub key: Option<Key>,
    pub checked: Checked,
    /// Nothing before it arrived; a correction arrives with its command.
    pub state: Option<State>,
    /// What was posted for it.
    pub booked: Vec<Booked>,
}

impl Known {
    pub fn new(fact: Fact) -> Self {
        let key = event(&fact.body).ok().map(|event| (fact.source.clone(), event.id.to_owned()));
        Self {
            position: fact.position,
            counted: fact.source.clone(),
            source: fact.source,
            received_at: fact.received_at,
            revision: fact.revision,
            body: fact.body,
            key,
            checked: Err(Reject::Unreadable),
            state: None,
            booked: Vec::new(),
        }
    }

    /// Checks it under its revision.
    pub fn verify(&mut self, origins: &Origins<'_>) -> Result<(), EngineError> {
        if let Body::Event(_) = &self.body {
            let origin = origins.get(&self.source, self.revision)?;
            let event = event(&self.body)?;
            self.checked = stage::check(&origin.lookup, &event, origin.source_id, self.received_at);
        }
        Ok(())
    }

    /// What the check made of it.
    pub fn valid(&self) -> Result<&stage::Checked, EngineError> {
        let wrong = || EngineError::Form(format!("the record at {} is not valid", self.position));
        self.checked.as_ref().map_err(|_| wrong())
    }

    pub fn event(&self) -> Result<EventView<'_>, EngineError> {
        event(&self.body)
    }

    /// Its own key.
    pub fn own_key(&self) -> Result<Key, EngineError> {
        self.key.clone().ok_or_else(|| BadBytes.into())
    }

    /// The key that it refers to.
    pub fn target(&self) -> Result<Key, EngineError> {
        let to = self.event()?.reference.ok_or(BadBytes)?;
        Ok((to.source.to_owned(), to.id.to_owned()))
    }
}

/// The event of a body.
pub(super) fn event(body: &Body) -> Result<EventView<'_>, EngineError> {
    match body {
        Body::Event(canonical) => Ok(EventView::decode(canonical).map_err(|_| BadBytes)?),
        Body::Unreadable(_) => Err(BadBytes.into()),
    }
}
