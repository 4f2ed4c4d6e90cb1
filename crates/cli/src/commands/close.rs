//! `saldo close`: a period of one agreement, or of every agreement with such periods.
//!
//! JSON: `[{"agreement","period","new","position","payable","asset","from","to","statement"}]`;
//! `new` is false when the period was closed before. A close that is blocked is not among them: it
//! is told on stderr, and the exit code is 1.

use super::{Ended, Globals, Outcome};
use crate::args::make::Close;
use crate::errors::{Failure, NOTHING_TO_CLOSE};
use crate::output::{self, Plain, talk};
use node::engine::EngineError;
use node::settle::statement::money;
use node::settle::{Period, Rule, Statement};
use node::{Purpose, Session, clock};
use serde_json::json;

/// Closes, and says what each statement comes to.
pub fn run(globals: &Globals, args: &Close) -> Outcome {
    let period: Period = args.period.parse()?;
    let mut session = globals.open(Purpose::Change)?;
    let agreements = match &args.agreement {
        Some(name) => vec![name.clone()],
        None => agreements(&session, period)?,
    };
    let text = period.to_string();
    let (mut closed, mut ended) = (Vec::new(), Ended::Done);
    session.operator.engine.read_ahead(&agreements, &text)?;
    for agreement in agreements {
        let (at, author) = (clock::now_nanos(), clock::author());
        let done = session.operator.engine.close(&agreement, &text, at, &author);
        // What was closed before stays closed, and is made durable whatever comes.
        let (result, new) = match done {
            Ok(done) => done,
            Err(blocked @ EngineError::Blocked(_)) => {
                talk(format!("{agreement} {text}: {}", Failure::from(blocked).told().trim_end()));
                ended = Ended::Found;
                continue;
            }
            Err(error) => {
                session.checkpoint()?;
                return Err(error.into());
            }
        };
        if new && at < result.span.end {
            talk(early(&agreement, &text, (at, result.span.end)));
        }
        closed.push((Statement::parse(&result.body)?, result.position, new));
    }
    session.checkpoint()?;
    let rows = closed.iter().map(|(statement, position, new)| {
        json!({
            "agreement": statement.agreement,
            "period": text,
            "new": new,
            "position": position,
            "payable": money(statement.payable, statement.asset.scale),
            "asset": statement.asset.code,
            "from": statement.from,
            "to": statement.to,
            "statement": statement.id(),
        })
    });
    if args.format == Plain::Json {
        output::json(&rows.collect())?;
        return Ok(ended);
    }
    for (statement, _, new) in &closed {
        let payable = money(statement.payable, statement.asset.scale);
        let (asset, from, to) = (&statement.asset.code, &statement.from, &statement.to);
        let how = if *new { "closed" } else { "was closed before" };
        let name = &statement.agreement;
        output::text(&format!("{name} {text}: {how}; {from} pays {to} {payable} {asset}\n"))?;
    }
    Ok(ended)
}

/// A warning: the period ends only after now (both nanoseconds UTC).
fn early(agreement: &str, period: &str, (now, end): (i64, i64)) -> String {
    let (now, end) = (clock::show_time(now), clock::show_time(end));
    format!(
        "warning: {agreement} {period} is closed before it is over: it is {now}, and it ends at \
         {end}; what comes for it from now on is late"
    )
}

/// The agreements in force for the whole of the period whose periods are of its kind.
fn agreements(session: &Session, period: Period) -> Result<Vec<String>, Failure> {
    let books = &session.operator.engine.state().books;
    let known = books.current().map(|book| book.compiled.agreements.as_slice()).unwrap_or_default();
    let mut names = Vec::new();
    for agreement in known.iter().filter(|agreement| agreement.period == period.kind()) {
        let span = agreement.span(period)?;
        let holds = agreement.effective.start <= span.start && span.end <= agreement.effective.end;
        if holds && !names.contains(&agreement.name) {
            names.push(agreement.name.clone());
        }
    }
    if names.is_empty() {
        let kinds = known.iter().map(|a| format!("{} by {}", a.name, a.period.word()));
        let mut kinds: Vec<String> = kinds.collect();
        kinds.dedup();
        return Err(Failure::said(NOTHING_TO_CLOSE, kinds.join(", ")));
    }
    // Those that net others come after what they net.
    let nets = |name: &String| {
        let own = known.iter().filter(|agreement| agreement.name == *name);
        own.flat_map(|agreement| &agreement.steps).any(|step| matches!(step.rule, Rule::Net(_)))
    };
    names.sort_by_key(nets);
    Ok(names)
}
