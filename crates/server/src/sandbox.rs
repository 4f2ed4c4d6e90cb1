//! Sandboxes: a key made with `sandbox` is one of another operator, whose data is nobody's.

use crate::app::{App, Tenant};
use crate::webhooks::Webhooks;
use node::{NodeError, sandbox};
use std::sync::Arc;

pub use node::sandbox::SUFFIX;

/// Threads that build frames of a sandbox.
const BUILDERS: usize = 1;

/// The sandbox of a tenant, with the tenant's book of now, begun with its schemas; it is made where
/// there is none. Blocks while it is made.
///
/// # Errors
/// As [`sandbox::open`].
pub fn of(app: &App, tenant: &Arc<Tenant>) -> Result<Arc<Tenant>, NodeError> {
    let operator = tenant.service.operator();
    sandbox::of(operator)?;
    // One at a time: whoever asks second finds what the first has made.
    let _alone = tenant.making_sandbox.lock();
    let files = tenant.service.book().map(|book| book.files.clone()).unwrap_or_default();
    let schemas = Arc::clone(&tenant.service.catalog().registry);
    if let Some(found) = app.tenant(&sandbox::name(operator)) {
        let (found, operator) = (Arc::clone(found), operator.to_owned());
        found.command(move |session| {
            sandbox::follow(session, &operator, &files)?;
            sandbox::follow_schemas(session, &schemas)
        })??;
        return Ok(found);
    }
    let dir = tenant.service.read(|session| {
        session.place.book.ancestors().nth(2).map(std::path::Path::to_owned).unwrap_or_default()
    });
    let made = Arc::new(Tenant::start(sandbox::open(&dir, operator, &files, &schemas)?, BUILDERS)?);
    let made = Arc::clone(tenant.sandbox.get_or_init(|| made));
    if let Some(spans) = tenant.spans.get() {
        made.trace_to(spans);
    }
    Webhooks::follow(&made, &tenant.webhooks)?;
    Ok(made)
}

/// Gives the sandbox of a tenant, where there is one, the book and schemas that the tenant has now.
/// That it fails keeps nobody from anything: it is told in the log. It blocks.
pub fn keep_up(app: &App, tenant: &Arc<Tenant>) {
    let operator = tenant.service.operator();
    if app.tenant(&sandbox::name(operator)).is_none() {
        return;
    }
    if let Err(error) = of(app, tenant) {
        tracing::warn!(target: "saldo::sandbox", "the sandbox of {operator} stays behind: {error}");
    }
}
