//! The shape of one entry in a registry of stable codes; each crate lists its own.
//!
//! Ranges, never reused: `E1xxx` book, `E2xxx` events, `E3xxx` formats, `E4xxx` storage,
//! `E5xxx` engine and node, `E6xxx` proof, `E7xxx` settlement, `E9xxx` command line.

/// One stable code with the text of its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// `E` and four digits.
    pub code: &'static str,
    /// One sentence: what is wrong.
    pub title: &'static str,
    /// Why it happens, in a few sentences.
    pub cause: &'static str,
    /// What to do next.
    pub hint: &'static str,
}
