//! Measures ingest of a file: `ingest_speed FILE SOURCE PERIOD BOOK_DIR WORK_DIR`.

use node::bench::{BenchJob, run};
use std::collections::BTreeMap;
use std::path::Path;

fn collect(dir: &Path, base: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(dir).expect("the book's directory").flatten() {
        if entry.path().is_dir() {
            collect(&entry.path(), base, files);
        } else if let Ok(name) = entry.path().strip_prefix(base) {
            let bytes = std::fs::read(entry.path()).expect("a book file");
            files.insert(name.to_string_lossy().into_owned(), bytes);
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let mut book = BTreeMap::new();
    collect(Path::new(&arguments[4]), Path::new(&arguments[4]), &mut book);
    let job = BenchJob {
        file: arguments[1].clone().into(),
        source: arguments[2].clone(),
        dir: arguments[5].clone().into(),
        operator: "operator-name".into(),
        book,
        period: arguments[3].clone(),
        keep_raw: std::env::var("NO_RAW").is_err(),
        parts: engine::prepare::Parts {
            stages: std::env::var("NO_STAGES").is_err(),
            tree: std::env::var("NO_TREE").is_err(),
        },
    };
    let report = run(&job, &mut |what| eprintln!("{what}")).expect("the benchmark runs");
    println!("{report:#?}");
}
