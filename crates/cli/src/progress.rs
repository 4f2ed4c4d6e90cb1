//! Progress of long work, on stderr: a bar on a terminal, now and then a line elsewhere.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// What takes less than this is not worth a word.
const QUIET_FOR: Duration = Duration::from_millis(700);

/// Tells how far some work has come.
pub struct Progress {
    what: String,
    bar: Option<ProgressBar>,
    started: Instant,
    told: Instant,
}

impl Progress {
    /// For work that is called `what`, such as `reading rounds.csv`.
    pub fn new(what: impl Into<String>) -> Self {
        let what = what.into();
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            let template = "{msg} {wide_bar} {percent}% {eta}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.set_message(what.clone());
            bar
        });
        let now = Instant::now();
        Self { what, bar, started: now, told: now }
    }

    /// `done` of `all`, and how many records that was.
    pub fn at(&mut self, done: u64, all: u64, records: u64) {
        if self.started.elapsed() < QUIET_FOR {
            return;
        }
        if let Some(bar) = &self.bar {
            bar.set_length(all);
            bar.set_position(done);
        } else if self.told.elapsed() >= LINE_EVERY {
            self.told = Instant::now();
            let percent = (u128::from(done) * 100).checked_div(u128::from(all)).unwrap_or(100);
            eprintln!("{}: {percent} %, {records} records", self.what);
        }
    }

    /// Takes the bar away.
    pub fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
