//! The canonical bytes of compiled posting rules; their SHA-256 is a statement's rules hash.
//!
//! Version 1: `01`, semantics u16, revision u32, operator, then the lists assets, dimensions,
//! parties, sources, kinds and templates. A text is its length as u32 and UTF-8; a list is its
//! count as u32 and its items; an index into another list is u16; integers are little-endian.
//!
//! | item | fields |
//! |---|---|
//! | asset | code, scale u8 |
//! | dimension | name, u8: 1 personal + 2 party |
//! | party | name, list of aliases |
//! | source | name, u8 and, where 1, party; list of kinds, group, earliest i64, ahead i64 |
//! | kind | name, sign u8, reference u8, list of its kinds, list of required dimensions, legs |
//! | leg | debit template, credit template |
//! | template | basis u8, segments: u8 and, for 0, a text, for 1, a dimension |

mod read;
mod write;

pub use read::{RulesError, decode};
pub use write::encode;

use ledger::rules::{Sign, TimeBasis};

use crate::Hash;

const VERSION: u8 = 1;
const SIGNS: [Sign; 3] = [Sign::Positive, Sign::NonNegative, Sign::Any];
const BASES: [TimeBasis; 2] = [TimeBasis::Occurred, TimeBasis::Original];

/// SHA-256 of the rules' canonical bytes.
pub fn rules_hash(rules: &ledger::Rules) -> Hash {
    crate::digest::sha256(&encode(rules))
}
