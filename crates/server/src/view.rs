//! The query layer: what the engine answers, as documents of `api`, for REST, GraphQL and the
//! command line alike. Nothing here changes anything, and nothing here asks who is asking but
//! through a [`Scope`](crate::scope::Scope).

pub mod agreement;
pub mod csv;
pub mod event;
pub mod invoice;
pub mod key;
pub mod legal_hold;
pub mod line;
pub mod measure;
pub mod notices;
pub mod page;
pub mod period;
pub mod source;
pub mod statement;
pub mod status;
pub mod totals;
pub mod verification;

use node::ledger::Decimal;

/// Minor units as a decimal with the decimals of their asset.
pub fn amount(minor: i128, scale: u8) -> String {
    Decimal::from_minor(minor, scale).to_string()
}
