//! The ports on one disk: the Log as segment files, the Vault, raw rows, and the Store's index,
//! totals, blocks, tiles and documents.
//!
//! It knows files and how disks fail. It knows nothing of events, books, money, the network or
//! the cluster, and reads no clock; randomness is an argument that defaults to the system's.

pub mod disk;
pub mod invoices;
pub mod limits;
pub mod lock;
pub mod log;
pub mod random;
pub mod raw;
pub mod redo;
pub mod vault;

pub use disk::OsDisk;
pub use invoices::FileInvoices;
pub use lock::DirLock;
pub use log::{Hint, LogOptions, SegmentLog};
pub use random::{Random, system_random};
pub use raw::{FileRaw, RawOptions};
pub use redo::{RedoDisk, RedoOptions};
pub use vault::FileVault;

mod blocks;
mod documents;
mod index;
pub mod store;
mod tiles;
mod totals;

pub use store::{FileStore, Options};
