//! The parts of the steps that can be told from outside: counts, reports, places, arguments.

use proptest::prelude::*;
use std::path::Path;
use xtask::talk::Outcome::{self, Failed, Passed, Skipped, Unable};
use xtask::tidy::scan::Source;
use xtask::{audit, bench, door, fuzz, generate, mutants, suite, workshop};

#[test]
fn a_failed_step_is_counted_and_fails_the_whole() {
    let text = String::new;
    for (outcomes, expected) in [
        (vec![Passed(text()), Skipped(text())], Passed("1 passed, 0 failed".to_owned())),
        (vec![Passed(text()), Failed(text())], Failed("1 passed, 1 failed".to_owned())),
        (vec![Unable(text()), Failed(text())], Failed("0 passed, 2 failed".to_owned())),
    ] {
        let total = suite::total(&outcomes);
        assert_eq!(total, expected);
        assert_eq!(suite::last_line(&total).as_deref(), Some(expected.line()));
    }
    assert_eq!(suite::last_line(&Unable(text())), None);
}

#[test]
fn an_advisory_fails_and_a_database_out_of_reach_is_said() {
    let found = r#"{"vulnerabilities":{"list":[{"advisory":{"id":"R-1","title":"t"},
        "package":{"name":"p","version":"1.0.0"}}]}}"#;
    for (stdout, expected) in [
        (found, Failed("1 complaint".to_owned())),
        (r#"{"vulnerabilities":{"list":[]}}"#, Passed("no known vulnerability".to_owned())),
        ("", Skipped("not reached: skipped (error: no route)".to_owned())),
        ("{}", Skipped("not reached: skipped (error: no route)".to_owned())),
    ] {
        assert_eq!(audit::judge(stdout, "fetching\nerror: no route\n"), expected, "{stdout}");
    }
}

#[test]
fn a_fuzz_run_counts_only_when_led_by_coverage() {
    let led = "INFO: Loaded 1 modules   (44 inline 8-bit counters): 44 [0x1, 0x2),\n";
    let runs = "stat::number_of_executed_units: 1234\n";
    assert_eq!(fuzz::judge(&format!("{led}{runs}")), Ok(1234));
    assert!(fuzz::judge(runs).is_err());
    assert!(fuzz::judge(&format!("{}{runs}", led.replace("44 inline", "0 inline"))).is_err());
    assert!(fuzz::judge(led).is_err());
}

#[test]
fn fuzz_arguments_are_read_or_refused() {
    let read = |text: &str| {
        let args: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        fuzz::arguments(&args)
    };
    assert_eq!(read("--seconds 5 a b"), Ok((5, vec!["a".to_owned(), "b".to_owned()])));
    for bad in ["--seconds", "--seconds x", "--seconds 0", "--second 1"] {
        assert!(read(bad).is_err(), "{bad}");
    }
}

#[test]
fn arguments_of_mutation_are_read_or_refused() {
    let read = |text: &str| {
        let args: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        mutants::arguments(&args)
    };
    let asked = read("--shard 4/4 --package settle --jobs 1").expect("each of them is known");
    assert_eq!((asked.shard, asked.package.as_deref()), (Some((4, 4)), Some("settle")));
    assert_eq!((asked.jobs, read("").map(|asked| asked.jobs)), (1, Ok(2)));
    for bad in ["--shard", "--shard 0/4", "--shard 5/4", "--package book", "--jobs 0", "--all x"] {
        assert!(read(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_survivor_is_explained_as_often_as_the_page_says() {
    let page = "| file | mutation | times | why |\n|---|---|---|---|\n\
        | `crates/a/src/b.rs` | `replace \\|\\| with && in f` | 2 | both are false there |\n";
    let explained = mutants::explained(page).expect("a table of four columns");
    let line = |at: u8| format!("crates/a/src/b.rs:{at}:1: replace || with && in f\n");
    for (found, complaints) in [(1..=2, 0), (1..=3, 1)] {
        let list: String = found.map(line).collect();
        let found = mutants::survivors(&list);
        assert_eq!(mutants::unexplained(&found, &explained).len(), complaints, "{list}");
    }
    let other = mutants::survivors("crates/a/src/c.rs:1:1: replace || with && in f");
    assert_eq!(mutants::unexplained(&other, &explained).len(), 1);
    for (bad, good) in [("| 2 |", "| x |"), ("both are false there", ""), ("| 2 |", "|")] {
        assert!(mutants::explained(&page.replace(bad, good)).is_err(), "{good}");
    }
    assert!(mutants::explained(&page.repeat(2)).is_err());
}

#[test]
fn build_outputs_stay_outside_the_clone() {
    for (chosen, cache, home, expected) in [
        (Some("/t"), Some("/c"), Some("/h"), Some("/t")),
        (None, Some("/c"), Some("/h"), Some("/c/saldo/target")),
        (None, Some("c"), Some("/h"), Some("/h/.cache/saldo/target")),
        (None, None, Some("/h"), Some("/h/.cache/saldo/target")),
        (None, None, None, None),
    ] {
        let target = workshop::target_dir(
            chosen.map(Into::into),
            cache.map(Into::into),
            home.map(Into::into),
        );
        assert_eq!(target.as_deref(), expected.map(Path::new), "{chosen:?} {cache:?} {home:?}");
    }
}

#[test]
fn a_generated_file_is_compared_line_by_line() {
    for (committed, generated, line) in
        [("a\nb\n", "a\nc\n", 2), ("", "a\n", 1), ("a\n", "a\nb\n", 2), ("a\nb", "a", 2)]
    {
        let found = generate::difference(committed.as_bytes(), generated.as_bytes());
        assert_eq!(found, line, "{committed:?} {generated:?}");
    }
}

#[test]
fn a_report_is_a_table_of_figures() {
    let report = serde_json::json!({"a": 1_234_567, "b": {"c": [0.5, "x"]}, "d": 12, "e": true});
    let expected = "a      1,234,567\nb.c.0  0.5\nb.c.1  x\nd      12\ne      true\n";
    assert_eq!(bench::table(&report), expected);
}

#[test]
fn help_names_every_command() {
    let help = door::help();
    for name in ["demo", "test", "tidy", "gen", "bench", "sim SEED", "fuzz", "mutants", "help"] {
        assert!(help.lines().any(|line| line.trim_start().starts_with(name)), "{name}");
    }
}

#[test]
fn complaints_fail() {
    assert_eq!(Outcome::of_complaints(&[], "fine".to_owned()), Passed("fine".to_owned()));
    let two = ["a".to_owned(), "b".to_owned()];
    assert_eq!(Outcome::of_complaints(&two, String::new()), Failed("2 complaints".to_owned()));
}

proptest! {
    /// Whatever the text, masks keep its length and lines, and no byte is code and comment at once.
    #[test]
    fn masks_fit_any_text(text in "[ab'\"\\\\/*#r\n{}원!]{0,80}") {
        let source = Source::new(&text);
        prop_assert_eq!(source.code.len(), text.len());
        prop_assert_eq!(source.comments.len(), text.len());
        for ((text, code), comment) in
            text.bytes().zip(source.code.bytes()).zip(source.comments.bytes())
        {
            prop_assert_eq!(text == b'\n', code == b'\n');
            prop_assert!(text == b'\n' || code == b' ' || comment == b' ');
        }
    }

    /// A word that stands in code is found there whatever literal or comment comes before it.
    #[test]
    fn what_is_quoted_hides_nothing_behind_it(
        quoted in "[ab'/*#{}원 ]{0,20}",
        hashes in 0_usize..3,
    ) {
        let marks = "#".repeat(hashes);
        let inner = quoted.replace('#', "");
        for before in [
            format!("\"{inner}\\\"\""),
            format!("r{marks}\"{inner}\"{marks}"),
            format!("br{marks}\"{inner}\"{marks}"),
            format!("// {inner}\n"),
            format!("/* {} */", inner.replace(['*', '/'], "")),
            "'\\''".to_owned(),
            "'\"'".to_owned(),
            "&'a".to_owned(),
        ] {
            let text = format!("{before} needle");
            prop_assert!(Source::new(&text).code.ends_with(" needle"), "{}", text);
        }
    }
}
