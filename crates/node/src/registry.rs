//! Every stable code of the crates below the command line, with its page.

use engine::port::PortFault;
use ledger::Reject;
use ledger::code::Code;
use std::sync::LazyLock;

/// Every page, ascending by code.
pub fn pages() -> Vec<Code> {
    let mut pages = Vec::new();
    pages.extend_from_slice(book::CODES);
    pages.extend_from_slice(book::mapping::code::CODES);
    pages.extend(Reject::ALL.iter().map(|reject| reject.page()));
    pages.extend_from_slice(formats::code::CODES);
    pages.extend_from_slice(press::CODES);
    pages.extend(PortFault::ALL.iter().map(|fault| fault.page()));
    pages.extend_from_slice(engine::CODES);
    pages.extend_from_slice(crate::intake::code::CODES);
    pages.extend_from_slice(crate::code::CODES);
    pages.extend_from_slice(proof::CODES);
    pages.extend_from_slice(settle::CODES);
    pages.sort_by_key(|page| page.code);
    pages
}

/// The page of one code.
pub fn page(code: &str) -> Option<Code> {
    // Every refusal of the service asks: the pages are put together once.
    static PAGES: LazyLock<Vec<Code>> = LazyLock::new(pages);
    PAGES.iter().find(|page| page.code.eq_ignore_ascii_case(code)).copied()
}
