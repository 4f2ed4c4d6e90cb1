//! `select`: which accounts the following steps read.

use crate::measure::Selection;

/// Replaces the selection in force; the selection at the start is empty and restricts nothing.
/// Kinds of events are selected as the dimension `kind`, where account paths have one. A measure
/// without a selected dimension in each of its terms is refused when it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Select {
    /// What counts from here on.
    pub selection: Selection,
}
