//! The events, skips and controls of a mapping, compiled.

use super::code::EVENT_FIELD;
use super::compile::Compiler;
use super::file::{ControlFile, EventFile, MappingFile, SkipFile};
use super::{Control, EventRule, Skip};
use crate::code::{BAD_NAME, UNKNOWN_NAME};
use crate::diagnostic::{Place, Placed};
use crate::suggest;

impl Compiler<'_, '_> {
    pub(super) fn skip(&mut self, skip: &SkipFile) -> Option<Skip> {
        Some(Skip { when: self.condition(&skip.when)?, reason: skip.reason.clone() })
    }

    /// Everything is compiled before anything is given up, so that every mistake is found.
    pub(super) fn event(
        &mut self,
        file: &MappingFile,
        event: &Placed<EventFile>,
    ) -> Option<EventRule> {
        let (place, event) = (event.place, &event.value);
        let when = event.when.as_ref().map(|when| self.condition(when));
        let kind = self.template(&event.kind);
        let id = self.template(&event.id);
        let occurred_at = event.occurred_at.as_ref().or(file.occurred_at.as_ref());
        let occurred_at = match occurred_at {
            Some(template) => self.template(template),
            None => self.lacks(place, "the event has no `occurred_at`"),
        };
        let amount = event.amount.as_ref().map(|amount| self.number(amount));
        let asset = event.asset.as_ref().or(file.asset.as_ref().filter(|_| amount.is_some()));
        let asset = asset.map(|asset| self.template(asset));
        if amount.is_some() != asset.is_some() {
            self.lacks::<()>(place, "amount and asset must come together");
        }
        let dims = self.dims(file, event);
        let reference = event.reference.as_ref().map(|template| self.template(template));
        let source = event.ref_source.as_ref().map(|template| self.template(template));
        if source.is_some() && reference.is_none() {
            self.lacks::<()>(place, "`ref_source` without `ref` refers to nothing");
        }
        if let Some(constant) = kind.as_ref().and_then(|kind| kind.constant())
            && !ledger::name::is_word(constant.as_bytes())
        {
            self.report(BAD_NAME, event.kind.place, format!("`{constant}` is no kind"), "");
        }
        Some(EventRule {
            when: all_or_none(when)?,
            kind: kind?,
            id: id?,
            occurred_at: occurred_at?,
            amount: all_or_none(amount)?,
            asset: all_or_none(asset)?,
            dims,
            reference: all_or_none(reference)?,
            reference_source: all_or_none(source)?,
        })
    }

    fn dims(&mut self, file: &MappingFile, event: &EventFile) -> Vec<(String, super::Template)> {
        let own = |name: &str| event.dims.names().any(|own| own == name);
        let shared = file.dims.sound().filter(|(name, _)| !own(&name.value));
        let mut dims = Vec::new();
        for (name, formula) in shared.chain(event.dims.sound()) {
            if !ledger::name::is_word(name.value.as_bytes()) {
                let message = format!("`{}` is no name of a dimension", name.value);
                self.report(BAD_NAME, name.place, message, BAD_NAME.hint);
            }
            if let Some(template) = self.template(formula) {
                dims.push((name.value.clone(), template));
            }
        }
        dims
    }

    fn lacks<T>(&mut self, place: Place, message: &str) -> Option<T> {
        self.report(EVENT_FIELD, place, message.to_owned(), EVENT_FIELD.hint);
        None
    }

    pub(super) fn control(
        &mut self,
        control: &ControlFile,
        rules: &[EventRule],
    ) -> Option<Control> {
        let known: Vec<&str> = rules.iter().filter_map(|rule| rule.kind.constant()).collect();
        for kind in &control.kinds {
            if !rules.is_empty() && known.len() == rules.len() && !known.contains(&kind.as_str()) {
                let message = format!("no event of this mapping has the kind `{kind}`");
                let hint = suggest::hint(kind, known.iter().copied());
                self.report(UNKNOWN_NAME, control.equals.place, message, &hint);
            }
        }
        let equals = self.number(&control.equals);
        let when = control.when.as_ref().map(|when| self.condition(when));
        let per = control.per.as_ref().map(|per| self.template(per));
        Some(Control {
            name: control.name.clone(),
            kinds: control.kinds.clone(),
            equals: equals?,
            when: all_or_none(when)?,
            per: all_or_none(per)?,
        })
    }
}

/// Absent stays absent; what was there and is broken is `None` as a whole.
#[allow(clippy::option_option)] // three cases are meant: absent, broken, sound
fn all_or_none<T>(compiled: Option<Option<T>>) -> Option<Option<T>> {
    match compiled {
        None => Some(None),
        Some(None) => None,
        Some(some) => Some(some),
    }
}
