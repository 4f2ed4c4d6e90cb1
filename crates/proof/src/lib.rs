//! Merkle trees, tiles, checkpoints and proofs, as pure functions over bytes.
//!
//! It hashes what counts, keeps each stream's tree as a right edge and tiles, signs tree heads,
//! and makes and checks the proof files that let a counterparty verify without trusting the
//! operator: of one event, and of a statement that is rated and posted again.
//! It knows nothing of networks, clocks, randomness or where bytes are kept: tiles pass through
//! [`tree::TileSink`] and [`tree::TileSource`], proof files are bytes, keys come in as seeds, and
//! every parser answers any bytes with a value or an error of a closed list, never with a panic.
//!
//! # From an event to a signed head
//!
//! ```text
//! content hash = SHA-256("saldo.event.v1" 00 canonical event)
//! leaf data    = 01, content hash, count u8, pseudonyms of 16 bytes, blind of 16 bytes
//! blind        = first 16 bytes of HMAC-SHA256(stream key, id)
//! leaf hash    = SHA-256(00 leaf data)
//! node hash    = SHA-256(01 left right)
//! tile         = up to 256 hashes of height 8·level, in tile/<level>/<index>[.p/<width>]
//! head         = 01, origin length u16, origin, size u64, root: a leaf of the operator's tree
//! checkpoint   = origin, size, base64 root and extensions, one a line
//! note         = text, empty line, "— " key name " " base64(key hash, Ed25519 signature)
//! ```
//! Integers are little-endian. Each module states its own formats byte by byte; all of them carry
//! a version and are frozen.
//!
//! # Where to begin
//!
//! [`digest`] for hashes, [`leaf`] for what goes into a leaf, [`tree::Frontier`] to grow a tree,
//! [`inclusion_proof`] and [`consistency_proof`] over tiles, [`verify_inclusion`] and
//! [`verify_consistency`] offline, [`heads`] for an operator's streams together, [`checkpoint`]
//! and [`note`] for what is signed. [`commitment`] and [`sums`] for what a close writes,
//! [`event_file`] and [`statement_file`] for what a counterparty is given, [`receipt`] for what it
//! holds from the moment its events are taken in, [`agreed`] for what both parties sign before.

pub mod agreed;
pub mod checkpoint;
pub mod commitment;
pub mod digest;
pub mod event_file;
pub mod events;
pub mod file;
pub mod heads;
pub mod leaf;
pub mod note;
pub mod placement;
pub mod receipt;
pub mod rotation;
pub mod rules_bytes;
pub mod statement_file;
pub mod sums;
pub mod tree;

mod bytes;
mod codes;
mod fuzz;
mod hash;
mod prove;
mod sha_ni;
mod verify;

pub use codes::CODES;
#[doc(hidden)]
pub use fuzz::{
    fuzz_agreement_file, fuzz_event_file, fuzz_note, fuzz_receipt, fuzz_statement_file,
};
pub use hash::{Hash, HashParseError};
pub use prove::{consistency_proof, inclusion_proof};
pub use verify::{ProofError, verify_consistency, verify_inclusion};
