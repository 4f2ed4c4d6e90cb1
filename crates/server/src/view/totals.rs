//! Totals of accounts, a page at a time.

use super::amount;
use super::page::Cut;
use crate::scope::Scope;
use api::figures::{Page, TotalRow};
use node::NodeError;
use node::engine::Engine;
use node::engine::live::Asked;
use node::ledger::Total;
use node::ledger::account::Pattern;

/// One account's sums as a document.
pub fn row(engine: &Engine, path: &str, asset: &str, total: Total) -> TotalRow {
    let scale = engine.asset_scale(asset);
    TotalRow {
        account: path.to_owned(),
        asset: asset.to_owned(),
        debit: amount(total.debit, scale),
        credit: amount(total.credit, scale),
        count: total.count,
    }
}

/// The totals between two times (nanoseconds UTC, on quarters of an hour) that are seen, ascending
/// by account and asset. Of all accounts only those of a page are ever put together.
///
/// # Errors
/// When the Store cannot be read or a sum leaves 128 bits.
pub fn page(
    engine: &Engine,
    scope: &Scope,
    pattern: Option<&Pattern>,
    (from, to): (Option<i64>, Option<i64>),
    cut: &Cut,
) -> Result<Page<TotalRow>, NodeError> {
    let books = &engine.state().books;
    let Some(book) = books.current() else { return Ok(Page { items: Vec::new(), next: None }) };
    let seen = scope.accounts(book);
    let begin = cut.after.as_deref().map(read);
    let mut after = begin.map(|(path, asset)| (path.to_owned(), asset.to_owned()));
    let (mut found, most) = (Vec::new(), cut.limit.saturating_add(1));
    loop {
        let last = after.as_ref().map(|(path, asset)| (path.as_str(), asset.as_str()));
        let sums = engine.totals(&Asked { pattern, after: last, limit: Some(most) }, from, to)?;
        let (whole, end) = (sums.len() < most, sums.last());
        after = end.map(|sum| (sum.path.clone(), sum.asset.clone()));
        found.extend(sums.into_iter().filter(|sum| seen.sees(&sum.path, &sum.asset)));
        if whole || found.len() >= most {
            break;
        }
    }
    let rows = found.iter().map(|sum| row(engine, &sum.path, &sum.asset, sum.total));
    // What is before the page was left out above.
    let cut = Cut { after: None, limit: cut.limit };
    Ok(cut.page(rows, |row| format!("{} {}", row.account, row.asset)))
}

/// The path and asset of a cursor. No asset has a space in its code; a path may have one.
fn read(cursor: &str) -> (&str, &str) {
    cursor.rsplit_once(' ').unwrap_or((cursor, ""))
}
