//! Arguments of `saldo invoice`.

use crate::output::Format;
use clap::Subcommand;

/// `saldo invoice`
#[derive(Debug, Subcommand)]
pub enum Invoice {
    /// Make the tax invoice of a closed period, as the agreement's `invoice` says.
    Make {
        /// The agreement.
        #[arg(long)]
        agreement: String,
        /// The period, closed.
        #[arg(long)]
        period: String,
        /// How to show it.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Amend a tax invoice: a document of its own; the original stays as it is.
    Amend {
        /// Id of the original.
        #[arg(long, value_name = "ID")]
        invoice: String,
        /// Why: correction, change, return, cancel, letter-of-credit, double, or as the form
        /// calls it (공급가액 변동).
        #[arg(long)]
        reason: String,
        /// The day on which it came about, or the mistake was found: 2026-04-17.
        #[arg(long, value_name = "DATE")]
        changed: String,
        /// By how much the supply rises or, below zero, falls, in won; for a letter of credit the
        /// supply that it covers; not for cancel and double, which take all back.
        #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
        supply_change: Option<String>,
        /// How to show it.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// List all tax invoices and what amends them.
    List {
        /// How to show them.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Show one.
    Show {
        /// Its id.
        invoice: String,
        /// How to show it.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}
