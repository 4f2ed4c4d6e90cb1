//! Runs the plug-ins that a book ships: WebAssembly without floats, imports or clocks, bounded in
//! time and memory, so that the same input gives the same answer everywhere or fails everywhere.
//!
//! A plug-in exports its `memory`, `alloc(length: i32) -> i32`, which gives a place for the
//! input, and `run(place: i32, length: i32) -> i64`, which gives the place of its answer in the
//! upper 32 bits and the length in the lower ones.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use settle::limits::{
    PLUGIN_BYTES_MAX, PLUGIN_DEPTH_MAX, PLUGIN_FUEL_MAX, PLUGIN_MEMORY_BYTES_MAX,
    PLUGIN_OUTPUT_BYTES_MAX, PLUGIN_TABLE_MAX,
};
use settle::{Outside, QuoteAsk, QuoteUsed, SettleError};
use sha2::{Digest, Sha256};
use wasmi::{Config, Engine, Linker, Module, Store, StoreLimits, StoreLimitsBuilder};

use crate::compile::Files;

/// The plug-ins of a book, by the SHA-256 of their bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plugins(BTreeMap<String, Vec<u8>>);

impl Plugins {
    /// The plug-ins among the files of a book: `plugins/*.wasm`.
    pub fn of(files: &Files) -> Self {
        let plugins = files.iter().filter(|(path, _)| is_plugin(path));
        Self(plugins.map(|(_, bytes)| (sha256(bytes), bytes.clone())).collect())
    }

    fn run(&self, hash: &str, input: &[u8]) -> Result<Vec<u8>, String> {
        let bytes = self.0.get(hash).ok_or("the book has no plug-in with this hash")?;
        let (engine, module) = load(bytes)?;
        call(&engine, &module, input)
    }
}

impl Outside for Plugins {
    fn quote(&self, ask: &QuoteAsk) -> Result<QuoteUsed, SettleError> {
        settle::Nothing.quote(ask)
    }

    fn plugin(&self, hash: &str, input: &[u8]) -> Result<Vec<u8>, SettleError> {
        let failed = |reason| SettleError::PluginFailed { plugin: hash.to_owned(), reason };
        self.run(hash, input).map_err(failed)
    }
}

/// Whether a file of a book is a plug-in.
pub fn is_plugin(path: &str) -> bool {
    let name = path.strip_prefix("plugins/").and_then(|rest| rest.strip_suffix(".wasm"));
    name.is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

/// SHA-256 as 64 hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether a plug-in can be run at all.
///
/// # Errors
/// In one sentence: what it has that plug-ins do not have.
pub fn check(bytes: &[u8]) -> Result<(), String> {
    let (_, module) = load(bytes)?;
    for name in ["memory", "alloc", "run"] {
        if module.get_export(name).is_none() {
            return Err(format!("it does not export `{name}`"));
        }
    }
    Ok(())
}

fn load(bytes: &[u8]) -> Result<(Engine, Module), String> {
    if bytes.len() > PLUGIN_BYTES_MAX {
        return Err(format!("it has more than {PLUGIN_BYTES_MAX} bytes"));
    }
    let mut config = Config::default();
    config.floats(false).consume_fuel(true).set_max_recursion_depth(PLUGIN_DEPTH_MAX);
    config.compilation_mode(wasmi::CompilationMode::Eager);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, bytes).map_err(|error| one_line(&error))?;
    if let Some(import) = module.imports().next() {
        return Err(format!("it imports `{}`, and there is nothing to import", import.name()));
    }
    Ok((engine, module))
}

fn call(engine: &Engine, module: &Module, input: &[u8]) -> Result<Vec<u8>, String> {
    let said = |error: wasmi::Error| one_line(&error);
    let limits = StoreLimitsBuilder::new()
        .memory_size(PLUGIN_MEMORY_BYTES_MAX)
        .memories(1)
        .tables(1)
        .table_elements(PLUGIN_TABLE_MAX)
        .instances(1)
        .trap_on_grow_failure(true)
        .build();
    let mut store: Store<StoreLimits> = Store::new(engine, limits);
    store.limiter(|limits| limits);
    store.set_fuel(PLUGIN_FUEL_MAX).map_err(said)?;
    let linker = Linker::new(engine);
    let instance = linker.instantiate_and_start(&mut store, module).map_err(said)?;
    let memory = instance.get_memory(&store, "memory").ok_or("it has no memory")?;
    let alloc = instance.get_typed_func::<i32, i32>(&store, "alloc").map_err(said)?;
    let run = instance.get_typed_func::<(i32, i32), i64>(&store, "run").map_err(said)?;
    let length = i32::try_from(input.len()).map_err(|_| "its input is too long")?;
    let place = alloc.call(&mut store, length).map_err(said)?;
    let start = usize::try_from(place.cast_unsigned()).map_err(|_| "it has no such place")?;
    let outside = |_| "its place for the input lies outside its memory".to_owned();
    memory.write(&mut store, start, input).map_err(outside)?;
    let answer = run.call(&mut store, (place, length)).map_err(said)?.cast_unsigned();
    let (start, length) = (answer >> 32, answer & 0xffff_ffff);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > PLUGIN_OUTPUT_BYTES_MAX {
        return Err(format!("its answer has more than {PLUGIN_OUTPUT_BYTES_MAX} bytes"));
    }
    let mut output = vec![0; length];
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    let outside = |_| "its answer lies outside its memory".to_owned();
    memory.read(&store, start, &mut output).map_err(outside)?;
    Ok(output)
}

fn one_line(error: &wasmi::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.chars().filter(|c| !c.is_control()).take(200).collect()
}
