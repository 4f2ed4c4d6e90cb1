//! Arguments of the commands about the running service.

use crate::output::{Format, Plain};
use clap::{Args, Subcommand, ValueEnum};
use std::net::SocketAddr;

/// A part of the server that can run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Every part, in one process.
    All,
}

/// `saldo serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:7400", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Which parts run in this process.
    #[arg(long, value_enum, default_value = "all")]
    pub roles: Role,
}

/// `saldo access`
#[derive(Debug, Subcommand)]
pub enum Access {
    /// Make a key for a program; its text is shown this once.
    Create(Create),
    /// Make a secret that requests of a source are signed with; it is shown this once.
    Secret(Secret),
    /// List keys, without their secrets.
    List {
        /// How to show it.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Revoke a key: from now on it does not hold.
    Revoke {
        /// Its id in the list.
        id: String,
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

/// `saldo access create`
#[derive(Debug, Args)]
pub struct Create {
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
    /// How to show it.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}
