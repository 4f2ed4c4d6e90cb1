//! Ingesting one file: which mapping reads it, where an interrupted ingest goes on, and what
//! became of its rows.

use super::build::Context;
use super::checks::Checks;
use super::code;
use super::lines::{self, Chunks};
use super::mapped::Filler;
use super::meter::{Meter, Timings};
use super::pipeline;
use crate::NodeError;
use crate::keys;
use crate::operator::Operator;
use crate::schemas::Catalog;
use book::mapping::Mapping;
use engine::control::{Command, Control};
use engine::counters::Counters;
use engine::document::Feed;
use engine::port::Table;
use engine::trace::TraceId;
use formats::{ControlFinding, FormatError};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// A file to be ingested.
#[derive(Clone, Debug)]
pub struct Job {
    /// The file.
    pub path: PathBuf,
    /// The source it comes from.
    pub source: String,
    /// The mapping that reads it; none chooses by source and file name.
    pub mapping: Option<String>,
    /// Threads that decode, where the format allows several.
    pub threads: usize,
    /// Whether raw rows are kept (they are, but in benchmarks of their price).
    pub keep_raw: bool,
    /// What the rows are brought by; none makes a new id.
    pub trace: Option<TraceId>,
    /// Parts of preparation to do (all, but in benchmarks of their price).
    pub parts: engine::prepare::Parts,
}

impl Job {
    /// A job with the usual choices.
    pub fn new(path: &Path, source: &str, mapping: Option<&str>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            path: path.to_owned(),
            source: source.to_owned(),
            mapping: mapping.map(str::to_owned),
            threads: cores + 1,
            keep_raw: true,
            trace: None,
            parts: engine::prepare::Parts::default(),
        }
    }
}

/// What became of a file.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// The file.
    pub path: PathBuf,
    /// What its rows are told to come from.
    pub trace: Option<TraceId>,
    /// The mapping that read it; empty for the native event shape.
    pub mapping: String,
    /// Rows that an earlier, interrupted ingest had brought in.
    pub resumed_after_row: u64,
    /// Records by what became of them.
    pub counts: Counters,
    /// Stated totals that differ from the rows.
    pub findings: Vec<ControlFinding>,
    /// Bytes of the file.
    pub bytes: u64,
    /// Where the time went.
    pub timings: Timings,
}

/// Ingests one file. Everything it reports is durable in the Log; the Store's checkpoint is the
/// caller's, once after the last file. `progress` is told records consumed, bytes read, bytes of
/// the file.
///
/// # Errors
/// [`NodeError`]: an unknown source or mapping, a file that cannot be read, a failing disk.
pub fn ingest(
    operator: &mut Operator,
    job: &Job,
    progress: &mut dyn FnMut(u64, u64, u64),
) -> Result<FileReport, NodeError> {
    let job = &Job { trace: job.trace.or_else(keys::trace), ..job.clone() };
    let before = operator.engine.trace_commands(job.trace);
    let done = run(operator, job, progress);
    operator.engine.trace_commands(before);
    done
}

fn run(
    operator: &mut Operator,
    job: &Job,
    progress: &mut dyn FnMut(u64, u64, u64),
) -> Result<FileReport, NodeError> {
    let mapping = choose_mapping(operator, job)?;
    let name = mapping.as_ref().map_or("", |mapping| mapping.name.as_str()).to_owned();
    let (file, bytes, identity) = match open(job, &name) {
        Ok(opened) => opened,
        Err(error) => return Err(refuse(operator, job, &error)?),
    };
    let resumed_after_row = resume_point(operator, &identity)?;
    let before = counters(operator, &job.source);
    let meter = Arc::new(Meter::default());
    let context = context(operator, job, &name, identity, &meter)?;
    let work = Work { job, context, file, skip: resumed_after_row };
    let mut tell = |records| progress(records, meter.bytes_read().min(bytes), bytes);
    let findings = match &mapping {
        None => work.native(operator, &mut tell)?,
        Some(mapping) => match work.mapped(operator, mapping, &mut tell)? {
            Ok(findings) => findings,
            Err(error) => return Err(refuse(operator, job, &error)?),
        },
    };
    for finding in &findings {
        record_finding(operator, &job.source, finding)?;
    }
    let after = counters(operator, &job.source);
    Ok(FileReport {
        path: job.path.clone(),
        trace: job.trace,
        mapping: name,
        resumed_after_row,
        counts: difference(&after, &before),
        findings,
        bytes,
        timings: meter.timings(),
    })
}

struct Work<'a> {
    job: &'a Job,
    context: Context,
    file: File,
    skip: u64,
}

impl Work<'_> {
    fn native(
        self,
        operator: &mut Operator,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Vec<ControlFinding>, NodeError> {
        let (chunks, skip) = (Mutex::new(Chunks::new(self.file)), self.skip);
        let (context, chunks) = (&self.context, &chunks);
        std::thread::scope(|scope| {
            pipeline::run(
                scope,
                &mut operator.engine,
                &context.meter,
                |scope, out| {
                    for _ in 0..self.job.threads.max(1) {
                        let out = out.clone();
                        scope.spawn(move || lines::produce(chunks, skip, context, &out));
                    }
                },
                progress,
            )
        })?;
        Ok(Vec::new())
    }

    fn mapped(
        self,
        operator: &mut Operator,
        mapping: &Mapping,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Result<Vec<ControlFinding>, FormatError>, NodeError> {
        let (context, job, skip) = (&self.context, self.job, self.skip);
        let result = Mutex::new(Ok(Vec::new()));
        let outcome = &result;
        std::thread::scope(|scope| {
            pipeline::run(
                scope,
                &mut operator.engine,
                &context.meter,
                |scope, out| {
                    scope.spawn(move || {
                        let mut filler = Filler::new(context, &out);
                        let input = formats::decode::Input::Path(&job.path);
                        let decoded = formats::decode::decode(mapping, input, skip, &mut filler);
                        let kept = decoded.map(|summary| {
                            if !summary.stopped {
                                filler.finish(summary.rows);
                            }
                            std::mem::take(&mut filler.findings)
                        });
                        if let Ok(mut place) = outcome.lock() {
                            *place = kept;
                        }
                    });
                },
                progress,
            )
        })?;
        Ok(result.into_inner().unwrap_or_else(|_| Ok(Vec::new())))
    }
}

fn context(
    operator: &Operator,
    job: &Job,
    mapping: &str,
    file: [u8; 32],
    meter: &Arc<Meter>,
) -> Result<Context, NodeError> {
    let lookup = Arc::clone(operator.engine.lookup()?);
    if lookup.rules.source(&job.source).is_none() {
        let known: Vec<&str> = lookup.rules.sources.iter().map(|s| s.name.as_str()).collect();
        return Err(code::source(&job.source, &known.join(", ")));
    }
    let mut preparer = operator.engine.preparer(&job.source, lookup.rules.revision)?;
    preparer.parts = job.parts;
    let mut context = Context {
        operator: operator.engine.operator().to_owned(),
        source: job.source.clone(),
        mapping: mapping.to_owned(),
        file,
        trace: job.trace,
        lookup,
        preparer,
        vault: Arc::clone(&operator.vault),
        raw: Arc::clone(&operator.raw),
        keep_raw: job.keep_raw,
        meter: Arc::clone(meter),
        clock: crate::clock::now_nanos,
        checks: None,
    };
    let checks = checks(operator, &job.source);
    if mapping.is_empty() {
        context.checks(checks);
    } else {
        // Frames of a mapping go on naming it.
        context.checks = checks;
    }
    Ok(context)
}

/// What rows are checked by, where their source names a schema.
pub(crate) fn checks(operator: &Operator, source: &str) -> Option<Checks> {
    let state = operator.engine.state();
    let schema = state.books.current()?.compiled.schema_of.get(source)?;
    Some(Checks::of(schema, &Catalog::of(&state.schemas)))
}

/// The mapping that was named; else the only one of the source for files of this kind; else
/// none for a file of lines.
fn choose_mapping(operator: &Operator, job: &Job) -> Result<Option<Mapping>, NodeError> {
    let books = &operator.engine.state().books;
    let Some(revision) = books.current() else { return Ok(None) };
    let mappings = &revision.compiled.mappings;
    if let Some(name) = &job.mapping {
        let found = mappings.iter().find(|mapping| &mapping.name == name);
        let known: Vec<&str> = mappings.iter().map(|mapping| mapping.name.as_str()).collect();
        let unknown = || code::mapping(name, &known.join(", "));
        return found.cloned().map(Some).ok_or_else(unknown);
    }
    let extension = job.path.extension().and_then(|e| e.to_str()).unwrap_or("").to_lowercase();
    let fitting = revision.compiled.mappings_for(&job.source, &extension);
    match fitting.as_slice() {
        [only] => Ok(Some((*only).clone())),
        [] if matches!(extension.as_str(), "ndjson" | "jsonl" | "json" | "") => Ok(None),
        [] => Err(code::no_mapping(&job.path, &job.source)),
        several => {
            let names: Vec<&str> = several.iter().map(|mapping| mapping.name.as_str()).collect();
            Err(code::several_mappings(&job.path, &names.join(", ")))
        }
    }
}

type OpenedFile = (File, u64, [u8; 32]);

/// Opens the file and names it: an ingest goes on only with the very file that was interrupted.
fn open(job: &Job, mapping: &str) -> Result<OpenedFile, FormatError> {
    let failed = |error: std::io::Error| {
        FormatError::new(formats::code::CANNOT_OPEN, format!("{}: {error}", job.path.display()))
    };
    let mut file = File::open(&job.path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    let length = metadata.len();
    let modified = metadata.modified().ok().and_then(|time| {
        time.duration_since(std::time::UNIX_EPOCH).ok().map(|since| since.as_nanos())
    });
    let mut named = Vec::new();
    for text in [job.source.as_bytes(), mapping.as_bytes()] {
        named.extend_from_slice(text);
        named.push(0);
    }
    let path = std::fs::canonicalize(&job.path).map_err(failed)?;
    named.extend_from_slice(path.as_os_str().as_encoded_bytes());
    named.extend_from_slice(&length.to_le_bytes());
    named.extend_from_slice(&modified.unwrap_or_default().to_le_bytes());
    for start in [0, length.saturating_sub(1 << 16)] {
        let mut part = Vec::new();
        file.seek(SeekFrom::Start(start)).map_err(failed)?;
        (&mut file).take(1 << 16).read_to_end(&mut part).map_err(failed)?;
        named.extend_from_slice(&part);
    }
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    Ok((file, length, proof::digest::sha256(&named).0))
}

/// Rows of the file that an interrupted ingest brought in; 0 for a new or a complete one.
fn resume_point(operator: &Operator, identity: &[u8; 32]) -> Result<u64, NodeError> {
    let bytes = operator.engine.store().document(Table::Feed, identity);
    let Some(bytes) = bytes.map_err(engine::EngineError::from)? else { return Ok(0) };
    let feed = Feed::decode(&bytes).map_err(engine::EngineError::from)?;
    Ok(if feed.complete { 0 } else { feed.rows_done })
}

/// Counts a file that was turned away, durably, and gives the problem back.
fn refuse(operator: &mut Operator, job: &Job, error: &FormatError) -> Result<NodeError, NodeError> {
    let command =
        Command::Refused { source: job.source.clone(), code: error.code.code.to_owned(), count: 1 };
    command_now(operator, command)?;
    Ok(NodeError::said(error.code, format!("{}: {}", job.path.display(), error.detail)))
}

fn record_finding(
    operator: &mut Operator,
    source: &str,
    finding: &ControlFinding,
) -> Result<(), NodeError> {
    let command = Command::ControlTotal {
        source: source.to_owned(),
        control: format!("{} {}", finding.control, finding.group).trim_end().to_owned(),
        stated: finding.stated.map(|stated| stated.to_string()).unwrap_or_default(),
        summed: finding.summed.to_string(),
        reason: finding.reason.clone(),
    };
    command_now(operator, command)
}

fn command_now(operator: &mut Operator, command: Command) -> Result<(), NodeError> {
    let at = crate::clock::now_nanos();
    let control = Control { at, author: "intake".to_owned(), command };
    operator.engine.command(control.encode())?;
    Ok(())
}

fn counters(operator: &Operator, source: &str) -> Counters {
    operator.engine.state().counters.get(source).copied().unwrap_or_default()
}

/// What was added; waiting and quarantined ones of before may have become posted meanwhile.
fn difference(after: &Counters, before: &Counters) -> Counters {
    Counters {
        received: after.received - before.received,
        posted: after.posted - before.posted,
        duplicate: after.duplicate - before.duplicate,
        waiting: after.waiting.saturating_sub(before.waiting),
        quarantined: after.quarantined.saturating_sub(before.quarantined),
        refused: after.refused - before.refused,
    }
}
