//! Borders: the words that the shipped code of a crate must not know.

use super::scan::{is_word, skip_space, words};
use super::{Look, Violation};

/// What the crates named must not say: words, paths (`std::fs`) or starts of paths (`local::`).
struct Border {
    crates: &'static [&'static str],
    words: &'static [&'static str],
    why: &'static str,
}

/// Section 4 of the architecture, the column "must not know".
const BORDERS: &[Border] = &[
    Border {
        crates: &["ledger", "settle"],
        words: &["async", "serde", "serde_json", "rand", "tokio"],
        why: "the pure crates know no async, no serialisation and no randomness",
    },
    Border {
        crates: &["ledger", "settle", "engine"],
        words: &["SystemTime", "Instant"],
        why: "time is an argument: take it from the Log record",
    },
    Border {
        crates: &["ledger", "settle", "proof"],
        words: &["std::fs", "std::net", "std::io", "std::env", "std::process"],
        why: "the pure crates do no IO: take values, give values",
    },
    Border {
        crates: &["engine"],
        words: &["std::env", "rusqlite", "local::", "cluster::"],
        why: "the engine knows its ports, not what stands behind them",
    },
    Border {
        crates: &["book", "formats"],
        words: &["std::net", "rusqlite", "tokio"],
        why: "it knows neither stores nor the network",
    },
    Border {
        crates: &["local"],
        words: &["std::net", "cluster::"],
        why: "the embedded ports know no network and no cluster",
    },
    Border { crates: &["node"], words: &["axum", "hyper"], why: "the node does not know HTTP" },
];

/// The path in `sim` of the oracle, and the crates whose names it must not say.
const ORACLE: &[&str] = &["src/oracle.rs", "src/oracle/"];
const ORACLE_WORDS: &[&str] = &["ledger", "settle", "book", "proof", "engine", "saldo_ledger"];

/// The path in `engine` of the batch road, and what of the stream road it must not say: that both
/// come to the same sums proves something only while neither leans on the other.
const BATCH: &[&str] = &["src/batch.rs", "src/batch/"];
const STREAM_WORDS: &[&str] = &[
    "crate::step",
    "crate::accounts",
    "crate::deltas",
    "crate::overlay",
    "crate::recent",
    "Step",
    "Accounts",
    "Deltas",
    "Overlay",
    "ledger::decide",
    "decide",
    ".push_path",
];

/// Looks for forbidden words in shipped code; test code may use what it likes.
pub fn check(look: &Look<'_>, found: &mut Vec<Violation>) {
    if !look.place.is_src() {
        return;
    }
    let of_this = |border: &&Border| border.crates.contains(&look.place.krate);
    for border in BORDERS.iter().filter(of_this) {
        for word in border.words {
            for at in mentions(&look.source.code, word).filter(|at| !look.is_test(*at)) {
                found.push(look.at(at, "border", format!("drop `{word}`: {}", border.why)));
            }
        }
    }
    if look.place.krate == "sim" && ORACLE.iter().any(|p| look.place.inner.starts_with(p)) {
        for word in ORACLE_WORDS {
            for at in mentions(&look.source.code, word) {
                let what = format!("drop `{word}`: the oracle shares no code with what it judges");
                found.push(look.at(at, "oracle", what));
            }
        }
    }
    if look.place.krate == "engine" && BATCH.iter().any(|p| look.place.inner.starts_with(p)) {
        for word in STREAM_WORDS {
            for at in mentions(&look.source.code, word).filter(|at| !look.is_test(*at)) {
                let what = format!("drop `{word}`: the batch road shares nothing with the stream");
                found.push(look.at(at, "roads", what));
            }
        }
    }
}

/// The offsets where code says `word`; a path `a::b` is also found as `a::{.., b, ..}`.
fn mentions<'c>(code: &'c str, word: &'c str) -> Box<dyn Iterator<Item = usize> + 'c> {
    match word.split_once("::") {
        Some((head, tail)) if !tail.is_empty() => {
            Box::new(words(code, head).filter(move |at| names(code, at + head.len(), tail)))
        }
        _ => Box::new(words(code, word)),
    }
}

/// Whether `::tail`, or a group with `tail` as one of its first segments, follows at `from`.
fn names(code: &str, from: usize, tail: &str) -> bool {
    let at = skip_space(code, from);
    let Some(rest) = code[at..].strip_prefix("::").map(str::trim_start) else { return false };
    let starts = |text: &str| {
        let text = text.trim_start();
        text.starts_with(tail) && !text.as_bytes().get(tail.len()).is_some_and(|b| is_word(*b))
    };
    let Some(group) = rest.strip_prefix('{') else { return starts(rest) };
    let mut depth = 0_i32;
    let mut fresh = true;
    for (i, byte) in group.bytes().enumerate() {
        if depth == 0 && fresh && starts(&group[i..]) {
            return true;
        }
        fresh = byte == b',' || fresh && byte.is_ascii_whitespace();
        depth += i32::from(byte == b'{') - i32::from(byte == b'}');
        if depth < 0 {
            return false;
        }
    }
    false
}
