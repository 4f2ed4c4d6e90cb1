//! Notices: fixes and late facts that changed a period, and the corrections of it.

use super::{amount, period};
use crate::scope::{Scope, names_one_of};
use api::periods::{CommandNotice, CorrectionNotice, Moved, Notices};
use node::NodeError;
use node::clock::{now_nanos, show_time};
use node::engine::Engine;
use node::engine::query::{self, PeriodNotices};
use std::collections::BTreeSet;

/// The notices of an agreement, or of one period of it, without the names of other counterparties.
///
/// # Errors
/// A failing port.
pub fn of(
    engine: &Engine,
    scope: &Scope,
    name: &str,
    period: Option<&str>,
) -> Result<Vec<Notices>, NodeError> {
    let found = engine.notices(name, period)?;
    let Some(book) = engine.state().books.current() else { return Ok(Vec::new()) };
    let others = scope.others(book);
    let seen = period::periods(engine, scope, name, &period::Which::all(now_nanos()))?;
    let seen: BTreeSet<String> = seen.into_iter().map(|period| period.period).collect();
    let seen = |notices: &&PeriodNotices| {
        scope.party().is_none() || seen.contains(notices.period.as_str())
    };
    let teller = Teller { engine, scope, others };
    let found = found.iter().filter(seen);
    Ok(found.map(|notices| teller.notices(name, notices)).collect())
}

/// Tells notices without the names of other counterparties.
struct Teller<'e> {
    engine: &'e Engine,
    scope: &'e Scope,
    others: BTreeSet<&'e str>,
}

impl Teller<'_> {
    fn notices(&self, agreement: &str, notices: &PeriodNotices) -> Notices {
        Notices {
            agreement: agreement.to_owned(),
            period: notices.period.clone(),
            commands: notices.commands.iter().map(|notice| self.command(notice)).collect(),
            corrections: notices.corrections.iter().map(correction).collect(),
        }
    }

    fn command(&self, notice: &query::CommandNotice) -> CommandNotice {
        let hidden = self.scope.is_of_another(self.engine, &notice.event.0);
        let given = |text: &String| (!text.is_empty() && !hidden).then(|| text.clone());
        let named = |text: &String| if hidden { "*".to_owned() } else { text.clone() };
        let moved = notice.moved.iter().map(|((account, asset), minor)| Moved {
            account: if names_one_of(account, &self.others) { "*" } else { account }.to_owned(),
            asset: asset.clone(),
            amount: amount(*minor, self.engine.asset_scale(asset)),
        });
        CommandNotice {
            position: notice.position,
            sequence: notice.sequence,
            at: show_time(notice.at),
            by: notice.author.clone(),
            command: notice.command.to_owned(),
            reason: given(&notice.reason),
            source: named(&notice.event.0),
            event: named(&notice.event.1),
            before: given(&notice.before),
            after: given(&notice.after),
            moved: moved.collect(),
            late: notice.late,
            correction: notice.correction.clone(),
        }
    }
}

fn correction(notice: &query::CorrectionNotice) -> CorrectionNotice {
    CorrectionNotice {
        line: notice.line.clone(),
        corrects: notice.corrects.clone(),
        was: notice.change.0.clone(),
        now: notice.change.1.clone(),
        asset: notice.asset.clone(),
        closed_at: show_time(notice.at),
    }
}
