//! Lists the files of the example books for `src/example.rs`, so that none is forgotten.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const FIELDS: &[&str] = &["gaming", "marketplace", "app-store", "payments"];

fn main() -> io::Result<()> {
    let crate_directory = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let examples = crate_directory.join("../../examples").canonicalize()?;
    let mut list = String::from("&[\n");
    for field in FIELDS {
        let book = examples.join(field).join("book");
        let mut paths = Vec::new();
        collect(&book, &mut paths)?;
        paths.sort();
        let _ = writeln!(list, "({field:?}, &[");
        for path in paths {
            let name = path.strip_prefix(&book).map_err(io::Error::other)?;
            let name = name.to_string_lossy().replace('\\', "/");
            let full = path.to_string_lossy();
            let _ = writeln!(list, "({name:?}, include_str!({full:?})),");
        }
        list.push_str("]),\n");
    }
    list.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("templates.rs"), list)
}

fn collect(directory: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", directory.display());
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|ending| ending == "yaml" || ending == "csv") {
            paths.push(path);
        }
    }
    Ok(())
}
