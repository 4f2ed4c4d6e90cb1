//! Shape: how long a file, a function and a line may be, and that every file says what it is for.

use super::scan::{is_word, item_end, skip_space, words};
use super::{File, Look, Violation, place};

/// Lines of a file at most.
pub const FILE_LINES_MAX: usize = 500;
/// Lines of a function at most, from `fn` to its closing brace.
pub const FUNCTION_LINES_MAX: usize = 60;
/// Columns of a line at most; a wide character counts as one.
pub const COLUMNS_MAX: usize = 100;

/// Ends of the names of files that are code: what length and width hold for.
const CODE: &[&str] = &[".rs", ".sh", ".sql", ".ts", ".tsx", ".css", ".ci/run"];

/// Length and width of every file of code.
pub fn check_text(file: &File, found: &mut Vec<Violation>) {
    if !CODE.iter().any(|end| file.path.ends_with(end)) || place::is_generated(&file.path) {
        return;
    }
    let mut add = |line, rule, what| {
        found.push(Violation { path: file.path.clone(), line, rule, what });
    };
    let lines = file.text.lines().count();
    if lines > FILE_LINES_MAX {
        add(1, "file-length", format!("{lines} lines, at most {FILE_LINES_MAX}: split the file"));
    }
    for (n, line) in file.text.lines().enumerate() {
        let columns = line.chars().count();
        if columns > COLUMNS_MAX {
            add(
                n + 1,
                "columns",
                format!("{columns} columns, at most {COLUMNS_MAX}: break the line"),
            );
        }
    }
}

/// Length of every function, and the module doc.
pub fn check(look: &Look<'_>, found: &mut Vec<Violation>) {
    let first = look.source.text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    if first.trim_start().strip_prefix("//!").is_none_or(|doc| doc.trim().is_empty()) {
        let what = "begin the file with a `//!` line that says what it is for";
        found.push(look.at(0, "module-doc", what));
    }
    let code = &look.source.code;
    for at in words(code, "fn") {
        let name = skip_space(code, at + 2);
        // A pointer type (`fn(u8)`) has no name and no body.
        let Some(byte) = code.as_bytes().get(name).filter(|b| is_word(**b) || **b == b'$') else {
            continue;
        };
        let (Some(_), end) = item_end(code, at) else { continue };
        let lines = look.source.line_of(end - 1) - look.source.line_of(at) + 1;
        if lines > FUNCTION_LINES_MAX {
            let skip = usize::from(*byte == b'$');
            let word = |b: &u8| is_word(*b);
            let length = code.bytes().skip(name + skip).take_while(word).count();
            let name = &code[name..name + skip + length];
            let what =
                format!("`{name}` has {lines} lines, at most {FUNCTION_LINES_MAX}: split it");
            found.push(look.at(at, "function-length", what));
        }
    }
}
