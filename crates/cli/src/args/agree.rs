//! Arguments of the commands with which two parties agree, and of what they are told.

use crate::output::{Format, Plain};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `saldo agreement`
#[derive(Debug, Subcommand)]
pub enum Agreement {
    /// List the versions of the book's agreements, with the hash of their terms and who signed.
    List {
        /// How to show it.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Show what is signed of a version, and its terms in full.
    Show {
        /// The agreement.
        agreement: String,
        /// The version; the last one where it is not given.
        #[arg(long, value_name = "N")]
        version: Option<u32>,
        /// How to show it.
        #[arg(long, value_enum, default_value = "text")]
        format: Plain,
    },
    /// Write a version with the operator's signature, for the counterparty to sign.
    Offer {
        /// The agreement.
        agreement: String,
        /// The version.
        #[arg(long, value_name = "N")]
        version: u32,
        /// The file to write.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Show an offered version in full and sign it; needs no Saldo directory.
    Sign {
        /// The offered file; the signature is added to it.
        file: PathBuf,
        /// The party's private key, which `saldo key new` made.
        #[arg(long, value_name = "KEYFILE")]
        key: PathBuf,
        /// The operator's public key, had by another way than the file: its signature is checked.
        #[arg(long, value_name = "KEYFILE")]
        operator_key: Option<PathBuf>,
    },
    /// Check the signatures of both sides by the keys in the book, and record them.
    Countersign {
        /// The file that came back signed.
        file: PathBuf,
        /// How to report.
        #[arg(long, value_enum, default_value = "text")]
        format: Plain,
    },
}

/// `saldo key`
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a key in a party's name; needs no Saldo directory.
    New {
        /// The party as the book names it, or a part of it: studio-0, studio-0/finance.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// The file to make, readable by its owner only; the public key is put beside it, in
        /// FILE.pub.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Let a new key sign for the operator, also while it is served (`--server`); the old one signs
    /// that it gives way.
    Rotate {
        /// The file to write the note to that both keys signed: who trusts the old key trusts the
        /// new one by it.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Print the public key of a key file.
    Show {
        /// The private or public key file.
        file: PathBuf,
    },
}

/// `saldo notices`
#[derive(Debug, Args)]
pub struct Notices {
    /// The agreement.
    #[arg(long, value_name = "NAME")]
    pub agreement: String,
    /// The period; every one with a notice where it is not given.
    #[arg(long)]
    pub period: Option<String>,
    /// How to show it.
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}
