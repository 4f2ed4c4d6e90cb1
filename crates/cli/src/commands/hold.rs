//! `saldo hold` and `saldo release`: lines of statements held out of payment, and released.
//!
//! JSON: `{"agreement","period","line","amount","asset","held","reason","to_pay"}`; `held` says
//! whether the line is held now, `to_pay` is what is payable less all that is held.

use super::{Ended, Globals, Outcome};
use crate::args::keep::Hold;
use crate::output::{self, Plain, amount};
use node::engine::effect::Holding;
use node::{Purpose, clock};
use serde_json::json;

/// Holds a line.
pub fn hold(globals: &Globals, args: Hold) -> Outcome {
    change(globals, args, true)
}

/// Releases a line.
pub fn release(globals: &Globals, args: Hold) -> Outcome {
    change(globals, args, false)
}

fn change(globals: &Globals, args: Hold, hold: bool) -> Outcome {
    let mut session = globals.open(Purpose::Change)?;
    let Hold { agreement, period, line, reason, format } = args;
    // A line's id ends with its path.
    let line = line
        .split_once('/')
        .filter(|(id, _)| id.contains(':'))
        .map_or(line.clone(), |(_, path)| path.to_owned());
    let holding = Holding { agreement, period, line, reason };
    let (at, author) = (clock::now_nanos(), clock::author());
    let engine = &mut session.operator.engine;
    if hold {
        engine.hold(holding.clone(), at, &author)?;
    } else {
        engine.release(holding.clone(), at, &author)?;
    }
    let settled = engine.settled(&holding.agreement, &holding.period)?;
    let asset = settled.statement.asset.clone();
    let shown = |minor| amount(minor, asset.scale);
    let moved = shown(settled.held_by(&holding.line));
    let held: i128 =
        engine.held(&holding.agreement, &holding.period)?.iter().map(|held| held.minor).sum();
    let to_pay = node::paper::to_pay(&settled.statement, held);
    session.checkpoint()?;
    let Holding { agreement, period, line, reason } = holding;
    let code = asset.code;
    if format == Plain::Json {
        let document = json!({
            "agreement": agreement,
            "period": period,
            "line": line,
            "amount": moved,
            "asset": code,
            "held": hold,
            "reason": reason,
            "to_pay": to_pay,
        });
        output::json(&document)?;
    } else {
        let word = if hold { "held out of payment" } else { "released" };
        output::text(&format!(
            "{agreement} {period} {line}: {moved} {code} {word}; to be paid now: {to_pay} {code}\n"
        ))?;
    }
    Ok(Ended::Done)
}
