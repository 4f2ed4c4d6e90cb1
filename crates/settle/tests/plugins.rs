//! `plugin`: what is handed over, and which answers are taken.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{step, sum};
use crate::grouped::Case;
use settle::steps::{Plugin, PluginRead};
use settle::{Nothing, Outside, QuoteAsk, QuoteUsed, Rule, SettleError, Step};
use std::cell::RefCell;

/// Answers with a text, and remembers what it was given.
struct Program(String, RefCell<Vec<u8>>);

impl Outside for Program {
    fn quote(&self, ask: &QuoteAsk) -> Result<QuoteUsed, SettleError> {
        Nothing.quote(ask)
    }

    fn plugin(&self, _: &str, input: &[u8]) -> Result<Vec<u8>, SettleError> {
        *self.1.borrow_mut() = input.to_vec();
        Ok(self.0.clone().into_bytes())
    }
}

fn steps(change: impl FnOnce(&mut Plugin)) -> Vec<Step> {
    let read = PluginRead { measure: "ggr".into(), by: vec!["player".into()] };
    let mut made = Plugin {
        file: "plugins/x.wasm".into(),
        sha256: "0a".repeat(32),
        reads: [("revenue".into(), read)].into(),
        parameters: [("rate".into(), "0.1".into())].into(),
    };
    change(&mut made);
    vec![sum("fee"), step("own", Rule::Plugin(made))]
}

fn line(name: &str, amount: &str, effect: &str) -> String {
    format!(r#"{{"amount":"{amount}","effect":"{effect}","name":"{name}"}}"#)
}

fn answer(lines: &[String]) -> String {
    format!(r#"{{"format":"saldo.plugin-output.v1","lines":[{}]}}"#, lines.join(","))
}

#[test]
fn answers_become_lines() {
    let rows = [("fee", "", "100"), ("ggr", "*player=a", "7.50"), ("ggr", "*player=b/\"", "-2.5")];
    let check = |what: &str, text: String, wanted: &[&str]| {
        let program = Program(text, RefCell::default());
        let case = Case { rows: &rows, outside: &program, ..Case::default() };
        case.check(what, steps(|_| ()), wanted);
        String::from_utf8(program.1.into_inner()).unwrap()
    };
    let lines = [line("bonus", "12.25", "subtract"), line("seen", "5", "keep")];
    let wanted = ["own/bonus 12.25", "own/seen 5", "own 87.75", "87.75"];
    let input = check("two lines", answer(&lines), &wanted);
    assert_eq!(
        input,
        concat!(
            r#"{"asset":"EUR","format":"saldo.plugin-input.v1","parameters":{"rate":"0.1"},"#,
            r#""period":"2016-11","readings":{"revenue":["#,
            r#"{"by":["a"],"count":"1","value":"7.5"},{"by":["b/\""],"count":"1","#,
            r#""value":"-2.5"}]},"running":"100","scale":"2"}"#,
        )
    );
    check("no lines", answer(&[]), &["own 100", "100.00"]);
    check("set", answer(&[line("all", "1", "set")]), &["1.00"]);
    check("the same name", answer(&[line("x", "1", "add"), line("x", "1", "add")]), &["E7404"]);
    check("not a word", answer(&[line("X", "1", "add")]), &["E7404"]);
    check("not an effect", answer(&[line("x", "1", "steal")]), &["E7404"]);
    check("not a number", answer(&[line("x", "1e3", "add")]), &["E7404"]);
    check("too fine", answer(&[line("x", "0.0000000000000000001", "keep")]), &["E7404"]);
    check("space", answer(&[line("x", "1", "add")]).replace(':', ": "), &["E7404"]);
    check("nothing", String::new(), &["E7404"]);
    check("another format", answer(&[]).replace("v1", "v2"), &["E7404"]);
    let many: Vec<_> = (0..201).map(|at| line(&format!("x{at}"), "1", "add")).collect();
    check("too many", answer(&many), &["E7404"]);
    check("too long", " ".repeat(70_000), &["E7404"]);
    check("too much", answer(&[line("x", &"9".repeat(38), "add")]), &["E7401"]);
}

/// An answer is refused for its length before anything is looked at in it.
#[test]
fn answers_at_the_bound_of_their_length() {
    let most = settle::limits::PLUGIN_OUTPUT_BYTES_MAX;
    for (length, too_long) in [(most, false), (most + 1, true), (most + 2, true)] {
        let program = Program(" ".repeat(length), RefCell::default());
        let case = Case { rows: &[("fee", "", "100")], outside: &program, ..Case::default() };
        let agreement = case.agreement(steps(|_| ()));
        let error = case.rated(&agreement, &settle::Left::default()).unwrap_err();
        assert_eq!(error.to_string().contains("too long"), too_long, "{length}: {error}");
    }
}

/// The counterparty has the recorded quotes, and runs plug-ins itself.
#[test]
fn a_recorded_statement_has_its_plug_ins_run_again() {
    let program = Program("out".into(), RefCell::default());
    let recorded = settle::Recorded { quotes: &[], plugins: &program };
    assert_eq!(recorded.plugin("0a", b"in").unwrap(), b"out");
    assert_eq!(program.1.into_inner(), b"in");
    let silent = settle::Recorded { quotes: &[], plugins: &Nothing };
    assert_eq!(silent.plugin("0a", b"in").unwrap_err().code(), "E7404");
}

#[test]
fn what_is_refused() {
    let rows = [("fee", "", "100")];
    let case = Case { rows: &rows, ..Case::default() };
    case.check("nobody runs it", steps(|_| ()), &["E7404"]);
    case.check("no hash", steps(|it| it.sha256 = "0A".repeat(32)), &["E7302"]);
    case.check("half a hash", steps(|it| it.sha256 = "0a".repeat(16)), &["E7302"]);
}
