//! Errors at the edge: told once, as code, sentence, causes and hint; and the registry of codes.

use node::NodeError;
use node::ledger::code::Code;
use std::fmt::Write as _;

/// The command line's own codes.
pub const CODES: &[Code] = &[
    UNKNOWN_CODE,
    NOTHING_TO_CLOSE,
    NO_FILE,
    CHILD,
    NOT_EVENTS,
    OUTPUT,
    TERMINAL,
    NO_ANSWER,
    NOT_REMOTE,
    NO_KEY,
];

/// A code that no page has.
pub const UNKNOWN_CODE: Code = Code {
    code: "E9101",
    title: "there is no such code",
    cause: "Codes are an E and four digits; this version does not have this one.",
    hint: "Copy the code from the message; `saldo explain codes` lists all of them.",
};
/// No agreement has periods of the kind asked for.
pub const NOTHING_TO_CLOSE: Code = Code {
    code: "E9102",
    title: "no agreement is settled by such periods",
    cause: "Every agreement of the book has its own kind of period: day, week, month and so on.",
    hint: "Write a period of the kind that the book's agreements have, or name one agreement with \
           --agreement.",
};
/// A file that could not be read or written.
pub const NO_FILE: Code = Code {
    code: "E9103",
    title: "the file cannot be read or written",
    cause: "It is not there, or the system refuses.",
    hint: "Check the path and the permissions.",
};
/// A helper process that failed.
pub const CHILD: Code = Code {
    code: "E9104",
    title: "a process that this command started has failed",
    cause: "The benchmark makes its file in a process of its own, with this same program.",
    hint: "Look at what it said above; often the disk is full.",
};
/// Lines that are not events where events were to be compared.
pub const NOT_EVENTS: Code = Code {
    code: "E9105",
    title: "the file of events cannot be compared",
    cause: "`--events` takes lines in Saldo's own event shape, one JSON object a line.",
    hint: "Correct the line that the message names.",
};
/// Output that nobody takes.
pub const OUTPUT: Code = Code {
    code: "E9106",
    title: "the output cannot be written",
    cause: "Standard output is closed or its disk is full.",
    hint: "Send the output elsewhere.",
};

/// Bytes that a terminal would take for something else.
pub const TERMINAL: Code = Code {
    code: "E9107",
    title: "the output is no text, and standard output is a terminal",
    cause: "PDF and XLSX are bytes that a terminal shows as noise, or obeys.",
    hint: "Name a file with `-o FILE`, or send the output on with `>` or `|`.",
};

/// A service that gave no answer of use.
pub const NO_ANSWER: Code = Code {
    code: "E9108",
    title: "the service gives no answer of use",
    cause: "It was not reached, it hung up, or something else answers at this address.",
    hint: "Look whether `URL/readyz` answers, and whether the address and the versions fit; where \
           its certificate is of an authority of your own, SALDO_SERVER_CA names that one's file.",
};
/// A command that works on a directory alone.
pub const NOT_REMOTE: Code = Code {
    code: "E9109",
    title: "this cannot be asked of a service",
    cause: "Some commands need the directory itself, or no service at all.",
    hint: "Give the command without --server, on the machine that has the directory.",
};
/// A service is to be asked, and there is no key.
pub const NO_KEY: Code = Code {
    code: "E9110",
    title: "there is no key to ask the service with",
    cause: "The key's text is read from the variable SALDO_KEY, or from the file of --key-file.",
    hint: "Set SALDO_KEY to what `saldo access create` printed.",
};

/// Why a command could not run.
#[derive(Debug)]
pub struct Failure {
    code: &'static str,
    text: String,
    hint: String,
}

impl Failure {
    /// A failure of the command line itself.
    pub fn said(page: Code, what: impl std::fmt::Display) -> Self {
        let text = format!("{}: {what}", page.title);
        Self { code: page.code, text, hint: page.hint.to_owned() }
    }

    /// A file that could not be read or written.
    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::said(NO_FILE, format!("{}: {error}", path.display()))
    }

    /// An error with a code of its own and, maybe, causes.
    pub fn of(code: &'static str, error: &dyn std::error::Error) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let _ = write!(text, ": {error}");
            cause = error.source();
        }
        Self { code, text, hint: page(code).map(|page| page.hint.to_owned()).unwrap_or_default() }
    }

    /// With a hint of its own in place of that of the page.
    pub fn hinted(self, hint: String) -> Self {
        Self { hint, ..self }
    }

    /// The sentence, with its causes.
    pub fn sentence(&self) -> &str {
        &self.text
    }

    /// What is printed.
    pub fn told(&self) -> String {
        let Self { code, text, hint } = self;
        let end = if text.ends_with('.') { "" } else { "." };
        let mut told = format!("error[{code}]: {text}{end}\n");
        if !hint.is_empty() {
            let _ = writeln!(told, "hint: {hint}");
        }
        told
    }
}

impl From<NodeError> for Failure {
    fn from(error: NodeError) -> Self {
        Self::of(error.code(), &error)
    }
}

impl From<node::engine::EngineError> for Failure {
    fn from(error: node::engine::EngineError) -> Self {
        Self::of(error.code(), &error)
    }
}

impl From<node::engine::port::PortError> for Failure {
    fn from(error: node::engine::port::PortError) -> Self {
        NodeError::from(error).into()
    }
}

impl From<node::settle::SettleError> for Failure {
    fn from(error: node::settle::SettleError) -> Self {
        Self::of(error.code(), &error)
    }
}

/// Every page of every crate, ascending by code.
pub fn pages() -> Vec<Code> {
    let mut pages = node::registry::pages();
    pages.extend_from_slice(api::CODES);
    pages.extend_from_slice(CODES);
    pages.sort_by_key(|page| page.code);
    pages
}

/// The page of a code.
pub fn page(code: &str) -> Option<Code> {
    pages().into_iter().find(|page| page.code.eq_ignore_ascii_case(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_its_own_and_has_a_whole_page() {
        let pages = pages();
        assert!(pages.len() > 100, "only {} pages", pages.len());
        for pair in pages.windows(2) {
            assert!(pair[0].code < pair[1].code, "{} is given twice", pair[0].code);
        }
        for page in &pages {
            let digits = page.code.strip_prefix('E').unwrap_or("");
            assert!(digits.len() == 4 && digits.parse::<u16>().is_ok(), "{}", page.code);
            assert!(matches!(digits.as_bytes()[0], b'1'..=b'9'), "{}", page.code);
            for text in [page.title, page.cause, page.hint] {
                assert!(!text.is_empty(), "{} lacks a part of its page", page.code);
                assert!(!text.contains("  "), "{}: two spaces in {text:?}", page.code);
            }
        }
    }

    #[test]
    fn crates_keep_to_their_ranges() {
        for (codes, range) in [
            (node::book::CODES, 1000..2000),
            (node::engine::CODES, 5100..5200),
            (node::intake::code::CODES, 5200..5300),
            (node::code::CODES, 5300..5400),
            (proof::CODES, 6000..7000),
            (node::settle::CODES, 7000..8000),
            (api::CODES, 8000..9000),
            (CODES, 9000..10000),
        ] {
            for page in codes {
                let number: u16 = page.code[1..].parse().unwrap();
                // What holds refuse is of the range of the service, by whichever road it is asked.
                let is_of_holds = range.start == 5300 && (8390..8400).contains(&number);
                let fits = range.contains(&number) || is_of_holds;
                assert!(fits, "{} is outside {range:?}", page.code);
            }
        }
    }
}
