//! `saldo`, the one binary: what was typed goes to `args`, what is meant to `commands`.
//!
//! It knows how results are shown and how errors are told. What they are is for the node to say.

mod args;
mod commands;
mod errors;
mod output;
mod printable;
mod progress;

use std::process::ExitCode;

/// Intake allocates on several threads at once; this allocator does that without waiting.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    commands::run(std::env::args_os())
}
