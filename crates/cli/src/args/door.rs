//! Arguments of the commands that a service and a directory answer alike: webhooks, schemas,
//! policies.

use crate::output::{Format, Plain};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `saldo webhook`
#[derive(Debug, Subcommand)]
pub enum Webhook {
    /// Make a webhook; its secret is shown this once.
    Create(NewWebhook),
    /// List webhooks and where each stands.
    List {
        /// How to show it.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Show one webhook.
    Show(OneWebhook),
    /// Send a test message now, and say what came of it; exit code 1 where it did not arrive.
    Test(OneWebhook),
    /// Give a webhook another secret, shown this once; the one before signs beside it for a while.
    Rotate {
        /// Its id in the list.
        id: String,
        /// Hours for which the secret before signs too, at most 168.
        #[arg(long, value_name = "HOURS", default_value = "24")]
        overlap_hours: u32,
        /// How to show it.
        #[arg(long, value_enum, default_value = "text")]
        format: Plain,
    },
    /// Send nothing until it is resumed; what changes meanwhile is sent then.
    Pause(OneWebhook),
    /// Send again, also to one that was stopped.
    Resume(OneWebhook),
    /// Remove a webhook: nothing more is sent to it.
    Remove {
        /// Its id in the list.
        id: String,
    },
    /// List the last tries to deliver, the newest first, since the service was started; what was
    /// delivered before is in `saldo log commands --kind deliver`.
    Deliveries {
        /// Its id in the list.
        id: String,
        /// How to show it.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Send what changed after a place again, or skip what waits.
    Replay {
        /// Its id in the list.
        id: String,
        /// The place in the feed, as deliveries and changes name it; `now` skips what waits.
        #[arg(long, value_name = "CURSOR")]
        after: String,
        /// How to show it.
        #[arg(long, value_enum, default_value = "text")]
        format: Plain,
    },
}

/// A webhook that is there.
#[derive(Debug, Args)]
pub struct OneWebhook {
    /// Its id in the list.
    pub id: String,
    /// How to show it.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// `saldo webhook create`
#[derive(Debug, Args)]
pub struct NewWebhook {
    /// Where deliveries go: https, at a public address.
    #[arg(long)]
    pub url: String,
    /// What people call it.
    #[arg(long, default_value = "")]
    pub name: String,
    /// A change that is sent, such as event.posted or statement.*; may be said several times.
    #[arg(long = "type", value_name = "TYPE")]
    pub types: Vec<String>,
    /// The party whose changes alone are sent.
    #[arg(long)]
    pub party: Option<String>,
    /// How to show it.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// A language of schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// JSON Schema.
    Json,
    /// Avro.
    Avro,
    /// Protobuf.
    Protobuf,
}

/// `saldo schema`
#[derive(Debug, Subcommand)]
pub enum Schema {
    /// List the subjects, each with its versions.
    #[command(visible_alias = "list")]
    Subjects {
        /// Those that were deleted, too.
        #[arg(long)]
        deleted: bool,
        /// How to show it.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Register a schema as the next version of a subject.
    Register {
        /// What is registered.
        #[command(flatten)]
        given: GivenSchema,
        /// How to show it.
        #[arg(long, value_enum, default_value = "text")]
        format: Plain,
    },
    /// Show a version of a subject: its text, or with JSON all of it.
    Show {
        /// The subject.
        subject: String,
        /// Which version: a number, or latest.
        #[arg(long, default_value = "latest")]
        version: String,
        /// How to show it.
        #[arg(long, value_enum, default_value = "text")]
        format: Plain,
    },
    /// Whether a schema may be registered; exit code 1 with each change that prevents it.
    Check {
        /// What would be registered.
        #[command(flatten)]
        given: GivenSchema,
        /// Compare with this version alone: a number, or latest.
        #[arg(long)]
        version: Option<String>,
        /// How to show it.
        #[arg(long, value_enum, default_value = "text")]
        format: Plain,
    },
    /// Show or set the level of compatibility, of a subject or of all.
    Level {
        /// The subject; without it the level of those that have none of their own.
        subject: Option<String>,
        /// BACKWARD, FORWARD, FULL, each with _TRANSITIVE or without, or NONE.
        #[arg(long, value_name = "LEVEL", conflicts_with = "unset")]
        set: Option<String>,
        /// Take the subject's own level back.
        #[arg(long, requires = "subject")]
        unset: bool,
        /// How to show it.
        #[arg(long, value_enum, default_value = "text")]
        format: Plain,
    },
    /// Delete a subject or one version of it.
    Delete {
        /// The subject.
        subject: String,
        /// The version; without it all of them.
        #[arg(long)]
        version: Option<String>,
        /// For good, after it was deleted before.
        #[arg(long)]
        permanent: bool,
    },
}

/// A schema in a file, for a subject.
#[derive(Debug, Args)]
pub struct GivenSchema {
    /// The subject.
    pub subject: String,
    /// The file with its text.
    pub file: PathBuf,
    /// Its language, where the file's name does not end with .json, .avsc or .proto.
    #[arg(long = "type", value_enum)]
    pub language: Option<Language>,
    /// A schema that it stands on: the name in the text, its subject and version, such as
    /// common.proto=common-value:2; may be said several times.
    #[arg(long = "reference", value_name = "NAME=SUBJECT:VERSION")]
    pub references: Vec<String>,
}

/// `saldo policy`
#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Run the tests of the book's policies alone, as `saldo check` does with everything else.
    Test {
        /// How to show it.
        #[arg(long, value_enum, default_value = "text")]
        format: Plain,
    },
    /// Who may do what, and by which policy: of the policies in force.
    Explain(AskedPolicy),
}

/// `saldo policy explain`
#[derive(Debug, Args)]
pub struct AskedPolicy {
    /// The role; without it each.
    #[arg(long)]
    pub role: Option<String>,
    /// The party whose credential it is.
    #[arg(long)]
    pub party: Option<String>,
    /// key, client or person.
    #[arg(long, default_value = "key")]
    pub kind: String,
    /// The action, such as close-periods; without it each.
    #[arg(long)]
    pub action: Option<String>,
    /// The source that it is done to; without it the operator as a whole.
    #[arg(long, value_name = "SOURCE", conflicts_with = "on_party")]
    pub on_source: Option<String>,
    /// The party that it is done to.
    #[arg(long, value_name = "PARTY")]
    pub on_party: Option<String>,
    /// How to show it.
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}
