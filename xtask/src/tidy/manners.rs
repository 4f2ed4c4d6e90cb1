//! Manners: no `unwrap`, no `expect` without a reason, nothing left to do, `unsafe` in one file.

use super::scan::{skip_space, words};
use super::{Look, Violation};

/// The one file that may say `unsafe`: hashing with SIMD, tested against the library it replaces.
const UNSAFE_IN: &str = "crates/proof/src/sha_ni.rs";

/// Words that mark unfinished work in a comment.
const MARKERS: &[&str] = &["TODO", "FIXME", "XXX"];

/// Macros that mark unfinished or forgotten work.
const LEFTOVERS: &[&str] = &["todo!", "unimplemented!", "dbg!"];

/// All of these rules over one file.
pub fn check(look: &Look<'_>, found: &mut Vec<Violation>) {
    let (code, comments) = (look.source.code.as_str(), look.source.comments.as_str());
    for at in calls(code, "unwrap").filter(|at| !look.is_test(*at)) {
        found.push(look.at(at, "unwrap", "return an error, or `expect` with the reason it holds"));
    }
    for at in calls(code, "expect").filter(|at| !look.is_test(*at)) {
        if let Some(what) = bad_reason(look, at) {
            found.push(look.at(at, "expect", what));
        }
    }
    for marker in MARKERS {
        for at in words(comments, marker) {
            found.push(look.at(at, "marker", format!("do what the {marker} says, or drop it")));
        }
    }
    for leftover in LEFTOVERS {
        for at in words(code, leftover) {
            found.push(look.at(at, "leftover", format!("`{leftover}` must not stay: finish it")));
        }
    }
    if look.path != UNSAFE_IN {
        for at in words(code, "unsafe") {
            found.push(look.at(at, "unsafe", format!("only {UNSAFE_IN} may: write it safely")));
        }
    }
}

/// The offsets of `name` in method calls `.name(` and paths `::name`.
fn calls<'c>(code: &'c str, name: &'c str) -> impl Iterator<Item = usize> + 'c {
    words(code, name).filter(move |at| {
        let before = code[..*at].trim_end();
        let after = &code[skip_space(code, at + name.len())..];
        before.ends_with('.') && after.starts_with('(')
            || before.ends_with("Option::")
            || before.ends_with("Result::")
    })
}

/// What is wrong with the reason given to the `expect` at `at`, if anything.
fn bad_reason(look: &Look<'_>, at: usize) -> Option<&'static str> {
    let code = &look.source.code;
    // A parser's own `expect` takes a token, and is no panic.
    if code[..at].trim_end().trim_end_matches('.').trim_end().ends_with("self") {
        return None;
    }
    let open = skip_space(code, at + "expect".len());
    let argument = skip_space(code, open + 1);
    let text = &look.source.text[argument.min(code.len())..];
    if text.starts_with("b'") || text.starts_with('\'') {
        return None;
    }
    let Some(inside) = text.strip_prefix('"') else {
        return Some("give the reason as a literal: why can this not fail?");
    };
    let reason = inside.split('"').next().unwrap_or("");
    reason.trim().is_empty().then_some("give the reason: why can this not fail?")
}
