//! The one place that asks what time it is.

use crate::NodeError;
use crate::code;
use std::time::{SystemTime, UNIX_EPOCH};

/// Now, in nanoseconds since 1970 UTC; 0 on a machine whose clock is before that.
pub fn now_nanos() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

/// The day of `nanos`: days since 1970 UTC.
pub fn day_of(nanos: i64) -> i32 {
    const DAY_NANOS: i64 = 86_400_000_000_000;
    i32::try_from(nanos.div_euclid(DAY_NANOS)).unwrap_or(i32::MAX)
}

/// Who gives the commands of this process: the account's name, for the record.
pub fn author() -> String {
    let named = ["SALDO_AUTHOR", "USER", "LOGNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()));
    named.unwrap_or_else(|| "unknown".to_owned())
}

/// Reads an instant (RFC 3339) or a date (its midnight UTC), nanoseconds since 1970.
///
/// # Errors
/// [`code::BAD_TIME`].
pub fn parse_time(text: &str) -> Result<i64, NodeError> {
    let instant: Result<jiff::Timestamp, _> = text.parse();
    let instant = instant.or_else(|_| {
        let date: jiff::civil::Date = text.parse()?;
        Ok(date.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp())
    });
    let bad = |what: String| NodeError::said(code::BAD_TIME, what);
    let instant = instant.map_err(|_: jiff::Error| bad(format!("`{text}`")))?;
    i64::try_from(instant.as_nanosecond()).map_err(|_| bad(format!("`{text}` is too far away")))
}

/// An instant as RFC 3339 in UTC.
pub fn show_time(nanos: i64) -> String {
    jiff::Timestamp::from_nanosecond(nanos.into())
        .map_or_else(|_| nanos.to_string(), |instant| instant.to_string())
}
