//! Statements for people: PDF, XLSX and tables of closed and open periods, in both languages.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use common::Home;

const STATEMENT: [&str; 3] = ["statement", "studio-0-share", "2026-03"];

#[test]
fn statements_are_made_for_people() {
    let home = Home::with_sample("gaming");
    home.run(&["close", "2026-03", "--agreement", "studio-0-share"]).ends(0);
    for (format, begins) in [("pdf", &b"%PDF-1.7"[..]), ("xlsx", &b"PK"[..])] {
        let mut files = Vec::new();
        for (name, language) in [("a", "en"), ("b", "en"), ("c", "ko")] {
            let file = home.path(&format!("{name}.{format}"));
            let args = ["--format", format, "--lang", language, "-o", &file];
            let run = home.run(&[&STATEMENT[..], &args[..]].concat()).ends(0);
            assert_eq!((run.out.as_str(), run.err.as_str()), ("", ""), "{format}");
            files.push(std::fs::read(file).unwrap());
        }
        assert!(files[0].starts_with(begins), "{format}");
        assert_eq!(files[0], files[1], "{format} twice");
        assert_ne!(files[0], files[2], "{format} in another language");
    }
    let table = home.run(&[&STATEMENT[..], &["--lang", "ko"]].concat()).ends(0).out;
    for word in ["총게임수익", "보너스", "공제", "금액", "지급액 EUR"] {
        assert!(table.contains(word), "{word} is not in\n{table}");
    }
    let table = home.run(&STATEMENT).ends(0).out;
    for word in ["Gross gaming revenue", "Deductions", "Payable EUR"] {
        assert!(table.contains(word), "{word} is not in\n{table}");
    }
}

#[test]
fn json_and_csv_go_to_files_too_and_a_missing_directory_is_said() {
    let home = Home::with_sample("gaming");
    for format in ["json", "csv"] {
        let args = [&STATEMENT[..], &["--draft", "--format", format]].concat();
        let shown = home.run(&args).ends(0).out;
        let file = home.path(format);
        home.run(&[&args[..], &["-o", &file]].concat()).ends(0);
        assert_eq!(std::fs::read_to_string(file).unwrap(), shown);
    }
    let file = home.path("no/such/directory.pdf");
    let args = [&STATEMENT[..], &["--draft", "--format", "pdf", "-o", &file]].concat();
    let run = home.run(&args).ends(2);
    assert!(run.err.contains("E9103"), "{}", run.err);
}
