//! Names of the parts of a step that goes by groups.

use ledger::Decimal;

/// One name from the values of a group, which none but these values give: what separates them is
/// escaped where it stands in a value.
pub(crate) fn part_name<'a>(values: impl IntoIterator<Item = &'a str>) -> String {
    let escaped = |value: &str| value.replace('%', "%25").replace('/', "%2F");
    values.into_iter().map(escaped).collect::<Vec<_>>().join("/")
}

/// The one value that all of them are; `None` where they differ or there is none.
pub(crate) fn common(values: impl IntoIterator<Item = Decimal>) -> Option<Decimal> {
    let mut values = values.into_iter();
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}
