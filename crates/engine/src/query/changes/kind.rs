//! What may change, by the names that everybody uses.

use ledger::Outcome;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What changed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum ChangeKind { $($(#[$doc])* $name),* }

        impl ChangeKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

kinds! {
    /// An event was posted, at once or by a command.
    EventPosted = "event.posted";
    /// An event waits for what it refers to.
    EventWaiting = "event.waiting";
    /// An event, or a row that is none, is kept for a person.
    EventQuarantined = "event.quarantined";
    /// An event that waited was posted.
    EventReleased = "event.released";
    /// Something was turned away at the door.
    EventRefused = "event.refused";
    /// One id has two contents.
    ContestOpened = "contest.opened";
    /// A person named the content that counts.
    ContestResolved = "contest.resolved";
    /// A quarantined record was replaced by a corrected event.
    QuarantineFixed = "quarantine.fixed";
    /// A quarantined record was verified again.
    QuarantineReplayed = "quarantine.replayed";
    /// A batch's stated total differs from its rows.
    ControlDiffers = "control.differs";
    /// The book was changed.
    BookApplied = "book.applied";
    /// Both sides signed a version of an agreement.
    AgreementSigned = "agreement.signed";
    /// A period of an agreement was closed: its statement is there.
    PeriodClosed = "period.closed";
    /// A line of a statement is held out of payment.
    LineHeld = "line.held";
    /// A line that was held is paid.
    LineReleased = "line.released";
    /// A tax invoice was made.
    InvoiceMade = "invoice.made";
    /// A tax invoice was amended.
    InvoiceAmended = "invoice.amended";
    /// Both roads of the ledger were compared.
    LedgerVerified = "ledger.verified";
    /// A credential was made, changed or revoked.
    CredentialChanged = "credential.changed";
    /// Another key signs tokens.
    TokenKeyChanged = "token-key.changed";
    /// Requests of a known credential were denied.
    AccessDenied = "access.denied";
    /// People signed in or out, or credentials were shown that do not hold.
    AccessTried = "access.tried";
    /// Raw rows are held: they are not dropped or erased.
    LegalHoldPlaced = "legal-hold.placed";
    /// Another key signs for the operator: everybody is told.
    OperatorKeyChanged = "operator-key.changed";
    /// A legal hold was lifted.
    LegalHoldLifted = "legal-hold.lifted";
    /// A schema was registered or deleted, or what may be registered was changed.
    SchemaChanged = "schema.changed";
}

impl ChangeKind {
    /// The kind of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// A set of kinds; by default all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u32);

impl Default for Kinds {
    fn default() -> Self {
        Self(u32::MAX)
    }
}

impl Kinds {
    /// The kinds of names, where `event.*` names all that begin so; all of them for no name. The
    /// name that is none where there is one.
    ///
    /// # Errors
    /// The first name that no kind has.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, &'a str> {
        let mut bits = 0;
        for name in names {
            let of = |kind: &ChangeKind| match name.strip_suffix('*') {
                Some(start) if start.ends_with('.') => kind.name().starts_with(start),
                _ => kind.name() == name,
            };
            let mut found = ChangeKind::ALL.iter().filter(|kind| of(kind)).peekable();
            if found.peek().is_none() {
                return Err(name);
            }
            bits = found.fold(bits, |bits, kind| bits | 1 << (*kind as u8));
        }
        Ok(if bits == 0 { Self::default() } else { Self(bits) })
    }

    /// Whether a kind is in it.
    pub fn has(self, kind: ChangeKind) -> bool {
        self.0 & 1 << (kind as u8) != 0
    }

    /// The same without what only those see who see the audit log.
    #[must_use]
    pub fn without_audit(self) -> Self {
        use ChangeKind::{AccessDenied, AccessTried};
        Self(self.0 & !(1 << (AccessDenied as u8)) & !(1 << (AccessTried as u8)))
    }

    /// Whether it has a kind that a record may become.
    pub(super) fn any_event(self) -> bool {
        use ChangeKind::{EventPosted, EventQuarantined, EventReleased, EventWaiting};
        [EventPosted, EventQuarantined, EventReleased, EventWaiting].iter().any(|k| self.has(*k))
    }

    /// Whether a record with this outcome number may be of a kind that is in it.
    pub(super) fn may_be(self, outcome: u8) -> bool {
        match Outcome::from_number(outcome) {
            Some(Outcome::Posted) => self.has(ChangeKind::EventPosted),
            Some(Outcome::Waiting) => self.has(ChangeKind::EventWaiting),
            Some(Outcome::Quarantined) => {
                self.has(ChangeKind::EventQuarantined) || self.has(ChangeKind::ContestOpened)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_one_by_one_or_by_what_they_begin_with() {
        use ChangeKind::{BookApplied, EventPosted, LineHeld, LineReleased};
        for (names, has, not) in [
            (vec![], vec![EventPosted, LineHeld], vec![]),
            (vec!["event.*"], vec![EventPosted], vec![LineHeld]),
            (vec!["line.held", "line.*"], vec![LineHeld, LineReleased], vec![EventPosted]),
            (vec!["line.held", "line.held"], vec![LineHeld], vec![BookApplied]),
        ] {
            let kinds = Kinds::named(names.clone());
            let kinds = kinds.unwrap_or(Kinds(0));
            assert!(has.iter().all(|kind| kinds.has(*kind)), "{names:?}");
            assert!(!not.iter().any(|kind| kinds.has(*kind)), "{names:?}");
        }
        let kinds = Kinds::default().without_audit();
        let seen = ChangeKind::ALL.iter().filter(|kind| kinds.has(**kind)).count();
        assert_eq!(seen, ChangeKind::ALL.len() - 2);
        assert!(!kinds.has(ChangeKind::AccessDenied) && !kinds.has(ChangeKind::AccessTried));
        for wrong in ["", "*", "event", "ev*", "event.*.x", "payout.sent"] {
            assert_eq!(Kinds::named([wrong]), Err(wrong));
        }
        assert!(ChangeKind::ALL.len() <= 32, "more kinds than bits");
    }
}
