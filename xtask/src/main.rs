//! `cargo xtask`: hands the arguments to the library, and its exit code to the shell.

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    xtask::door::open(&args)
}
