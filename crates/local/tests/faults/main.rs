//! Power cuts, errors and changed bits under the Log, the Vault and the raw store: what was
//! acknowledged is there, nothing is invented, and every flush in the code is needed.

mod harness;
mod log;
mod raw;
mod redo;
mod vault;
