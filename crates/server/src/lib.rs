//! HTTP over the node: who asks, whether they may, and the documents of `api` made from what the
//! node knows.
//!
//! It knows no driver and no file of an operator. Every decision about money is made below; a
//! handler reads its request, asks the service, and fills a document.

pub mod app;
mod aside;
mod ask;
mod bodies;
mod body;
mod cache;
mod denials;
mod document;
pub mod duties;
pub mod evidence;
mod extract;
mod fresh;
pub mod graph;
mod guard;
mod harden;
mod limits;
pub mod listen;
pub mod local;
pub mod log;
mod metrics;
pub mod oidc;
pub mod once;
pub mod otel;
mod password;
pub mod policy;
mod rate;
mod reference;
mod refusal;
mod retention;
mod routes;
mod sandbox;
pub mod scope;
mod sealed;
pub mod serve;
mod sessions;
mod setup;
mod shares;
pub mod tls;
mod token;
mod told;
mod trace;
mod tried;
pub mod view;
pub mod webhooks;

pub use app::{App, Tenant};
pub use guard::kind_name;
pub use serve::{Options, run};
pub use tls::TlsFiles;
