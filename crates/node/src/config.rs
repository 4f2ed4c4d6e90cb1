//! `saldo.yaml`: the operators of a directory. What is not known is refused, with its line.

mod oidc;
pub mod rates;

pub use oidc::Oidc;
use rates::RateSettings;

use crate::NodeError;
use crate::code;
use book::diagnostic::{Diagnostic, Reporter};
use book::read::{Fields, Named, Read};
use book::yaml::Node;
use ledger::name::is_name;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The file's name.
pub const FILE: &str = "saldo.yaml";
/// The setting that says for how many days raw rows are kept.
pub const RAW_RETENTION: &str = "raw_retention_days";
/// The version of the file that this program writes and reads.
pub const VERSION: u32 = 1;
/// Days that raw rows are kept when the file does not say.
pub const RETENTION_DAYS_DEFAULT: u32 = 400;
/// Most days that raw rows may be kept: ten years.
pub const RETENTION_DAYS_MAX: u32 = 3660;

const KEYS: &[&str] = &[
    "version",
    "operators",
    "default",
    "raw_retention_days",
    "oidc",
    "webhooks",
    "rates",
    "telemetry",
];

/// The settings of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The operators, in the order of the file.
    pub operators: Vec<String>,
    /// The operator that a command is about when it names none.
    pub default: Option<String>,
    /// Days that raw rows are kept.
    pub raw_retention_days: u32,
    /// The identity providers of operators.
    pub oidc: BTreeMap<String, Oidc>,
    /// What webhooks may do.
    pub webhooks: WebhookSettings,
    /// How often each may ask.
    pub rates: RateSettings,
    /// Where traces are exported to.
    pub telemetry: Telemetry,
}

/// What webhooks may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebhookSettings {
    /// Whether private and loopback addresses may be called, and without TLS.
    pub allow_private: bool,
}

impl Read for WebhookSettings {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let fields = Fields::of(node, &["allow_private"], reporter)?;
        let allow_private: Option<Option<bool>> = fields.optional("allow_private", reporter);
        Some(Self { allow_private: allow_private?.unwrap_or(false) })
    }
}

/// Where traces are exported to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Telemetry {
    /// The base URL of a collector that takes OTLP over HTTP; none exports nothing.
    pub endpoint: Option<String>,
}

impl Read for Telemetry {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let fields = Fields::of(node, &["endpoint"], reporter)?;
        let endpoint: Option<Option<String>> = fields.optional("endpoint", reporter);
        Some(Self { endpoint: endpoint? })
    }
}

impl Config {
    /// The settings of a new directory with one operator.
    pub fn new(operator: &str) -> Self {
        Self {
            operators: vec![operator.to_owned()],
            default: None,
            raw_retention_days: RETENTION_DAYS_DEFAULT,
            oidc: BTreeMap::new(),
            webhooks: WebhookSettings::default(),
            rates: RateSettings::default(),
            telemetry: Telemetry::default(),
        }
    }

    /// Reads the file's bytes.
    ///
    /// # Errors
    /// [`code::BAD_SETTINGS`] with every mistake, its line and column.
    pub fn parse(bytes: &[u8]) -> Result<Self, NodeError> {
        let mut found = Vec::new();
        let mut reporter = Reporter::new(FILE, &mut found);
        let config = book::yaml::parse(bytes, &mut reporter)
            .and_then(|node| Self::read(&node, &mut reporter));
        match config {
            Some(config) if found.is_empty() => Ok(config),
            _ => Err(NodeError::said(code::BAD_SETTINGS, listed(&found))),
        }
    }

    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let fields = Fields::of(node, KEYS, reporter)?;
        let version: Option<u32> = fields.required("version", reporter);
        let operators: Option<Vec<String>> = fields.required("operators", reporter);
        let default: Option<Option<String>> = fields.optional("default", reporter);
        let days: Option<Option<u32>> = fields.optional("raw_retention_days", reporter);
        let oidc: Option<Option<Named<Oidc>>> = fields.optional("oidc", reporter);
        let webhooks: Option<Option<WebhookSettings>> = fields.optional("webhooks", reporter);
        let rates: Option<Option<RateSettings>> = fields.optional("rates", reporter);
        let telemetry: Option<Option<Telemetry>> = fields.optional("telemetry", reporter);
        let mut wrong = |key: &str, message: String| {
            reporter.error(code::BAD_SETTINGS, fields.place(key), message, "");
        };
        if version.is_some_and(|version| version != VERSION) {
            wrong("version", format!("`version` must be {VERSION}: this program knows no other"));
        }
        let (operators, default, days) = (operators?, default?, days?);
        if operators.is_empty() {
            wrong("operators", "`operators` must name at least one".to_owned());
        }
        for (at, name) in operators.iter().enumerate() {
            if !is_name(name.as_bytes()) {
                wrong(
                    "operators",
                    format!("operator `{name}`: a name has 1 to 64 of a-z, 0-9 and -"),
                );
            }
            if operators[..at].contains(name) {
                wrong("operators", format!("operator `{name}` is listed twice"));
            }
        }
        if let Some(name) = default.as_ref().filter(|name| !operators.contains(name)) {
            wrong("default", format!("`default: {name}` is not one of the operators"));
        }
        let days = days.unwrap_or(RETENTION_DAYS_DEFAULT);
        if !(1..=RETENTION_DAYS_MAX).contains(&days) {
            wrong(
                "raw_retention_days",
                format!("`raw_retention_days` must be 1 to {RETENTION_DAYS_MAX}"),
            );
        }
        let oidc = oidc?.unwrap_or_default();
        for name in oidc.names().filter(|name| !operators.iter().any(|known| known == *name)) {
            wrong("oidc", format!("`oidc: {name}` is not one of the operators"));
        }
        let sound = oidc.sound().map(|(name, oidc)| (name.value.clone(), oidc.clone()));
        let (oidc, webhooks) = (sound.collect(), webhooks?.unwrap_or_default());
        let (rates, telemetry) = (rates?.unwrap_or_default(), telemetry?.unwrap_or_default());
        let raw_retention_days = days;
        Some(Self { operators, default, raw_retention_days, oidc, webhooks, rates, telemetry })
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let mut text = format!("# Saldo: the operators of this directory.\nversion: {VERSION}\n");
        text.push_str("operators:\n");
        for name in &self.operators {
            // Quoted: a name of digits alone is a name too.
            let _ = writeln!(text, "  - \"{name}\"");
        }
        if let Some(name) = &self.default {
            let _ = writeln!(text, "default: \"{name}\"");
        }
        let days = self.raw_retention_days;
        let _ = writeln!(text, "# Days after which received rows are removed for good.");
        let _ = writeln!(text, "raw_retention_days: {days}");
        if self.webhooks.allow_private {
            text.push_str("webhooks:\n  allow_private: true\n");
        }
        text.push_str(&self.rates.text());
        if let Some(endpoint) = &self.telemetry.endpoint {
            let _ = writeln!(text, "telemetry:\n  endpoint: \"{endpoint}\"");
        }
        if !self.oidc.is_empty() {
            text.push_str("oidc:\n");
        }
        for (name, oidc) in &self.oidc {
            let _ = write!(text, "  {name}:\n{}", oidc.text());
        }
        text
    }
}

fn listed(found: &[Diagnostic]) -> String {
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    lines.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut config = Config::new("acme");
        config.operators.push("42".to_owned());
        config.default = Some("42".to_owned());
        let oidc = Oidc {
            issuer: "https://id.example".to_owned(),
            client_id: "saldo".to_owned(),
            client_secret_file: "/run/secrets/oidc".into(),
            scope: "openid".to_owned(),
            roles_claim: "groups".to_owned(),
            roles: vec![("settlement-admins".to_owned(), "administrator".to_owned())],
            party_claim: Some("company".to_owned()),
        };
        config.oidc.insert("acme".to_owned(), oidc);
        config.webhooks.allow_private = true;
        config.rates.0[7].requests = 600;
        config.telemetry.endpoint = Some("http://127.0.0.1:4318".to_owned());
        assert_eq!(Config::parse(config.text().as_bytes()).unwrap(), config);
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (text, said) in [
            ("version: 1\noperators: [acme]\nretention: 3\n", "saldo.yaml:3:1"),
            ("version: 2\noperators: [acme]\n", "`version` must be 1"),
            ("version: 1\noperators: []\n", "at least one"),
            ("version: 1\noperators: [Acme]\n", "`Acme`"),
            ("version: 1\noperators: [a, a]\n", "twice"),
            ("version: 1\noperators: [a]\ndefault: b\n", "not one of the operators"),
            ("version: 1\noperators: [a]\nraw_retention_days: 0\n", "saldo.yaml:3:21: error E5302"),
            ("version: 1\noperators: [a]\nraw_retention_days: 0\n", "1 to 3660"),
            ("version: 1\noperators: [a]\noidc: { b: {} }\n", "`issuer` is missing"),
            ("version: 1\noperators: [a]\nwebhooks: { allow: true }\n", "saldo.yaml:3:13"),
            (
                "version: 1\noperators: [a]\nrates: { red: { requests: 1, seconds: 1 } }\n",
                "`red` is not known",
            ),
            (
                "version: 1\noperators: [a]\nrates: { read: { requests: 0, seconds: 1 } }\n",
                "1 to 1000000000",
            ),
            ("version: 1\noperators: [a]\ntelemetry: { url: x }\n", "saldo.yaml:3:14"),
            ("operators: [a]\n", "`version` is missing"),
            ("- a\n", "a mapping"),
        ] {
            let error = Config::parse(text.as_bytes()).unwrap_err();
            assert_eq!(error.code(), "E5302", "{text}");
            assert!(error.to_string().contains(said), "{text}: {error}");
        }
    }
}
