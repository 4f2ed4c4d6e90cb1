//! How much of a policy is read: its reader goes down with it, and so does whatever looks at it.

use node::formats::nesting;

/// Most brackets within brackets.
const BRACKETS_MAX: usize = 32;
/// Most bytes of one file of policies: a chain of operators as long as that is read still.
const FILE_BYTES_MAX: usize = 32 << 10;
/// Most branches of one file: each may stand within the one before.
const BRANCHES_MAX: usize = 256;

/// Refuses what would take the reader of policies too deep, and with it the process.
///
/// # Errors
/// What is wrong, in words.
pub fn check(text: &str) -> Result<(), String> {
    let branches = text.split(|c: char| !c.is_alphanumeric()).filter(|word| *word == "if");
    if text.len() > FILE_BYTES_MAX || branches.count() > BRANCHES_MAX {
        let what = format!("{FILE_BYTES_MAX} bytes and {BRANCHES_MAX} times `if`");
        return Err(format!("a file of policies has at most {what}; there may be several"));
    }
    nesting::bounded(text, BRACKETS_MAX)
}

#[cfg(test)]
mod tests {
    use super::super::compile;
    use node::book::Files;

    #[test]
    fn what_nests_too_deep_is_a_mistake_and_no_end_of_the_process() {
        let of = |begin: &str, end: &str, times: usize| {
            let when = format!("{}true{}", begin.repeat(times), end.repeat(times));
            format!("permit (principal, action, resource) when {{ {when} }};")
        };
        for (begin, end, times, holds) in [
            ("(", ")", 20, true),
            ("(", ")", 20_000, false),
            ("[", "].isEmpty()", 20_000, false),
            ("{a: ", "}.a", 20_000, false),
            ("1 > (", ")", 20_000, false),
            ("( // )\n", ")", 20_000, false),
            ("if true then ", " else true", 20, true),
            ("if true then ", " else true", 300, false),
            ("if true then // ;\n", " else true", 300, false),
            ("true && ", "", 4000, true),
            ("true && ", "", 20_000, false),
            ("!!", "", 20_000, false),
        ] {
            let text = of(begin, end, times);
            let (_, found) =
                compile(&Files::from([("policies/x.cedar".to_owned(), text.into_bytes())]));
            assert_eq!(found.is_empty(), holds, "{begin} {times} times: {:?}", found.first());
        }
    }
}
