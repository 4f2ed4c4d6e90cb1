//! Where issued tax invoices go: files beside the data, or a service that sends them on.

use super::PortError;

/// Takes issued tax invoices over. The Log holds them; whoever stands behind this port may be given
/// the same one again, after a crash or on demand.
pub trait InvoicePort: Send + Sync {
    /// Hands a document over: its id and its canonical bytes, which are JSON. Durable on return.
    /// The same document once more changes nothing.
    ///
    /// # Errors
    /// When it cannot be taken; [`super::PortFault::Corrupt`] when another one is there by this id:
    /// an issued document is never edited.
    fn hand_over(&self, id: &str, document: &[u8]) -> Result<(), PortError>;
    /// The document that was handed over by this id.
    ///
    /// # Errors
    /// When it cannot be read.
    fn handed_over(&self, id: &str) -> Result<Option<Vec<u8>>, PortError>;
}
