//! The simulator: makes a world of business events from a seed, with everything that goes wrong
//! between companies, and knows what the right totals are.
//!
//! It knows the event shape and the meaning of kinds and references. `world`, `oracle` and `rng`
//! know no other crate of Saldo: what they say must not depend on the code that it judges.

pub mod rng;

pub mod world;

pub mod oracle;

pub mod disk;

pub mod conformance;
