//! Arguments of the commands about the running service.

use crate::output::{Format, Plain};
use clap::{Args, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// A part of the server that can run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Every part, in one process.
    All,
}

/// `saldo serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen: an address of this machine and a port; `0.0.0.0:7400` for all of them.
    #[arg(long, default_value = "127.0.0.1:7400", value_name = "ADDRESS", value_parser = address)]
    pub listen: SocketAddr,
    /// Where others reach it, when that is not where it listens: it stands in tokens and links.
    #[arg(long, value_name = "URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// The certificate chain (PEM): TLS is spoken then. A renewed file is used at once.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The private key of the certificate (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Who certifies clients (PEM): then each needs a certificate.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_client_ca: Option<PathBuf>,
    /// Which parts run in this process.
    #[arg(long, value_enum, default_value = "all")]
    pub roles: Role,
}

/// An address to listen at.
fn address(text: &str) -> Result<SocketAddr, String> {
    let wrong = "it is a number address and a port, such as 127.0.0.1:7400 or [::1]:7400";
    text.parse().map_err(|_| wrong.to_owned())
}

/// An address that others reach the service by.
fn public_url(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_host = |host: &str| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']);
    match host.map(|host| host.trim_end_matches('/')).filter(|host| is_host(host)) {
        Some(_) => Ok(text.to_owned()),
        None => Err("it is such as https://saldo.example".to_owned()),
    }
}

/// `saldo access`
#[derive(Debug, Subcommand)]
pub enum Access {
    /// Make a key or a client for a program; its secret is shown this once.
    Create(Create),
    /// Make a secret that requests of a source are signed with; it is shown this once.
    Secret(Secret),
    /// List keys and clients, without their secrets.
    List {
        /// As they were at this time: a date, or an instant such as 2027-01-01T00:00:00Z.
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
        /// How to show it.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Who may do alone what two should: the separation of duties.
    Report {
        /// As it was at this time: a date, or an instant such as 2027-01-01T00:00:00Z.
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
        /// How to show it.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Give a key or client another secret; without an id, let a new key sign tokens.
    Rotate(Rotate),
    /// Revoke a key: from now on it does not hold.
    Revoke {
        /// Its id in the list.
        #[arg(required_unless_present = "made_by")]
        id: Option<String>,
        /// All that this author made, what those made, and so on, and their webhooks: an account,
        /// or `key:ID`, `client:ID`, `person:ID`.
        #[arg(long, value_name = "NAME", conflicts_with = "id")]
        made_by: Option<String>,
    },
}

/// `saldo access secret`
#[derive(Debug, Args)]
pub struct Secret {
    /// The source.
    #[arg(long)]
    pub source: String,
    /// When it ends: a date, or an instant such as 2027-01-01T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub expires: Option<String>,
    /// A network that it may be used from, such as 10.1.0.0/16; may be said several times.
    #[arg(long = "network", value_name = "CIDR")]
    pub networks: Vec<String>,
    /// How to show it.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// `saldo access rotate`
#[derive(Debug, Args)]
pub struct Rotate {
    /// The key's or client's id in the list.
    pub id: Option<String>,
    /// Seconds that the secret before still holds.
    #[arg(long, value_name = "SECONDS", default_value = "86400", requires = "id")]
    pub overlap: u32,
    /// End the keys before and all their tokens at once: one may be known to others.
    #[arg(long, conflicts_with = "id")]
    pub end_others: bool,
    /// How to show it.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// `saldo access create`
#[derive(Debug, Args)]
pub struct Create {
    /// Make a client, which asks for tokens, and not a key.
    #[arg(long)]
    pub client: bool,
    /// Make it for the sandbox: an operator of its own, with the same book and no real data.
    #[arg(long)]
    pub sandbox: bool,
    /// What people call it.
    #[arg(long)]
    pub name: String,
    /// administrator, finance, approver, auditor, provider, supplier or partner.
    #[arg(long)]
    pub role: String,
    /// The party whose data it is for; the last three roles need one.
    #[arg(long)]
    pub party: Option<String>,
    /// When it ends: a date, or an instant such as 2027-01-01T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub expires: Option<String>,
    /// A network that it may be used from, such as 10.1.0.0/16; may be said several times.
    #[arg(long = "network", value_name = "CIDR")]
    pub networks: Vec<String>,
    /// An action that it is for, such as bring-events, and no other; may be said several times.
    #[arg(long = "scope", value_name = "ACTION")]
    pub scopes: Vec<String>,
    /// How to show it.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}
