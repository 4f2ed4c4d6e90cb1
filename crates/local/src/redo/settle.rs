//! Settling: flushing the files that a half is about, so that the half can be used again.

use super::area::Area;
use super::file::State;
use super::health::Health;
use engine::port::DiskFile;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// A file that records are about.
#[derive(Clone)]
pub(super) struct Touched {
    pub(super) state: Arc<State>,
    pub(super) file: Arc<dyn DiskFile>,
}

/// A half to settle.
pub(super) struct Work {
    pub(super) area: Arc<Area>,
    pub(super) health: Arc<Health>,
    pub(super) touched: Vec<Touched>,
    /// Number of its last record.
    pub(super) last: u64,
}

impl Work {
    pub(super) fn run(&self) -> io::Result<()> {
        self.health.alone(|| {
            self.touched.iter().try_for_each(|touched| touched.file.sync())?;
            self.area.settled(self.last)
        })
    }
}

/// Settles one half at a time, at leisure or at once.
pub(super) struct Settling {
    work: Option<SyncSender<Work>>,
    done: Receiver<io::Result<()>>,
    is_under_way: bool,
    thread: Option<JoinHandle<()>>,
}

impl Settling {
    /// With `background` on a thread of its own, else when asked.
    pub(super) fn new(background: bool) -> Self {
        let (work, given) = sync_channel::<Work>(1);
        let (tell, done) = sync_channel(1);
        let serve = move || {
            while let Ok(work) = given.recv() {
                if tell.send(work.run()).is_err() {
                    return;
                }
            }
        };
        // Without a thread everything still works, only slower.
        let spawn = || std::thread::Builder::new().name("settle".into()).spawn(serve).ok();
        let thread = if background { spawn() } else { None };
        Self { work: thread.is_some().then_some(work), done, is_under_way: false, thread }
    }

    /// Settles a half, once the other one is.
    pub(super) fn hand(&mut self, work: Work) -> io::Result<()> {
        self.wait()?;
        let Some(thread) = &self.work else { return work.run() };
        thread.send(work).map_err(|_| stopped())?;
        self.is_under_way = true;
        Ok(())
    }

    /// Waits until nothing is under way.
    pub(super) fn wait(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.is_under_way) {
            return Ok(());
        }
        self.done.recv().unwrap_or_else(|_| Err(stopped()))
    }
}

fn stopped() -> io::Error {
    io::Error::other("the thread that settles the redo file has stopped")
}

impl Drop for Settling {
    fn drop(&mut self) {
        self.work = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has already been printed; there is nobody else to tell.
            let _ = thread.join();
        }
    }
}
