//! The Vault: random pseudonyms for people, found by a keyed hash of who they are. Erasing a row
//! erases the person and leaves every total and proof intact.

use super::PortError;

/// The random stand-in of one person.
pub type Pseudonym = [u8; 16];

/// Pseudonyms of one operator.
pub trait Vault: Send + Sync {
    /// Appends the pseudonym of each subject (the value of a personal dimension; the dimension's
    /// name does not matter) to `out`, making new ones where needed. New ones are durable only
    /// after [`Vault::flush`].
    ///
    /// # Errors
    /// When a new row cannot be written.
    fn pseudonyms(&self, subjects: &[&str], out: &mut Vec<Pseudonym>) -> Result<(), PortError>;
    /// Makes every new row durable, or sees to it that they are durable before whatever the Log of
    /// the same operator is given from here on. Must be called before a frame that uses them is
    /// appended.
    ///
    /// # Errors
    /// When the flush fails.
    fn flush(&self) -> Result<(), PortError>;
    /// The pseudonym of a subject, when it has one.
    fn find(&self, subject: &str) -> Option<Pseudonym>;
    /// Erases a subject's row from the disk, durable on return; whether there was one.
    ///
    /// # Errors
    /// When the rows cannot be rewritten.
    fn erase(&self, subject: &str) -> Result<bool, PortError>;
    /// Number of rows.
    fn len(&self) -> usize;
    /// Whether there is no row.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
