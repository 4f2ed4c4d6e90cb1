//! One operator opened: its lock, Log, Vault, raw rows, Store and engine, wired together.

use crate::keys::Keys;
use engine::port::{Disk, InvoicePort, Log, PortError, PortFault, RawStore, Store, Vault};
use engine::state::State;
use engine::{Engine, EngineError, Secrets};
use local::{
    DirLock, FileInvoices, FileRaw, FileStore, FileVault, LogOptions, Options, OsDisk, RawOptions,
    RedoDisk, RedoOptions, SegmentLog, system_random,
};
use std::path::Path;
use std::sync::Arc;

/// Where the redo file of an operator's data is.
pub(crate) const REDO: &str = "redo";

/// An operator that this process owns.
pub struct Operator {
    /// Its engine.
    pub engine: Engine,
    /// Its people.
    pub vault: Arc<dyn Vault>,
    /// Its raw rows.
    pub raw: Arc<dyn RawStore>,
    /// Where issued tax invoices go.
    pub invoices: Arc<dyn InvoicePort>,
    /// What opening had to do.
    pub opened: Opened,
    /// What small writes to Log, people and raw rows share; none where they are elsewhere.
    redo: Option<RedoDisk>,
    /// Held as long as the operator is; where the Store fences, there is none.
    _lock: Option<DirLock>,
}

/// The ports of one operator, on whatever they stand.
pub struct Ports {
    /// Its Log.
    pub log: Arc<dyn Log>,
    /// Its Store.
    pub store: Box<dyn Store>,
    /// Its people.
    pub vault: Arc<dyn Vault>,
    /// Its raw rows.
    pub raw: Arc<dyn RawStore>,
    /// Where its tax invoices go.
    pub invoices: Arc<dyn InvoicePort>,
}

/// What opening had to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Records replayed from the Log because the Store had not seen them.
    pub replayed: u64,
    /// Why the Store was rebuilt from the beginning, when it was.
    pub rebuilt: Option<String>,
}

impl Operator {
    /// Opens the operator whose data is in `dir`, replaying what its Store has not seen.
    /// `progress` is told the position reached and the end.
    ///
    /// # Errors
    /// [`PortFault::Fenced`] when another process owns it; when a file is corrupt or cannot be
    /// read; or when a record cannot be consumed.
    pub fn open(
        dir: &Path,
        name: &str,
        keys: &Keys,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, EngineError> {
        std::fs::create_dir_all(dir)
            .map_err(|error| PortError::io(format!("making {}", dir.display()), error))?;
        let lock = DirLock::acquire(dir)?;
        let disk: Arc<dyn Disk> = Arc::new(
            OsDisk::new(dir)
                .map_err(|error| PortError::io(format!("opening {}", dir.display()), error))?,
        );
        let redo = RedoDisk::open(Arc::clone(&disk), REDO, RedoOptions::default())?;
        let staged: Arc<dyn Disk> = Arc::new(redo.clone());
        let log: Arc<dyn Log> =
            Arc::new(SegmentLog::open(Arc::clone(&staged), "log", &LogOptions::default())?);
        let vault = FileVault::open(Arc::clone(&staged), "vault", &keys.vault, system_random())?;
        let raw = FileRaw::open(staged, "raw", &keys.raw, &RawOptions::default())?;
        let invoices = FileInvoices::open(Arc::clone(&disk), "invoices")?;
        let mut opened = Opened::default();
        let store = open_store(dir, &disk, log.durable_end(), &mut opened)?;
        let (vault, raw, invoices) = (Arc::new(vault), Arc::new(raw), Arc::new(invoices));
        let ports = Ports { log, store, vault, raw, invoices };
        let operator = Self::over(name, keys, ports, progress)?;
        opened.replayed = operator.opened.replayed;
        Ok(Self { opened, redo: Some(redo), _lock: Some(lock), ..operator })
    }

    /// Opens the operator over ports that are open, replaying what its Store has not seen.
    ///
    /// # Errors
    /// [`PortFault::Missing`] when the Store stands beyond the end of the Log; as
    /// [`Operator::open`].
    pub fn over(
        name: &str,
        keys: &Keys,
        ports: Ports,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, EngineError> {
        let Ports { log, store, vault, raw, invoices } = ports;
        let (position, end) = (store.position(), log.durable_end());
        if position > end {
            let what = format!("the Store stands at {position} and the Log ends at {end}");
            return Err(PortError::new(PortFault::Missing, what).into());
        }
        let secrets = Secrets { index: keys.index, blinds: keys.blinds };
        let mut engine = Engine::open(name, secrets, log, store)?;
        let replayed = engine.catch_up(&mut |position| progress(position, end))?;
        if replayed > 0 {
            engine.checkpoint()?;
        }
        finish_closes(&mut engine)?;
        let opened = Opened { replayed, rebuilt: None };
        Ok(Self { engine, vault, raw, invoices, opened, redo: None, _lock: None })
    }

    /// From here on small writes share a flush: for who is brought a little at a time.
    ///
    /// # Errors
    /// When the redo file cannot be made.
    pub fn share_flushes(&self) -> Result<(), PortError> {
        self.redo.as_ref().map_or(Ok(()), RedoDisk::begin)
    }

    /// Everything is in its own file, as whoever only reads the files expects.
    ///
    /// # Errors
    /// As the disk reports; what was acknowledged is durable all the same.
    pub fn settle(&self) -> Result<(), PortError> {
        let settle = |redo: &RedoDisk| {
            redo.settle().map_err(|error| PortError::flush("settling the redo file", error))
        };
        self.redo.as_ref().map_or(Ok(()), settle)
    }
}

/// Opens the Store; one that proves wrong is wiped, to be rebuilt from the Log: its faults cost
/// a rebuild, never data.
fn open_store(
    dir: &Path,
    disk: &Arc<dyn Disk>,
    log_end: u64,
    opened: &mut Opened,
) -> Result<Box<dyn Store>, PortError> {
    let open = || FileStore::open(Arc::clone(disk), Options::at(dir));
    let reason = match open() {
        Ok(store) if !State::is_current(&store.checkpoint_state()) => {
            "an older version of the program wrote the Store".to_owned()
        }
        Ok(store) if store.position() <= log_end => return Ok(Box::new(store)),
        Ok(store) => format!(
            "the Store stands at {} and the Log ends at {log_end}: the Log was replaced by an \
             older one",
            store.position()
        ),
        Err(error) if matches!(error.fault, PortFault::Corrupt | PortFault::Missing) => {
            error.to_string()
        }
        Err(error) => return Err(error),
    };
    opened.rebuilt = Some(reason);
    FileStore::reset(disk.as_ref())?;
    Ok(Box::new(open()?))
}

/// A close whose process ended between its marker and its statement gets the statement now.
pub fn finish_closes(engine: &mut Engine) -> Result<(), EngineError> {
    for (agreement, period, closed) in engine.all_closed_without_sums()? {
        if closed.sequence.is_none() {
            engine.record_statement(&agreement, &period, closed.closed_at, "recovery")?;
        }
    }
    Ok(())
}
