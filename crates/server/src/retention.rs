//! The end of retention while a service runs: raw rows that are old, and that no legal hold covers,
//! are dropped within the hour.

use crate::app::Tenant;
use crate::trace::alone;
use std::sync::{Arc, Weak};
use std::time::Duration;

const EVERY: Duration = Duration::from_hours(1);

/// Begins to look, in the runtime that this is called in: now, and then every hour.
pub fn start(tenant: &Arc<Tenant>) {
    let tenant = Arc::downgrade(tenant);
    tokio::spawn(async move {
        while sweep(&tenant).await {
            tokio::time::sleep(EVERY).await;
        }
    });
}

/// Drops what is due; whether the operator is still served.
async fn sweep(tenant: &Weak<Tenant>) -> bool {
    let Some(tenant) = tenant.upgrade() else { return false };
    let done = alone(move || match tenant.service.read(node::Session::expire_raw) {
        Ok(0) => {}
        Ok(blocks) => tracing::info!(saldo.raw.blocks = blocks, "retention ended"),
        Err(error) => tracing::error!(error.code = error.code(), "raw rows are not dropped"),
    });
    done.await.is_ok()
}
