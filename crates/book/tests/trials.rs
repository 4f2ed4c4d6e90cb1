//! Tests that stand beside agreements: those that hold say nothing, and each that does not is found
//! at its figure.
#![allow(clippy::unwrap_used)] // a test stops at the first surprise

use book::Files;
use settle::Nothing;

/// Runs the tests of the first terms of Play'n GO with `tests` in place of its own, and compares
/// code and message of what is found.
#[track_caller]
fn check(tests: &str, expected: &[(&str, &str)]) {
    let template = book::template("gaming").unwrap();
    let mut files: Files =
        template.into_iter().map(|(path, text)| (path.to_owned(), text.into())).collect();
    let path = "agreements/play-n-go-share.yaml";
    let text = String::from_utf8(files[path].clone()).unwrap();
    let (terms, _) = text.split_once("tests:").unwrap();
    files.insert(path.to_owned(), format!("{terms}tests:\n{tests}").into_bytes());
    let (compiled, found) = book::compile(&files, 1);
    let book = compiled.unwrap_or_else(|| panic!("{found:?}"));
    let (run, found) = book::trial::run(&book, &Nothing);
    assert_eq!(run, 1);
    let found: Vec<(&str, &str)> = found.iter().map(|d| (d.code, d.message.as_str())).collect();
    assert_eq!(found, expected, "{tests}");
}

#[test]
fn tests_of_agreements() {
    let case = |given: &str, expect: &str| {
        format!(
            "  - name: a month\n    period: 2025-03\n    given:\n      - {given}\n    expect: \
             {expect}\n"
        )
    };
    let ggr = "{ measure: ggr, value: \"1000.00\" }";
    check(&case(ggr, "{ payable: \"500.00\" }"), &[]);
    check(&case(ggr, "{ lines: { share: \"117.6\", guarantee: \"382.40\" } }"), &[]);
    check(
        &case(ggr, "{ payable: \"500.01\", lines: { share: \"1\", none: \"0\" } }"),
        &[
            ("E1430", "the test \"a month\" fails: payable is 500, expected 500.01"),
            ("E1430", "the test \"a month\" fails: share is 117.6, expected 1"),
            ("E1430", "the test \"a month\" fails: none is not on the statement, expected 0"),
        ],
    );
    check(&case(ggr, "{ closing: { carry: \"0\" } }"), &[]);
    check(
        &case("{ measure: ngr, value: \"1\" }", "{}"),
        &[("E1431", "the test \"a month\" cannot be run: no step reads the measure `ngr`")],
    );
    check(
        &case("{ measure: ggr, value: \"0.00000000001\" }", "{}"),
        &[("E1431", "the test \"a month\" cannot be run: EUR has no such decimals")],
    );
    let other = case(ggr, "{ payable: \"120.00\" }").replace("2025-03", "2025-W10");
    check(
        &other,
        &[(
            "E1431",
            "the test \"a month\" cannot be run: play-n-go-share is not settled by periods like \
             2025-W10",
        )],
    );
    // The selected provider's is meant where nothing is said; another's is not counted.
    let evolution = "{ measure: ggr, value: \"1000.00\", dims: { provider: Evolution } }";
    check(&case(evolution, "{ lines: { ggr: \"0\" } }"), &[]);
}
