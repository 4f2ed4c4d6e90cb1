//! `saldo balance`: what agreements stand at, from the ledger.
//!
//! JSON: `[{"agreement","from","to","asset","payable","receivable","held","to_pay","reserve",
//! "carry","advance","tax"}]`, ascending by agreement and asset; CSV has the same columns. Of
//! `payable` and `receivable` (to and from the operator) the one that the agreement does not have
//! is null; both are what is open with what is held, `to_pay` without it.

use super::{Ended, Globals, Outcome};
use crate::args::ask::Balance as Args;
use crate::output::{Column, Rows, amount};
use node::Purpose;
use node::settle::Owed;
use node::settle::effect::Part;
use serde_json::json;

/// Shows the balances.
pub fn run(globals: &Globals, args: &Args) -> Outcome {
    let session = globals.open(Purpose::Read)?;
    let engine = &session.operator.engine;
    let mut balances = engine.balances()?;
    balances.retain(|balance| {
        let named = args.agreement.as_ref().is_none_or(|name| *name == balance.agreement);
        let of_party = args.party.as_ref().is_none_or(|name| {
            balance.parties.as_ref().is_some_and(|(from, to)| name == from || name == to)
        });
        named && of_party
    });
    let (mut cells, mut json) = (Vec::new(), Vec::new());
    for balance in &balances {
        let scale = engine.asset_scale(&balance.asset);
        let shown = |minor| amount(minor, scale);
        let open = shown(balance.running + balance.held);
        let (payable, receivable) = match balance.owed {
            Owed::Payable => (Some(open), None),
            Owed::Receivable => (None, Some(open)),
        };
        let (from, to) = balance.parties.clone().unzip();
        let of = |part| shown(balance.part(part));
        let (held, to_pay) = (shown(balance.held), shown(balance.running));
        let rest = [Part::Reserve, Part::Carry, Part::Advance, Part::Tax].map(of);
        json.push(json!({
            "agreement": balance.agreement,
            "from": from,
            "to": to,
            "asset": balance.asset,
            "payable": payable,
            "receivable": receivable,
            "held": held,
            "to_pay": to_pay,
            "reserve": rest[0],
            "carry": rest[1],
            "advance": rest[2],
            "tax": rest[3],
        }));
        let own = [balance.agreement.clone(), from.unwrap_or_default(), to.unwrap_or_default()];
        let open = [payable.unwrap_or_default(), receivable.unwrap_or_default(), held, to_pay];
        let asset = [balance.asset.clone()];
        cells.push(own.into_iter().chain(asset).chain(open).chain(rest).collect());
    }
    let texts = ["agreement", "from", "to", "asset"].map(Column::text);
    let numbers = ["payable", "receivable", "held", "to_pay", "reserve", "carry", "advance", "tax"];
    let columns = texts.into_iter().chain(numbers.map(Column::number)).collect();
    Rows { columns, cells, json: json.into() }.print(args.format)?;
    Ok(Ended::Done)
}
