//! Hashes under which the index finds records. They only find: whether a found record is the one
//! sought is decided by comparing the stored bytes.

use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// What a hash stands for; numbers are part of stored hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Space {
    /// A posted or waiting event, by source and id.
    Event = 1,
    /// A posted cancel, by source and id of its original.
    CancelOf = 2,
    /// Quarantined content, by its bytes.
    Quarantined = 3,
    /// An account plan; never stored.
    Plan = 4,
}

/// The key of one operator's index.
#[derive(Clone, Debug)]
pub struct KeyHasher {
    seeded: SipHasher13,
}

impl KeyHasher {
    /// With the operator's secret index key, so that nobody can choose colliding ids.
    pub fn new(secret: &[u8; 16]) -> Self {
        Self { seeded: SipHasher13::new_with_key(secret) }
    }

    /// The hash of (source, id) in a space.
    pub fn event(&self, space: Space, source: &str, id: &str) -> u64 {
        self.source(space, source).id(id)
    }

    /// A hasher of ids that has taken in space and source.
    pub fn source(&self, space: Space, source: &str) -> SourceHasher {
        let mut seeded = self.seeded;
        seeded.write(&[space as u8]);
        seeded.write(source.as_bytes());
        seeded.write(&[0xff]);
        SourceHasher { seeded }
    }

    /// The hash of some bytes in a space.
    pub fn bytes(&self, space: Space, bytes: &[u8]) -> u64 {
        let mut hasher = self.seeded;
        hasher.write(&[space as u8]);
        hasher.write(bytes);
        hasher.finish()
    }
}

/// Hashes ids of one source in one space.
#[derive(Clone, Debug)]
pub struct SourceHasher {
    seeded: SipHasher13,
}

impl SourceHasher {
    /// The hash of an id.
    pub fn id(&self, id: &str) -> u64 {
        let mut hasher = self.seeded;
        hasher.write(id.as_bytes());
        hasher.finish()
    }
}
