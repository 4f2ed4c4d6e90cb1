//! Heads of streams that may be published: those of the last moment at which everything consumed
//! was durable in the Store too.

use super::{Service, Shared};
use engine::Engine;
use proof::Hash;
use proof::checkpoint::{Checkpoint, stream_origin};
use std::collections::HashMap;

/// Size and root by stream.
pub(crate) type Heads = HashMap<String, (u64, Hash)>;

impl Shared {
    /// Notes the heads of now, where the Store has made them durable.
    pub(crate) fn note_heads(&self, engine: &Engine) {
        let store = engine.store();
        if store.checkpoint_position() == store.position() {
            let streams = engine.state().streams.iter();
            let heads = streams.map(|(name, tree)| (name.to_owned(), (tree.size(), tree.root())));
            *self.heads.lock() = heads.collect();
        }
    }
}

impl Service {
    /// The last published head of a source's stream; none before the first.
    pub fn published(&self, source: &str) -> Option<Checkpoint> {
        let (size, root) = *self.shared.heads.lock().get(source)?;
        let origin = stream_origin(&self.shared.operator, source);
        Some(Checkpoint { origin, size, root, extensions: Vec::new() })
    }

    /// The same, signed, as a note.
    pub fn sign_checkpoint(&self, checkpoint: &Checkpoint) -> Option<String> {
        let signed = checkpoint.sign(&[&self.shared.signing()]).ok()?;
        Some(signed.to_string())
    }
}
