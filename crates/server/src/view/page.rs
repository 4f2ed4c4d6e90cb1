//! Pages of lists: what comes after a cursor, at most so many.

use api::figures::Page;

/// Where a page begins, and how much is on it at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The cursor of the last item before it; none for the first page.
    pub after: Option<String>,
    /// Most items, at least one.
    pub limit: usize,
}

impl Cut {
    /// The page of a list whose items have these cursors, ascending.
    pub fn page<T>(
        &self,
        items: impl IntoIterator<Item = T>,
        cursor: impl Fn(&T) -> String,
    ) -> Page<T> {
        let before = |item: &T| self.after.as_ref().is_some_and(|after| cursor(item) <= *after);
        let rest = items.into_iter().filter(|item| !before(item));
        let mut items: Vec<T> = rest.take(self.limit.saturating_add(1)).collect();
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let next = items.last().filter(|_| more).map(cursor);
        Page { items, next }
    }
}
