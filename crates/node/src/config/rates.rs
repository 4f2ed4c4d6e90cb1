//! How often each may ask: what holds where the file says nothing, with the reason, and what the
//! file says instead.

use crate::code;
use book::diagnostic::Reporter;
use book::read::{Fields, Read};
use book::yaml::Node;
use std::fmt::Write as _;

/// Most requests of a window: what one machine never answers.
pub const REQUESTS_MAX: u32 = 1_000_000_000;
/// Longest window, seconds: a day.
pub const SECONDS_MAX: u32 = 86_400;

/// How often something may be asked: `requests` at once, and as many in each window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Its name in the file and in the headers of answers.
    pub name: &'static str,
    /// Requests in a window, and at once.
    pub requests: u32,
    /// The window, seconds.
    pub seconds: u32,
}

/// The rates of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateSettings(pub [Rate; 10]);

/// What a rate is of: its place in [`RateSettings`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// A credential that brings events.
    Bring,
    /// A credential that reads.
    Read,
    /// A credential that gives commands.
    Command,
    /// All credentials of a party that bring events.
    PartyBring,
    /// All credentials of a party that read.
    PartyRead,
    /// All credentials of a party that give commands.
    PartyCommand,
    /// An address that shows no credential.
    Open,
    /// An address whose credentials do not hold.
    Failed,
    /// An address that tries passwords.
    Password,
    /// A person whose password is tried from around an address; ten times that from anywhere.
    Person,
}

const fn rate(name: &'static str, requests: u32, seconds: u32) -> Rate {
    Rate { name, requests, seconds }
}

impl Default for RateSettings {
    fn default() -> Self {
        Self([
            // A source posts single events at 15,000/s and has reserve; readers must not be told to
            // wait before the disk is; commands go one after the other.
            rate("bring", 40_000, 2),
            rate("read", 40_000, 2),
            rate("command", 1000, 2),
            // Twice one credential's, so that making more keys gains little.
            rate("party-bring", 80_000, 2),
            rate("party-read", 80_000, 2),
            rate("party-command", 2000, 2),
            // What is public costs little.
            rate("open", 2000, 2),
            // A key has 256 random bits, so this is against noise; a program with an ended key
            // learns it at the first answer.
            rate("failed", 60, 30),
            // People mistype, and several share an address.
            rate("password", 20, 120),
            // 10 guesses in 10 minutes find no password, nor do 100 from anywhere.
            rate("person", 10, 600),
        ])
    }
}

impl RateSettings {
    /// The rate of those who ask so.
    pub fn of(&self, asking: Asking) -> Rate {
        self.0[asking as usize]
    }

    /// Its lines in the file: what differs from what holds anyway.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let differ = self.0.iter().zip(Self::default().0).filter(|(own, usual)| *own != usual);
        for (Rate { name, requests, seconds }, _) in differ {
            if text.is_empty() {
                text.push_str("rates:\n");
            }
            let _ = writeln!(text, "  {name}: {{ requests: {requests}, seconds: {seconds} }}");
        }
        text
    }
}

/// What the file says of one.
struct Said {
    requests: u32,
    seconds: u32,
}

impl Read for Said {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let fields = Fields::of(node, &["requests", "seconds"], reporter)?;
        let requests: Option<u32> = fields.required("requests", reporter);
        let seconds: Option<u32> = fields.required("seconds", reporter);
        let (requests, seconds) = (requests?, seconds?);
        for (key, value, most) in
            [("requests", requests, REQUESTS_MAX), ("seconds", seconds, SECONDS_MAX)]
        {
            if !(1..=most).contains(&value) {
                let message = format!("`{key}` must be 1 to {most}");
                reporter.error(code::BAD_SETTINGS, fields.place(key), message, "");
            }
        }
        Some(Self { requests, seconds })
    }
}

impl Read for RateSettings {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let mut rates = Self::default();
        let names = rates.0.map(|rate| rate.name);
        let fields = Fields::of(node, &names, reporter)?;
        for rate in &mut rates.0 {
            let said: Option<Option<Said>> = fields.optional(rate.name, reporter);
            if let Some(Said { requests, seconds }) = said.flatten() {
                (rate.requests, rate.seconds) = (requests, seconds);
            }
        }
        Some(rates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_under_its_name() {
        let rates = RateSettings::default();
        for (asking, name) in [
            (Asking::Bring, "bring"),
            (Asking::Read, "read"),
            (Asking::Command, "command"),
            (Asking::PartyBring, "party-bring"),
            (Asking::PartyRead, "party-read"),
            (Asking::PartyCommand, "party-command"),
            (Asking::Open, "open"),
            (Asking::Failed, "failed"),
            (Asking::Password, "password"),
            (Asking::Person, "person"),
        ] {
            assert_eq!(rates.of(asking).name, name);
        }
        assert_eq!(rates.text(), "", "nothing is written of what holds anyway");
    }
}
