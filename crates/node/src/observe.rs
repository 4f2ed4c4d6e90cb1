//! Who is told what was done with each frame, and how long it took. Nobody is, as it comes, and
//! then it costs nothing.

use engine::Prepared;
use engine::port::Position;
use std::time::Duration;

/// What was done with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It was appended to the Log, and flushed with its neighbours.
    Durable,
    /// The engine consumed it: its effects can be read.
    Applied,
}

/// Something that was done just now.
#[derive(Clone, Copy, Debug)]
pub struct Done<'a> {
    /// What.
    pub step: Step,
    /// With which frame.
    pub frame: &'a Prepared,
    /// Position of the frame's first record.
    pub first: Position,
    /// How long it took.
    pub took: Duration,
}

/// Is told on the threads that do the work: it must not block.
pub trait Observer: Send + Sync {
    /// Something was done.
    fn done(&self, done: Done<'_>);
}
