//! The engine: verify, load, decide, commit, publish; and on top of it close, verify, explain
//! and prove. It defines the ports that a disk or a cluster implements.
//!
//! It knows no driver, no environment variable and no wall clock: time, ids and randomness are
//! in the records of the Log or are arguments.

pub mod port;
