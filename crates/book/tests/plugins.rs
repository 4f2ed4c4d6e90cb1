//! Plug-ins: what runs, and what a broken, looping or greedy one does to its own statement alone.
#![allow(clippy::unwrap_used)] // a test stops at the first surprise

use book::plugin::{self, Plugins};
use settle::Outside;

/// A program whose `run` is `body`, with an answer at 1024.
fn program(memory: &str, body: &str) -> Vec<u8> {
    let answer = r"{\22format\22:\22saldo.plugin-output.v1\22,\22lines\22:[]}";
    let text = format!(
        r#"(module
            (memory (export "memory") {memory})
            (data (i32.const 1024) "{answer}")
            (func (export "alloc") (param i32) (result i32) (i32.const 4096))
            (func (export "run") (param i32 i32) (result i64) {body}))"#
    );
    wat::parse_str(text).unwrap()
}

/// The answer, of 46 bytes, at 1024.
const ANSWER: &str = "(i64.const 0x000004000000002e)";

fn run(bytes: &[u8], input: &[u8]) -> Result<String, String> {
    let files = [("plugins/x.wasm".to_owned(), bytes.to_vec())].into();
    let answer = Plugins::of(&files).plugin(&plugin::sha256(bytes), input);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    answer.map(text).map_err(|error| {
        assert_eq!(error.code(), "E7404");
        error.to_string()
    })
}

#[test]
fn a_program_answers() {
    let bytes = program("1", ANSWER);
    assert_eq!(plugin::check(&bytes), Ok(()));
    let answer = r#"{"format":"saldo.plugin-output.v1","lines":[]}"#;
    assert_eq!(run(&bytes, b"x").unwrap(), answer);
    // It gives back what it was handed: the same every time.
    let echo = "(i64.or (i64.const 0x0000100000000000) (i64.extend_i32_u (local.get 1)))";
    let bytes = program("1", echo);
    for input in ["", "a", "long enough to be told from others"] {
        assert_eq!(run(&bytes, input.as_bytes()).unwrap(), input);
    }
}

#[test]
fn programs_that_take_too_much_fail() {
    for (what, memory, body) in [
        ("loops", "1", "(loop (br 0)) (i64.const 0)"),
        ("traps", "1", "unreachable"),
        ("divides by zero", "1", "(i64.div_u (i64.const 1) (i64.const 0))"),
        ("wants memory", "1", "(drop (memory.grow (i32.const 60000))) (i64.const 0)"),
        ("has too much from the start", "2000", "(i64.const 0)"),
        ("answers from outside", "1", "(i64.const 0x0fffffff00000010)"),
        ("answers too long", "4", "(i64.const 0x000000000001ffff)"),
        ("calls itself", "1", "(call 1 (local.get 0) (local.get 1))"),
    ] {
        let error = run(&program(memory, body), b"x").unwrap_err();
        assert!(error.starts_with("the plug-in "), "{what}: {error}");
    }
}

#[test]
fn the_input_does_not_have_to_fit() {
    let bytes = program("1", "(i64.const 0)");
    assert!(run(&bytes, &vec![b'x'; 100_000]).unwrap_err().contains("outside its memory"));
}

#[test]
fn what_is_no_plug_in() {
    let refused = |text: &str| plugin::check(&wat::parse_str(text).unwrap()).unwrap_err();
    let import = refused(r#"(module (import "env" "clock" (func)))"#);
    assert!(import.contains("imports `clock`"), "{import}");
    let float = r#"(module (func (export "f") (result f64) (f64.const 1)))"#;
    assert!(refused(float).contains("float"), "{}", refused(float));
    assert!(refused("(module)").contains("`memory`"));
    assert!(refused(r#"(module (memory (export "memory") 1))"#).contains("`alloc`"));
    assert!(plugin::check(b"not a program").is_err());
    assert!(plugin::check(&vec![0; 2 << 20]).unwrap_err().contains("1048576 bytes"));
    let other = Plugins::default().plugin(&"0".repeat(64), b"").unwrap_err();
    assert_eq!(other.code(), "E7404");
    assert!(plugin::is_plugin("plugins/x.wasm"));
    for path in ["plugins/.wasm", "plugins/a/x.wasm", "x.wasm", "plugins/x.yaml"] {
        assert!(!plugin::is_plugin(path), "{path}");
    }
}
