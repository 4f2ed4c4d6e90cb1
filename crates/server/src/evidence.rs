//! The evidence of a closed period as one file, for an auditor: the statement in every form, its
//! proof with the key that checks it, who signed the terms, every command and notice about it, and
//! a list of what is in the file with hashes. The same records give the same bytes.

use crate::scope::Scope;
use crate::view::{agreement, statement};
use crate::{once, view};
use api::commands::Given;
use node::engine::Engine;
use node::engine::query::CommandFilter;
use node::press::{self, Document, Language};
use node::proof::digest::sha256;
use node::{NodeError, Session};
use serde::Serialize;
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Commands that are read at a time.
const PAGE: usize = 1000;

/// What the file begins with.
const README: &str = "\
Evidence of one closed period.

statement.json, .csv, .xlsx      the statement; statement.en.pdf and .ko.pdf to be read
statement.proof, public.key      saldo proof check statement.proof --key public.key
                                 (have the key by another way too: it is what is trusted)
versions.json                    versions of the agreement, and who signed them
commands.json                    every command about the agreement: who, when, what, why
notices.json                     fixes and late facts that moved the period, and their corrections
sha256sums.txt                   sha256sum --check sha256sums.txt
";

/// Everything of the file but the pages, which take long to set: nobody else has to wait for them.
pub struct Evidence {
    files: Vec<(&'static str, Vec<u8>)>,
    english: Document,
    korean: Document,
}

impl Evidence {
    /// Reads it, where the period is closed and seen.
    ///
    /// # Errors
    /// When the statement cannot be proved; a failing port.
    pub fn read(
        session: &Session,
        scope: &Scope,
        of: (&str, &str),
    ) -> Result<Option<Self>, NodeError> {
        let engine = &session.operator.engine;
        let Some((found, Some(closed))) = statement::find(engine, scope, of, false)? else {
            return Ok(None);
        };
        let paper = |language| node::paper::document(engine, &found, Some(&closed), language);
        let (english, korean) = (paper(Language::En)?, paper(Language::Ko)?);
        let document = statement::document(engine, &found, Some(&closed))?;
        let key = session.keys.signing()?;
        let proof = engine.prove_statement(of.0, of.1, &key)?;
        let files = vec![
            ("README.txt", README.as_bytes().to_vec()),
            ("statement.json", json(&document)?),
            ("statement.csv", statement::csv(&found, &english).into_bytes()),
            ("statement.proof", proof.encode()),
            ("public.key", format!("{}\n", key.verifier()).into_bytes()),
            ("versions.json", json(&agreement::versions(engine, scope, of.0)?)?),
            ("commands.json", json(&commands(engine, of.0)?)?),
            ("notices.json", json(&view::notices::of(engine, scope, of.0, Some(of.1))?)?),
        ];
        Ok(Some(Self { files, english, korean }))
    }

    /// The file.
    ///
    /// # Errors
    /// When the pages cannot be set.
    pub fn pack(self) -> Result<Vec<u8>, NodeError> {
        let Self { mut files, english, korean } = self;
        files.push(("statement.xlsx", press::xlsx(&english)?.bytes));
        files.push(("statement.en.pdf", press::pdf(&english)?.bytes));
        files.push(("statement.ko.pdf", press::pdf(&korean)?.bytes));
        let mut sums = String::new();
        for (name, bytes) in &files {
            // Writing to a string does not fail.
            let _ = writeln!(sums, "{}  {name}", node::engine::query::scan::hex(&sha256(bytes).0));
        }
        files.push(("sha256sums.txt", sums.into_bytes()));
        zipped(&files).map_err(|error| failed(&error))
    }
}

/// Every command about an agreement.
fn commands(engine: &Engine, agreement: &str) -> Result<Vec<Given>, NodeError> {
    let mut filter = CommandFilter { limit: PAGE, ..CommandFilter::default() };
    let mut found = Vec::new();
    loop {
        let page = engine.commands(&filter)?;
        for (position, control, trace) in &page.commands {
            let (about, _) = control.command.about();
            if about.split(' ').any(|word| word == agreement) {
                found.push(once::shown(*position, control, *trace));
            }
        }
        match page.next {
            Some(next) => filter.start = next,
            None => return Ok(found),
        }
    }
}

fn json(document: &impl Serialize) -> Result<Vec<u8>, NodeError> {
    let mut bytes = serde_json::to_vec_pretty(document).map_err(|error| failed(&error))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The files, none compressed twice and none with a time.
fn zipped(files: &[(&str, Vec<u8>)]) -> zip::result::ZipResult<Vec<u8>> {
    let plain = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, plain)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn failed(error: &dyn std::error::Error) -> NodeError {
    NodeError::said(node::code::SYSTEM, format!("making the file of evidence: {error}"))
}
