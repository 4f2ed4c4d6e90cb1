//! The ports: what the engine needs from the world, each with several implementations and one
//! conformance suite.

pub mod disk;
pub mod error;
pub mod frame;
pub mod invoice;
pub mod log;
pub mod raw;
pub mod store;
pub mod vault;

pub use disk::{Disk, DiskFile, OpenMode};
pub use error::{PortError, PortFault};
pub use invoice::InvoicePort;
pub use log::{Fetched, Frame, FrameKind, FrameView, Log, LogReader, Position};
pub use raw::{RawBlockId, RawPlace, RawStore};
pub use store::{AccountId, Commit, DocumentChange, NewAccount, Store, Table, TotalRow};
pub use vault::{Pseudonym, Vault};
