//! Times as files spell them, to nanoseconds UTC. A time that its zone skips or repeats is
//! refused: which instant was meant is not said.

use super::number;
use crate::failure::Failure;
use book::mapping::{TimeFormat, Times};
use jiff::fmt::strtime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use ledger::Decimal;

/// Reads times by the formats of one mapping.
pub(crate) struct Clock<'m> {
    formats: &'m [TimeFormat],
    zone: Option<TimeZone>,
}

impl<'m> Clock<'m> {
    pub(crate) fn new(times: &'m Times) -> Self {
        let zone = times.zone.as_deref().and_then(|zone| TimeZone::get(zone).ok());
        Self { formats: &times.formats, zone }
    }

    /// The instant that `text` names.
    pub(crate) fn read(&self, text: &str) -> Result<i64, Failure> {
        let mut failure = Failure::form("`occurred_at` is in none of the declared time formats");
        for format in self.formats {
            let read = match format {
                TimeFormat::Rfc3339 => crate::time::rfc3339(text.as_bytes()),
                TimeFormat::Unix { unit_nanos } => unix(text, *unit_nanos),
                TimeFormat::Pattern(pattern) => match self.pattern(pattern, text) {
                    Ok(read) => read,
                    Err(found) => {
                        failure = found;
                        None
                    }
                },
            };
            if let Some(nanos) = read {
                return Ok(nanos);
            }
        }
        Err(failure)
    }

    fn pattern(&self, pattern: &str, text: &str) -> Result<Option<i64>, Failure> {
        let Ok(broken) = strtime::parse(pattern, text) else { return Ok(None) };
        if broken.offset().is_some() || broken.iana_time_zone().is_some() {
            let timestamp = broken.to_timestamp().ok();
            return Ok(timestamp.and_then(|at| i64::try_from(at.as_nanosecond()).ok()));
        }
        let Ok(civil) = broken.to_datetime() else { return Ok(None) };
        let Some(zone) = &self.zone else {
            return Err(Failure::form("`occurred_at` states no offset and the mapping no zone"));
        };
        let ambiguous = zone.to_ambiguous_timestamp(civil);
        let reason = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { offset } => {
                let timestamp = offset.to_timestamp(civil).ok();
                return Ok(timestamp.and_then(|at| i64::try_from(at.as_nanosecond()).ok()));
            }
            AmbiguousOffset::Gap { .. } => "does not exist in its zone: clocks went forward",
            AmbiguousOffset::Fold { .. } => "exists twice in its zone: clocks went back",
        };
        Err(Failure::form(format!("`occurred_at` {reason}")))
    }
}

fn unix(text: &str, unit_nanos: i64) -> Option<i64> {
    let unit = Decimal::from_minor(i128::from(unit_nanos), 0);
    let nanos = number::native(text)?.checked_mul(unit).ok()?.to_minor(0).ok()?;
    i64::try_from(nanos).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(formats: &[&str], zone: Option<&str>, text: &str) -> Result<i64, String> {
        let format = |format: &&str| match *format {
            "rfc3339" => TimeFormat::Rfc3339,
            "unix_ms" => TimeFormat::Unix { unit_nanos: 1_000_000 },
            pattern => TimeFormat::Pattern(pattern.to_owned()),
        };
        let formats = formats.iter().map(format).collect();
        let times = Times { formats, zone: zone.map(str::to_owned) };
        let read = Clock::new(&times).read(text);
        read.map(|nanos| nanos / 1_000_000).map_err(|failure| failure.reason)
    }

    #[test]
    fn formats_and_zones() {
        let pattern = &["%Y-%m-%d %H:%M:%S"][..];
        let berlin = Some("Europe/Berlin");
        for (formats, zone, text, expected) in [
            (&["rfc3339"][..], None, "2016-11-20T19:44:19Z", Ok(1_479_671_059_000)),
            (&["unix_ms"], None, "1593084414016", Ok(1_593_084_414_016)),
            (&["unix_ms"], None, "1.5930844140165e12", Ok(1_593_084_414_016)),
            (pattern, Some("UTC"), "2017-07-09 21:57:05", Ok(1_499_637_425_000)),
            (pattern, Some("Asia/Seoul"), "2017-07-09 21:57:05", Ok(1_499_605_025_000)),
            (&["%d.%m.%Y"], Some("UTC"), "09.07.2017", Ok(1_499_558_400_000)),
            (&["%Y-%m-%d %H:%M %z"], None, "2017-07-09 21:57 +0900", Ok(1_499_605_020_000)),
            (&["rfc3339", "%d/%m/%Y"], Some("UTC"), "09/07/2017", Ok(1_499_558_400_000)),
            (pattern, berlin, "2017-03-26 02:30:00", Err("went forward")),
            (pattern, berlin, "2017-10-29 02:30:00", Err("went back")),
            (pattern, Some("UTC"), "2017-07-09", Err("none of the declared")),
            (&["unix_ms"], None, "", Err("none of the declared")),
        ] {
            match (check(formats, zone, text), expected) {
                (Ok(millis), Ok(wanted)) => assert_eq!(millis, wanted, "{text}"),
                (Err(reason), Err(part)) => assert!(reason.contains(part), "{text}: {reason}"),
                (found, wanted) => panic!("{text}: {found:?}, not {wanted:?}"),
            }
        }
    }
}
