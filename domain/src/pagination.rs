//! Lists: what a page or a command asks for, and what it gets. The URL carries all of it.

use serde::{Deserialize, Serialize};

/// Rows on a page.
pub const PAGE_SIZE: u64 = 25;

/// The longest search text used, in characters.
pub const MAX_SEARCH_CHARS: usize = 100;

/// The highest page that can be asked for: beyond it lies nobody's list, only a slow query.
pub const MAX_PAGE: u64 = 10_000;

/// A question to a list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListQuery {
    /// Text that must occur in the row's names.
    pub search: String,
    /// The column to sort by; unknown ones mean the list's own order.
    pub sort: String,
    /// Whether the order is turned around.
    pub descending: bool,
    /// A filter of the list's own, such as a status; empty for all.
    pub filter: String,
    /// The page, from 1.
    pub page: u64,
}

impl ListQuery {
    /// Bounds what came from a URL: the page to 1 …[`MAX_PAGE`], the search to [`MAX_SEARCH_CHARS`].
    #[must_use]
    pub fn bounded(mut self) -> Self {
        self.page = self.page.clamp(1, MAX_PAGE);
        self.search = self
            .search
            .trim()
            .chars()
            .filter(|c| !c.is_control())
            .take(MAX_SEARCH_CHARS)
            .collect();
        self
    }

    /// Rows before this page.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.page.saturating_sub(1) * PAGE_SIZE
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Rows on all pages together.
    pub total: u64,
    /// This page, from 1.
    pub page: u64,
}

impl<T> Page<T> {
    /// How many pages there are; an empty list has one, empty, page.
    #[must_use]
    pub const fn pages(&self) -> u64 {
        let full = self.total.div_ceil(PAGE_SIZE);
        if full == 0 { 1 } else { full }
    }

    /// The page after this one, if there is one.
    #[must_use]
    pub const fn next(&self) -> Option<u64> {
        if self.page < self.pages() {
            Some(self.page + 1)
        } else {
            None
        }
    }
}
