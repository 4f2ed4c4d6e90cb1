//! The codes of intake.

use crate::NodeError;
use ledger::code::Code;
use std::path::Path;

const SOURCE: Code = Code {
    code: "E5201",
    title: "the book has no such source",
    cause: "Every feed is declared before it may say who owes whom.",
    hint: "Name one of the sources of the book, or declare this one in sources.yaml.",
};
const MAPPING: Code = Code {
    code: "E5202",
    title: "the book has no such mapping",
    cause: "A file that is not in Saldo's own event shape is read by a mapping of the book.",
    hint: "Name one of the book's mappings, or add one under mappings/.",
};
const NO_MAPPING: Code = Code {
    code: "E5203",
    title: "no mapping of the source reads this kind of file",
    cause: "Only lines in Saldo's own event shape (.ndjson, .jsonl) need no mapping.",
    hint: "Name a mapping with --mapping, or add one under mappings/ of the book.",
};
const SEVERAL: Code = Code {
    code: "E5204",
    title: "several mappings of the source read this kind of file",
    cause: "Which of them is meant cannot be told from the file's name.",
    hint: "Name one with --mapping.",
};

/// The pages of intake.
pub const CODES: &[Code] = &[SOURCE, MAPPING, NO_MAPPING, SEVERAL];

pub(crate) fn source(name: &str, known: &str) -> NodeError {
    NodeError::said(SOURCE, format!("`{name}`; the book has {known}"))
}

pub(super) fn mapping(name: &str, known: &str) -> NodeError {
    NodeError::said(MAPPING, format!("`{name}`; the book has {known}"))
}

pub(super) fn no_mapping(path: &Path, source: &str) -> NodeError {
    NodeError::said(NO_MAPPING, format!("{} from {source}", path.display()))
}

pub(super) fn several_mappings(path: &Path, names: &str) -> NodeError {
    NodeError::said(SEVERAL, format!("{}: {names}", path.display()))
}
