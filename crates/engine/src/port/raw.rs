//! Raw rows as they were received: kept apart from the Log, encrypted per source and day, with a
//! retention limit, rewritten when a person is erased.

use super::PortError;

/// Dense number of a raw block within one operator's raw store.
pub type RawBlockId = u64;

/// A raw block as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawPlace<'a> {
    /// Its number.
    pub block: RawBlockId,
    /// The source of its rows.
    pub source: &'a str,
    /// The day of their receipt, days since 1970.
    pub day: i32,
    /// Bytes that it takes.
    pub bytes: u64,
}

/// Raw rows of one operator.
pub trait RawStore: Send + Sync {
    /// Keeps `plain` (rows one after another; records refer to byte ranges in it). `day` is the
    /// number of days since 1970 of its receipt. Durable only after [`RawStore::flush`].
    ///
    /// # Errors
    /// When it cannot be written.
    fn append(&self, source: &str, day: i32, plain: &[u8]) -> Result<RawBlockId, PortError>;
    /// Makes everything appended durable, or sees to it that it is durable before whatever the Log
    /// of the same operator is given from here on.
    ///
    /// # Errors
    /// When the flush fails.
    fn flush(&self) -> Result<(), PortError>;
    /// The rows of a block, or nothing when its retention has ended.
    ///
    /// # Errors
    /// When it cannot be read or decrypted.
    fn read(&self, block: RawBlockId) -> Result<Option<Vec<u8>>, PortError>;
    /// Calls `edit` with each block's rows; where it returns true the changed rows (same length)
    /// replace the stored ones under a new key, and the old bytes are gone from the disk. Returns
    /// the number of blocks changed, durable on return.
    ///
    /// # Errors
    /// When a block cannot be read or written.
    fn rewrite(
        &self,
        edit: &mut dyn FnMut(RawBlockId, &mut [u8]) -> bool,
    ) -> Result<u64, PortError>;
    /// Ends the retention of every block received before `day` but of those whose source and day
    /// are held; returns how many there were.
    ///
    /// # Errors
    /// When files cannot be removed.
    fn expire(&self, day: i32, is_held: &dyn Fn(&str, i32) -> bool) -> Result<u64, PortError>;
    /// Tells every block that there is, in order of their numbers.
    fn blocks(&self, each: &mut dyn FnMut(RawPlace<'_>));
}
