//! Changes as documents: one shape, whoever is told.

use api::changes::{Change, Detail};
use node::clock::show_time;
use node::engine::query::{self, Datum};

/// A change of an operator as a document; for a party, without the others that see it.
pub fn told(operator: &str, change: query::Change, party: Option<&str>) -> Change {
    let query::Cursor { position, place } = change.cursor;
    let mut parties = change.parties;
    parties.retain(|other| party.is_none_or(|party| party == other));
    let data = change.data.into_iter().map(|(name, datum)| (name.to_owned(), detail(datum)));
    Change {
        id: format!("chg_{operator}_{position}_{place}"),
        cursor: change.cursor.to_string(),
        kind: change.kind.name().to_owned(),
        timestamp: show_time(change.at),
        subject: change.subject,
        trace_id: change.trace.map(|trace| trace.to_string()),
        parties,
        data: data.collect(),
    }
}

fn detail(datum: Datum) -> Detail {
    match datum {
        Datum::Text(text) => Detail::Text(text),
        Datum::Number(number) => Detail::Number(number),
        Datum::Time(at) => Detail::Text(show_time(at)),
        Datum::Flag(flag) => Detail::Flag(flag),
    }
}
