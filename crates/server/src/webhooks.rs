//! The webhooks of one operator while it is served: one sender for each endpoint that is on, and a
//! recorder that notes in the Log, at most once a second, how far they came.

mod feed;

use crate::app::Tenant;
use crate::trace::alone;
use feed::{TenantFeed, TenantProgress};
use node::connect::{self, Attempt, Client, Handle, Limits, Message, Status, Target};
use node::engine::query::{ChangeFilter, Cursor, Kinds};
use node::engine::webhook::{Endpoint, Progress, RecordedEndpoint};
use node::{NodeError, clock};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often it is recorded how far webhooks came: what was delivered since then is delivered again
/// after a crash.
const RECORD_EVERY: Duration = Duration::from_secs(1);
/// Who gives the commands that record it.
const AUTHOR: &str = "webhooks";

/// The webhooks of one operator.
pub struct Webhooks {
    /// Whether private addresses may be called.
    pub allow_private: bool,
    /// What lies before this may have been sent by an earlier process.
    opened_at: Cursor,
    running: Mutex<Running>,
    /// How far endpoints came since it was recorded last.
    unrecorded: Mutex<BTreeMap<String, Cursor>>,
    /// Held while progress is recorded, or taken back.
    recording: Mutex<()>,
}

#[derive(Default)]
struct Running {
    client: Option<Client>,
    limits: Limits,
    senders: BTreeMap<String, (Endpoint, Handle)>,
    /// How far senders that ended had read: what lies before may have been sent.
    read: BTreeMap<String, Cursor>,
}

/// What a lock holds is whole at every moment: a thread that panicked did not leave it half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Webhooks {
    /// Webhooks of an operator that was opened at a position; nothing is sent yet.
    pub fn new(allow_private: bool, opened_at: u64) -> Self {
        Self {
            allow_private,
            opened_at: Cursor::before(opened_at),
            running: Mutex::default(),
            unrecorded: Mutex::default(),
            recording: Mutex::default(),
        }
    }

    /// Begins to send, in the runtime that this is called in.
    ///
    /// # Errors
    /// When endpoints cannot be read.
    pub fn start(tenant: &Arc<Tenant>, limits: Limits) -> Result<(), NodeError> {
        let mut running = lock(&tenant.webhooks.running);
        running.client = Some(tenant.webhooks.client()?);
        running.limits = limits;
        drop(running);
        let weak = Arc::downgrade(tenant);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(RECORD_EVERY).await;
                let Some(tenant) = weak.upgrade() else { return };
                // A failure stops the service, which says so itself.
                let _ = alone(move || tenant.webhooks.record(&tenant)).await;
            }
        });
        Self::refresh(tenant)
    }

    /// Begins to send where others send already: for a sandbox that was made later.
    ///
    /// # Errors
    /// As [`Webhooks::start`].
    pub(crate) fn follow(tenant: &Arc<Tenant>, others: &Self) -> Result<(), NodeError> {
        let limits = {
            let running = lock(&others.running);
            running.client.is_some().then_some(running.limits)
        };
        match limits.filter(|_| tokio::runtime::Handle::try_current().is_ok()) {
            Some(limits) => Self::start(tenant, limits),
            None => Ok(()),
        }
    }

    fn client(&self) -> Result<Client, NodeError> {
        Client::new(self.allow_private, Vec::new())
            .map_err(|error| NodeError::said(node::code::SYSTEM, error))
    }

    /// Ends all senders and records how far they came. It blocks.
    pub fn stop(&self, tenant: &Tenant) {
        let mut running = lock(&self.running);
        running.client = None;
        running.senders.clear();
        drop(running);
        // Not recorded is delivered again: marked, and no loss.
        let _ = self.record(tenant);
    }

    /// Starts, restarts and ends senders so that they are as recorded. It blocks.
    ///
    /// # Errors
    /// When endpoints cannot be read.
    pub fn refresh(tenant: &Arc<Tenant>) -> Result<(), NodeError> {
        let this = &tenant.webhooks;
        let mut running = lock(&this.running);
        let Some(client) = running.client.clone() else { return Ok(()) };
        let recorded = tenant.service.read(|session| session.operator.engine.webhooks())?;
        let wanted: BTreeMap<String, RecordedEndpoint> = recorded
            .into_iter()
            .filter(|recorded| recorded.endpoint.enabled)
            .map(|recorded| (recorded.endpoint.id.clone(), recorded))
            .collect();
        let is_same = |id: &String, endpoint: &Endpoint| {
            wanted.get(id).is_some_and(|recorded| recorded.endpoint == *endpoint)
        };
        let ended: Vec<String> = running
            .senders
            .iter()
            .filter(|(id, (endpoint, _))| !is_same(id, endpoint))
            .map(|(id, _)| id.clone())
            .collect();
        for id in ended {
            running.end(&id);
        }
        for (id, recorded) in wanted {
            if running.senders.contains_key(&id) {
                continue;
            }
            let endpoint = recorded.endpoint.clone();
            if let Some(called) = this.called(tenant, &recorded, running.read.get(&id).copied())? {
                let handle = sender(tenant, &endpoint, called, client.clone(), running.limits);
                running.senders.insert(id, (endpoint, handle));
            }
        }
        Ok(())
    }

    /// An endpoint as it is called from where it came to; nothing where its address is one that
    /// the settings no longer allow.
    fn called(
        &self,
        tenant: &Tenant,
        recorded: &RecordedEndpoint,
        read: Option<Cursor>,
    ) -> Result<Option<connect::Endpoint>, NodeError> {
        let endpoint = &recorded.endpoint;
        let Ok(target) = Target::parse(&endpoint.url, self.allow_private) else {
            return Ok(None);
        };
        let now = clock::now_nanos();
        let secrets =
            tenant.service.read(|session| node::webhooks::secrets(session, endpoint, now))?;
        let unrecorded = lock(&self.unrecorded).get(&endpoint.id).copied();
        let after = unrecorded.unwrap_or_default().max(recorded.delivered);
        let again_before = read.unwrap_or_default().max(self.opened_at);
        Ok(Some(connect::Endpoint { target, secrets, after, again_before }))
    }

    /// Where an endpoint stands; nothing where nothing is sent to it.
    pub fn status(&self, id: &str) -> Option<Status> {
        lock(&self.running).senders.get(id).map(|(_, handle)| handle.status())
    }

    /// Sends everything after a place again. It blocks.
    ///
    /// # Errors
    /// A failing port.
    pub fn replay(
        tenant: &Arc<Tenant>,
        id: &str,
        after: Cursor,
        author: String,
    ) -> Result<(), NodeError> {
        let this = &tenant.webhooks;
        let recording = lock(&this.recording);
        lock(&this.running).end(id);
        lock(&this.unrecorded).remove(id);
        let progress = vec![Progress { id: id.to_owned(), cursor: after }];
        tenant.command(move |session| node::webhooks::delivered(session, progress, &author))??;
        // A sender that was ending may have told something meanwhile.
        lock(&this.unrecorded).remove(id);
        drop(recording);
        Self::refresh(tenant)
    }

    /// Records how far endpoints came since it was recorded last.
    fn record(&self, tenant: &Tenant) -> Result<(), NodeError> {
        let _recording = lock(&self.recording);
        let came = std::mem::take(&mut *lock(&self.unrecorded));
        if came.is_empty() {
            return Ok(());
        }
        let progress = came.into_iter().map(|(id, cursor)| Progress { id, cursor }).collect();
        tenant.command(move |session| node::webhooks::delivered(session, progress, AUTHOR))?
    }

    /// Notes how far an endpoint came.
    fn came(&self, id: &str, place: Cursor) {
        lock(&self.unrecorded).insert(id.to_owned(), place);
    }

    /// One message to an endpoint, now, beside everything that is under way.
    ///
    /// # Errors
    /// When its secrets cannot be read.
    pub async fn once(
        tenant: &Arc<Tenant>,
        recorded: RecordedEndpoint,
        message: Message,
    ) -> Result<Option<Attempt>, NodeError> {
        let called = tenant.webhooks.called(tenant, &recorded, None)?;
        let Some(called) = called else { return Ok(None) };
        let client = tenant.webhooks.client()?;
        Ok(Some(connect::sender::deliver::once(called, client, message).await))
    }
}

impl Running {
    /// Ends a sender; what it read may have been sent.
    fn end(&mut self, id: &str) {
        if let Some((_, handle)) = self.senders.remove(id) {
            let reached = handle.status().reached;
            let read = self.read.entry(id.to_owned()).or_default();
            *read = reached.max(*read);
        }
    }
}

fn sender(
    tenant: &Arc<Tenant>,
    endpoint: &Endpoint,
    called: connect::Endpoint,
    client: Client,
    limits: Limits,
) -> Handle {
    let kinds = Kinds::named(endpoint.types.iter().map(String::as_str)).unwrap_or_default();
    let party = Some(endpoint.party.clone()).filter(|party| !party.is_empty());
    let filter = ChangeFilter { kinds, party };
    let feed = TenantFeed { tenant: Arc::downgrade(tenant), filter };
    let progress = TenantProgress { tenant: Arc::downgrade(tenant), id: endpoint.id.clone() };
    let moved = tenant.reached.clone();
    connect::start(called, Arc::new(feed), Arc::new(progress), moved, client, limits)
}
