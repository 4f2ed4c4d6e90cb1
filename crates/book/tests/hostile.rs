//! Bytes that nobody meant as a book: whatever they are, checking them ends in diagnostics.

use book::Files;
use proptest::prelude::*;

fn gaming() -> Files {
    let files = book::template("gaming").expect("there is a gaming template");
    files.into_iter().map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).collect()
}

fn paths() -> Vec<String> {
    gaming().into_keys().collect()
}

/// A result exactly when no error is found, places from 1, and the same again.
fn check(files: &Files) -> Result<(), TestCaseError> {
    let (compiled, found) = book::compile(files, 1);
    let is_broken = found.iter().any(|d| d.severity == book::Severity::Error);
    prop_assert_eq!(compiled.is_none(), is_broken);
    for diagnostic in &found {
        prop_assert!(diagnostic.line > 0 && diagnostic.column > 0, "{}", diagnostic);
        prop_assert!(!diagnostic.message.is_empty());
        let code = diagnostic.code;
        let is_known = book::codes().any(|known| known.code == code);
        prop_assert!(is_known, "{} has no page", code);
    }
    prop_assert_eq!((compiled, found), book::compile(files, 1));
    Ok(())
}

/// Texts made of what YAML and books are made of.
fn yamlish() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "kinds",
        "measures",
        "terms",
        "steps",
        "select",
        "tier",
        "bands",
        "rate",
        "postings",
        ":",
        ": ",
        "- ",
        "\n",
        "\n  ",
        "\n    ",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        "&a",
        "*a",
        "<<",
        "!x",
        "|",
        ">",
        "#",
        "%",
        "0.1",
        "\"5%\"",
        "2026-01-01",
        "---",
        "...",
        "\t",
        "é",
        "\u{feff}",
    ]);
    prop::collection::vec(words, 0..60).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_bytes_as_any_file(
        at in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let mut files = gaming();
        files.insert(at.get(&paths()).clone(), bytes);
        check(&files)?;
    }

    #[test]
    fn almost_yaml_as_any_file(at in any::<prop::sample::Index>(), text in yamlish()) {
        let mut files = gaming();
        files.insert(at.get(&paths()).clone(), text.into_bytes());
        check(&files)?;
    }

    #[test]
    fn almost_quotes(lines in prop::collection::vec("[0-9A-Z,.#é-]{0,30}", 0..12)) {
        let mut files = gaming();
        let text = format!("date,base,quote,rate\n{}", lines.join("\n"));
        files.insert("quotes/bank.csv".to_owned(), text.into_bytes());
        check(&files)?;
    }

    #[test]
    fn a_file_with_a_piece_replaced(
        at in any::<prop::sample::Index>(),
        start in any::<prop::sample::Index>(),
        length in 0usize..30,
        text in yamlish(),
    ) {
        let mut files = gaming();
        let path = at.get(&paths()).clone();
        let bytes = files.get_mut(&path).expect("the path is one of the files");
        let start = start.index(bytes.len());
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, text.into_bytes());
        check(&files)?;
    }
}

#[test]
fn large_and_deep_files_are_refused_quickly() {
    let many = |line: &str, count: usize| line.repeat(count).into_bytes();
    let lines: Vec<String> = (0..60_000).map(|number| format!("  k{number}: {{}}\n")).collect();
    let numbered = format!("kinds:\n{}", lines.concat());
    for bytes in [
        many("- ", 40_000),
        many("[", 300_000),
        many("{a: ", 100_000),
        many("- a\n", 250_000),
        many("a: &a [*a]\n", 40_000),
        numbered.into_bytes(),
    ] {
        let mut files = gaming();
        files.insert("kinds.yaml".to_owned(), bytes);
        let (compiled, found) = book::compile(&files, 1);
        assert!(compiled.is_none() && !found.is_empty());
    }
}
