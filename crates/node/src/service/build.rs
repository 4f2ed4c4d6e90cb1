//! Builder threads: rows that wait to frames.

use super::Shared;
use super::delivery::Slice;
use super::log::Job;
use super::queue::{Batch, UnderWay};
use crate::intake::build::{Built, Context};
use crate::intake::checks::Checks;
use crate::intake::lines::Worker;
use crate::intake::{Meter, code};
use crate::{NodeError, clock};
use crossbeam_channel::Sender;
use engine::lookup::Lookup;
use std::sync::Arc;

/// What builds frames of one source under the rules in force.
pub(crate) struct Source {
    context: Context,
}

/// A frame with whose rows are in it.
pub(crate) struct Frame {
    pub(crate) built: Built,
    pub(crate) slices: Vec<Slice>,
    pub(crate) under_way: UnderWay,
}

/// One builder: to the end of the queue.
pub(crate) fn run(shared: &Arc<Shared>, jobs: &Sender<Job>) {
    let mut worker = Worker::default();
    while let Some(batch) = shared.queue.take() {
        if shared.failed.lock().is_some() {
            continue; // dropped: each delivery answers so
        }
        match frame(shared, &mut worker, batch) {
            Ok(frame) => {
                // Refused only after a failure: what still waits is answered with it.
                let _ = jobs.send(Job::Frame(frame));
            }
            Err(error) => shared.fail(&error.to_string()),
        }
    }
}

fn frame(shared: &Shared, worker: &mut Worker, batch: Batch) -> Result<Frame, NodeError> {
    // Before the deliveries are dropped: they are answered with it.
    let failed = |error: &NodeError| shared.fail(&error.to_string());
    let source = shared.source(batch.source()).inspect_err(failed)?;
    let (mut raw, mut slices, mut records) = (Vec::new(), Vec::new(), 0);
    for (open, rows) in &batch.pieces {
        worker.brought_by(open.trace);
        for row in &open.rows[rows.clone()] {
            let row = open.body.get(row.clone()).unwrap_or_default();
            let at = raw.len();
            raw.extend_from_slice(row);
            raw.push(b'\n');
            worker.row(row, at, &source.context);
        }
        let open = Arc::clone(open);
        let (row, delivery) = (rows.start, slices.len());
        slices.push(Slice { open, row, records: records..records + rows.len(), delivery });
        records += rows.len();
    }
    let built = worker.finish(&raw, &source.context).map_err(NodeError::from);
    let built = built.inspect_err(failed)?;
    Ok(Frame { built, slices, under_way: batch.under_way })
}

impl Shared {
    /// What builds frames of a source now.
    fn source(&self, name: &str) -> Result<Arc<Source>, NodeError> {
        let mut rules = self.rules.lock();
        if let Some(source) = rules.sources.get(name) {
            return Ok(Arc::clone(source));
        }
        let lookup = rules.lookup.clone();
        let lookup = lookup.ok_or_else(|| NodeError::said(crate::code::NO_BOOK, ""))?;
        let schema = rules.book.as_ref().and_then(|book| book.compiled.schema_of.get(name));
        let (schema, catalog) = (schema.cloned(), rules.catalog.clone());
        drop(rules);
        let mut context = self.context(name, Arc::clone(&lookup))?;
        context.checks(schema.map(|schema| Checks::of(&schema, &catalog)));
        let source = Arc::new(Source { context });
        rules = self.rules.lock();
        // What changed meanwhile is looked up again by the next frame.
        let same_book = rules.lookup.as_ref().is_some_and(|now| Arc::ptr_eq(now, &lookup));
        if same_book && Arc::ptr_eq(&rules.catalog.registry, &catalog.registry) {
            rules.sources.insert(name.to_owned(), Arc::clone(&source));
        }
        Ok(source)
    }

    pub(super) fn context(&self, source: &str, lookup: Arc<Lookup>) -> Result<Context, NodeError> {
        if lookup.rules.source(source).is_none() {
            return Err(code::source(source, ""));
        }
        let preparer = self.session.lock().operator.engine.preparer(source, lookup.rules.revision);
        Ok(Context {
            operator: self.operator.clone(),
            source: source.to_owned(),
            mapping: String::new(),
            file: [0; 32],
            trace: None,
            preparer: preparer?,
            lookup,
            vault: Arc::clone(&self.vault),
            raw: Arc::clone(&self.raw),
            keep_raw: true,
            meter: Arc::new(Meter::default()),
            clock: clock::now_nanos,
            checks: None,
        })
    }
}
