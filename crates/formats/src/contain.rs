//! Panics of foreign readers, contained: hostile bytes have made them panic, and here that is an
//! input that cannot be read.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a foreign reader gives; none where it panicked. Nothing that `read` changed may be used
/// afterwards.
pub(crate) fn contained<T>(read: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(read)).ok()
}
