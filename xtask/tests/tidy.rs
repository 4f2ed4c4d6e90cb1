//! Every rule over files fails when it is broken, names the line, and lets near misses pass.

use xtask::tidy::{self, File};

/// The violations of one file, as `line rule`, but those of the dependencies page.
fn broken(path: &str, text: &str) -> Vec<String> {
    let file = File { path: path.to_owned(), text: text.to_owned() };
    tidy::check(&[file], None).iter().map(|v| format!("{} {}", v.line, v.rule)).collect()
}

/// One file must break exactly what is expected; its module doc is put before it as line 1.
fn check(path: &str, text: &str, expected: &[&str]) {
    let text = format!("//! Doc.\n{text}\n");
    assert_eq!(broken(path, &text), expected, "{path}:\n{text}");
}

const LIB: &str = "crates/engine/src/lib.rs";
const LEDGER: &str = "crates/ledger/src/amount.rs";

#[test]
fn unwrap_and_expect_need_a_reason_outside_of_tests() {
    check(LIB, "fn f() { x.unwrap(); }", &["2 unwrap"]);
    check(LIB, "fn f() { x\n.unwrap\n(); }", &["3 unwrap"]);
    check(LIB, "fn f() { x.map(Option::unwrap); }", &["2 unwrap"]);
    check(LIB, "fn f() { x.unwrap_or(1); unwrap(); }", &[]);
    check(LIB, "// x.unwrap()\nconst S: &str = \"x.unwrap()\";", &[]);
    check(LIB, "const S: &str = r#\"\"x.unwrap()\"#; fn f() { y.unwrap() }", &["2 unwrap"]);
    check(LIB, "const C: char = '\"'; fn f() { y.unwrap() } const D: char = '\"';", &["2 unwrap"]);
    check(LIB, "fn f<'a>(x: &'a str) { y.unwrap() }", &["2 unwrap"]);
    check(LIB, "/* /* nested */ x.unwrap() */", &[]);
    check(LIB, "fn f() { x.expect(\"\"); }", &["2 expect"]);
    check(LIB, "fn f() { x.expect(\"  \"); }", &["2 expect"]);
    check(LIB, "fn f() { x.expect(why); }", &["2 expect"]);
    check(LIB, "fn f() { x.expect(&format!(\"{n}\")); }", &["2 expect"]);
    check(LIB, "fn f() { x.expect(\n\"the header was checked\",\n); }", &[]);
    check(LIB, "fn f() { self.expect(Token::Open)?; self.expect(b'(')?; }", &[]);
}

#[test]
fn test_code_may_unwrap() {
    for path in [
        "crates/engine/tests/commit.rs",
        "crates/engine/benches/commit.rs",
        "crates/engine/src/commit/tests.rs",
        "crates/engine/src/commit_tests.rs",
    ] {
        check(path, "fn f() { x.unwrap(); }", &[]);
    }
    check("crates/engine/src/contests.rs", "fn f() { x.unwrap(); }", &["2 unwrap"]);
    check(LIB, "#[cfg(test)]\nmod tests {\n fn f() { x.unwrap(); }\n}", &[]);
    check(LIB, "#[cfg(test)]\n#[allow(x)]\nmod tests { fn f() { x.unwrap(); } }", &[]);
    check(LIB, "#[cfg(all(test, unix))]\nfn f() { x.unwrap(); }", &[]);
    check(LIB, "#[cfg(test)]\nuse a;\nfn f() { x.unwrap(); }", &["4 unwrap"]);
    check(LIB, "#[cfg(test)]\nmod tests { fn f() {} }\nfn g() { x.unwrap(); }", &["4 unwrap"]);
    check(LIB, "#[cfg(not(test))]\nfn f() { x.unwrap(); }", &["3 unwrap"]);
    check(LIB, "#[cfg(feature = \"test\")]\nfn f() { x.unwrap(); }", &["3 unwrap"]);
}

#[test]
fn a_file_declared_for_tests_only_is_test_code() {
    let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
    let helper = file("crates/engine/src/run/helper.rs", "//! Doc.\nfn f() { x.unwrap(); }\n");
    for (declared, violations) in [("#[cfg(test)]\nmod helper;", 0), ("mod helper;", 1)] {
        let parent = file("crates/engine/src/run.rs", &format!("//! Doc.\n{declared}\n"));
        let found = tidy::check(&[parent, helper.clone()], None);
        assert_eq!(found.len(), violations, "{declared}: {found:?}");
    }
}

#[test]
fn nothing_is_left_to_do_and_nothing_is_unsafe() {
    for marker in ["TODO", "FIXME", "XXX"] {
        check(LIB, &format!("// {marker}: later"), &["2 marker"]);
        check(LIB, &format!("/* so\n{marker} */"), &["3 marker"]);
        check(LIB, &format!("const S: &str = \"{marker}\"; // {marker}S"), &[]);
    }
    check(LIB, "fn f() { todo!() }", &["2 leftover"]);
    check(LIB, "fn f() { std::unimplemented!() }", &["2 leftover"]);
    check(LIB, "fn f() { dbg!(x); }", &["2 leftover"]);
    check(LIB, "fn f() { unsafe { g() } }", &["2 unsafe"]);
    check("crates/proof/src/hash.rs", "unsafe fn f() {}", &["2 unsafe"]);
    check("crates/proof/src/sha_ni.rs", "unsafe fn f() {}", &[]);
    check(LIB, "#![forbid(unsafe_code)] // unsafe", &[]);
}

#[test]
fn shape_is_held() {
    let lines = |n: usize| "// x\n".repeat(n);
    check(LIB, &lines(498), &[]);
    check(LIB, &lines(500), &["1 file-length"]);
    check("crates/engine/src/a.rs", &format!("// {}", "x".repeat(97)), &[]);
    check("crates/engine/src/a.rs", &format!("// {}", "x".repeat(98)), &["2 columns"]);
    // A wide character is one column, however many bytes it has.
    check("crates/engine/src/a.rs", &format!("// {}", "원".repeat(97)), &[]);
    let function = |n: usize| format!("fn f()\n{{\n{}}}", "g();\n".repeat(n));
    check(LIB, &function(57), &[]);
    check(LIB, &function(58), &["2 function-length"]);
    let strings = "g(\"}\", '}', r#\"}\"#); // }\n".repeat(58);
    check(LIB, &format!("fn f()\n{{\n{strings}}}"), &["2 function-length"]);
    check(LIB, &format!("fn f(a: [u8; {{ 2 }}])\n{{\n{}}}", lines(58)), &["2 function-length"]);
    check(LIB, &format!("type F = fn(u8) -> u8;\n{}", lines(60)), &[]);
    check(LIB, &format!("trait T {{ fn f();\n{}\n}}", lines(60)), &[]);
    assert_eq!(broken(LIB, "fn f() {}\n"), ["1 module-doc"]);
    assert_eq!(broken(LIB, "//!\nfn f() {}\n"), ["1 module-doc"]);
    assert_eq!(broken(LIB, "\n//! What it is for.\n"), Vec::<String>::new());
    let long = format!("#!/bin/sh\n# {}\n", "x".repeat(99));
    assert_eq!(broken("deploy/run.sh", &long), ["2 columns"]);
    assert_eq!(broken("README.md", &long), Vec::<String>::new());
}

#[test]
fn no_floats_where_money_is() {
    for text in ["1.5", "1.", "2e9", "2E-3", "1_000.0", "1_f64", "1f32", "x as f64", "f32::MAX"] {
        check(LEDGER, &format!("const X: T = {text};"), &["2 float"]);
        check("crates/settle/tests/a.rs", &format!("const X: T = {text};"), &["2 float"]);
        check("crates/formats/src/a.rs", &format!("const X: T = {text};"), &[]);
    }
    for text in ["0..9", "1..=2", "pair.0.1", "1.max(2)", "0x1e9", "0xf64", "\"1.5\"", "a1.5"] {
        check(LEDGER, &format!("const X: T = {text}; // 1.5 f64"), &[]);
    }
}

#[test]
fn a_crate_does_not_say_what_it_must_not_know() {
    for (path, text) in [
        (LEDGER, "async fn f() {}"),
        (LEDGER, "use serde::Serialize;"),
        (LEDGER, "use std::fs;"),
        (LEDGER, "use std::{fmt, fs::File};"),
        (LEDGER, "use std :: net;"),
        (LEDGER, "use std::time::Instant;"),
        (LEDGER, "fn f() { rand::random() }"),
        ("crates/settle/src/lib.rs", "use std::time::SystemTime;"),
        (LIB, "fn f() { std::env::var(\"X\"); }"),
        (LIB, "use rusqlite::Connection;"),
        (LIB, "use local::Log;"),
        (LIB, "fn f() { cluster::open() }"),
        ("crates/proof/src/lib.rs", "use std::fs::File;"),
        ("crates/formats/src/lib.rs", "use std::net::TcpStream;"),
        ("crates/local/src/lib.rs", "use std::net::TcpStream;"),
        ("crates/node/src/lib.rs", "use axum::Router;"),
    ] {
        check(path, text, &["2 border"]);
        check(path, &format!("// {text}\n#[cfg(test)]\nmod t {{ {text} }}"), &[]);
    }
    check(LEDGER, "use std::{fmt, collections::{fs, net}};", &[]);
    check(LEDGER, "use std::fmt; mod fs {} fn f() { asynchronous(brand, serde_like) }", &[]);
    check(LIB, "thread_local! {} fn f() { thread_local::g() }", &[]);
    check("crates/ledger/tests/a.rs", "use std::fs;", &[]);
    check("crates/local/src/lib.rs", "use std::fs;", &[]);
}

#[test]
fn the_batch_road_stands_alone() {
    for path in ["crates/engine/src/batch.rs", "crates/engine/src/batch/sums.rs"] {
        check(path, "use crate::step::Scratch;", &["2 roads"]);
        check(path, "use crate::{block::Block, deltas::Add};", &["2 roads"]);
        check(path, "use ledger::decide::prepare;", &["2 roads", "2 roads"]);
        check(path, "fn f(rules: &Rules) { rules.push_path(x) }", &["2 roads"]);
        check(path, "fn push_path() {} // As the Step does in crate::step.", &[]);
        check(path, "#[cfg(test)]\nmod tests { use crate::step::Step; }", &[]);
    }
    check("crates/engine/src/prove.rs", "use crate::step::Scratch;", &[]);
}

#[test]
fn the_oracle_stands_alone() {
    for path in ["crates/sim/src/oracle.rs", "crates/sim/src/oracle/totals.rs"] {
        check(path, "use ledger::Amount;", &["2 oracle"]);
        check(path, "use settle::rate;", &["2 oracle"]);
        check(path, "// Uses neither ledger nor settle.\nfn settled() {}", &[]);
    }
    check("crates/sim/src/world.rs", "use ledger::Amount;", &[]);
}

#[test]
fn nothing_of_the_machine_or_a_registry_is_told() {
    for folder in ["wo\u{72}k", "ro\u{6f}t"] {
        let path = format!("/{folder}/main");
        assert_eq!(broken("docs/a.md", &format!("see\n{path}\n")), ["2 machine-path"]);
        assert_eq!(broken("docs/a.md", &format!("..{path} net{path} ~{path}\n")), [""; 0]);
    }
    for (host, name) in [("pypi", "org"), ("registry.npmjs", "org"), ("static.crates", "io")] {
        let text = format!("resolved = https://{host}.{name}/x\n");
        assert_eq!(broken("web/package-lock.json", &text), ["1 registry-host"]);
    }
    assert_eq!(broken("docs/a.md", "https://docs.rs/x https://crates.io/crates/x\n"), [""; 0]);
}

#[test]
fn lengths_are_reported() {
    let file = |n: usize| File { path: format!("xtask/src/a{n}.rs"), text: "//! x\n".repeat(n) };
    let lengths = tidy::lengths(&[file(3), file(400), file(20)]);
    assert_eq!(lengths, tidy::Lengths { files: 3, median: 20, max: 400 });
}

#[test]
fn a_violation_prints_where_it_is_and_what_to_do() {
    let file = File { path: LIB.to_owned(), text: "//! Doc.\nfn f() { dbg!(1); }\n".to_owned() };
    let found = tidy::check(&[file], None);
    let line = "crates/engine/src/lib.rs:2: leftover: `dbg!` must not stay: finish it";
    assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), [line]);
}
