//! Every command as it was given: who, when, what. Read from the Log, where the journal says that
//! one is.

use crate::block::Block;
use crate::control::{Command, Control};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::legal_hold::LegalHold;
use crate::port::Position;
use crate::streams::CONTROL;
use crate::trace::TraceId;

/// Most journal blocks that one page looks at: what it does not reach is for the next.
const BLOCKS_MAX: usize = 50_000;

/// Which commands to list.
#[derive(Clone, Debug, Default)]
pub struct CommandFilter {
    /// From this position on.
    pub start: Position,
    /// Not before this time, nanoseconds UTC.
    pub from: Option<i64>,
    /// Before this time.
    pub to: Option<i64>,
    /// Given by this author only.
    pub author: Option<String>,
    /// Of this kind only: [`Command::word`].
    pub kind: Option<String>,
    /// At most this many.
    pub limit: usize,
}

/// Commands in order of position.
#[derive(Clone, Debug, Default)]
pub struct CommandPage {
    /// What was found, and what each was given by.
    pub commands: Vec<(Position, Control, Option<TraceId>)>,
    /// Where the next page starts; none at the end.
    pub next: Option<Position>,
}

impl Engine {
    /// A page of the commands that were given.
    ///
    /// # Errors
    /// A failing port.
    pub fn commands(&self, filter: &CommandFilter) -> Result<CommandPage, EngineError> {
        let (mut positions, mut failed, mut looked) = (Vec::new(), None, 0usize);
        let mut next = None;
        self.store().blocks(filter.start, &mut |bytes| {
            match Block::stream_of(bytes) {
                Ok(CONTROL) => match Block::decode(bytes) {
                    Ok(block) if looked >= BLOCKS_MAX => next = Some(block.first),
                    Ok(block) => positions.push(block.first),
                    Err(error) => failed = Some(error),
                },
                Ok(_) => {}
                Err(error) => failed = Some(error),
            }
            looked += 1;
            failed.is_none() && next.is_none()
        })?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        let mut page = CommandPage { commands: Vec::new(), next };
        for position in positions.into_iter().filter(|position| *position >= filter.start) {
            let (control, trace) = self.traced_control(position)?;
            if !filter.accepts(&control) {
                continue;
            }
            if page.commands.len() >= filter.limit {
                page.next = Some(position);
                break;
            }
            page.commands.push((position, control, trace));
        }
        Ok(page)
    }
}

impl CommandFilter {
    fn accepts(&self, control: &Control) -> bool {
        self.from.is_none_or(|from| control.at >= from)
            && self.to.is_none_or(|to| control.at < to)
            && self.author.as_ref().is_none_or(|author| *author == control.author)
            && self.kind.as_ref().is_none_or(|kind| kind == control.command.word())
    }
}

impl Command {
    /// Its word, as people read it; by its number.
    pub fn word(&self) -> &'static str {
        match self.kind() {
            1 | 11 => "book",
            2 | 28 => "close",
            3 => "statement",
            4 | 16 => "resolve",
            5 => "replay",
            6 | 15 => "fix",
            7 => "forget",
            8 => "verify",
            9 => "refuse",
            10 => "control-total",
            12 => "hold",
            13 => "release",
            14 => "countersign",
            17 => "invoice",
            18 => "amend",
            20 => "access",
            21 => "deny",
            22 => "webhook",
            23 => "deliver",
            24 => "door",
            26 => "token-key",
            27 => "sign-in",
            29 => "legal-hold",
            30 => "operator-key",
            40 => "schema",
            _ => "other",
        }
    }

    /// What it is about, in a few words: an agreement and period, a record, an id; and why it was
    /// given, where that is recorded.
    pub fn about(&self) -> (String, String) {
        if let Self::LegalHold { hold } = self {
            let Ok(hold) = LegalHold::decode(hold) else { return Default::default() };
            let done = if hold.lifted { "lifted" } else { "placed" };
            let (id, subject, by) = (&hold.id, hold.subject(), &hold.ordered_by);
            return (format!("{id} {done} on {subject}, ordered by {by}"), hold.reason);
        }
        let (about, reason) = self.about_itself();
        (about, reason.to_owned())
    }

    fn about_itself(&self) -> (String, &str) {
        match self {
            Self::Book { revision, reason, .. } => (format!("revision {revision}"), reason),
            Self::Close { agreement, period, reason, .. } => {
                (format!("{agreement} {period}"), reason)
            }
            Self::Statement { agreement, period, .. } | Self::Invoice { agreement, period, .. } => {
                (format!("{agreement} {period}"), "")
            }
            Self::Resolve { later, reason, .. } => (format!("record {later}"), reason),
            Self::Replay { position } => (format!("record {position}"), ""),
            Self::Fix { position, reason, .. } => (format!("record {position}"), reason),
            Self::Verified { position, clean } => {
                let found = if *clean { "clean" } else { "a difference" };
                (format!("up to {position}: {found}"), "")
            }
            Self::Refused { source, code, count } => (format!("{count} of {source}: {code}"), ""),
            Self::ControlTotal { source, control, reason, .. } => {
                (format!("{source} {control}"), reason)
            }
            Self::Hold(holding) | Self::Release(holding) => {
                let (agreement, period) = (&holding.agreement, &holding.period);
                (format!("{agreement} {period} {}", holding.line), &holding.reason)
            }
            Self::Countersign { agreement, version, .. } => {
                (format!("{agreement} version {version}"), "")
            }
            Self::Amend { invoice, .. } => (invoice.clone(), ""),
            Self::Access { credential } => {
                let known = crate::access::Credential::decode(credential);
                (known.map(|known| format!("{} {}", known.role, known.id)).unwrap_or_default(), "")
            }
            Self::Denied { denied } => {
                let known = crate::access::Denied::decode(denied);
                let told = known.map(|known| {
                    let crate::access::Denied { asker, action, code, count, .. } = known;
                    format!("{count} of {asker}: {action} {code}")
                });
                (told.unwrap_or_default(), "")
            }
            _ => (self.about_door(), ""),
        }
    }

    /// The same of the service: keys, sign-ins, webhooks, schemas.
    fn about_door(&self) -> String {
        match self {
            Self::OperatorKey { note } => {
                let known = crate::operator_key::read(note);
                known.map(|known| known.new.to_string()).unwrap_or_default()
            }
            Self::SignIns { tried } => {
                let known = crate::access::SignIn::decode(tried).unwrap_or_default();
                let told: Vec<String> = known.iter().map(ToString::to_string).collect();
                told.join("; ")
            }
            Self::TokenKey { key } => {
                let known = crate::access::TokenKey::decode(key);
                known.map(|known| known.id).unwrap_or_default()
            }
            Self::Schema { change } => {
                let known = crate::schemas::Change::decode(change);
                known.map(|known| known.to_string()).unwrap_or_default()
            }
            Self::Webhook { endpoint } => {
                let known = crate::webhook::Endpoint::decode(endpoint);
                let told = known.map(|known| {
                    let removed = if known.removed { " removed" } else { "" };
                    format!("{} {}{removed}", known.id, known.url)
                });
                told.unwrap_or_default()
            }
            Self::Delivered { progress } => {
                let told = progress.iter().map(|one| {
                    format!("{} up to {}.{}", one.id, one.cursor.position, one.cursor.place)
                });
                told.collect::<Vec<_>>().join("; ")
            }
            _ => String::new(),
        }
    }
}
