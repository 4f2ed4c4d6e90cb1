//! Reading what the engine knows: totals, measures, explanations, quarantine, the verification
//! log, status. Nothing here changes anything.

pub mod audit;
pub mod changes;
pub mod digest;
pub mod event;
pub mod figures;
pub mod line;
pub mod log;
pub mod notices;
pub mod quarantine;
pub mod referring;
pub mod refusals;
pub mod scan;
pub mod status;
mod taken;

pub use audit::{CommandFilter, CommandPage};
pub use changes::{Change, ChangeFilter, ChangeKind, ChangePage, Cursor, Datum, Kinds};
pub use event::{Erasure, EventStory, PostingStory};
pub use line::{AccountPart, LinePart, LineStory, MeasureStory};
pub use log::{LogEntry, LogFilter};
pub use notices::{CommandNotice, CorrectionNotice, PeriodNotices};
pub use quarantine::{ContestRow, QuarantineFilter, QuarantineRow};
pub use referring::Referring;
pub use status::{Status, StreamStatus};
