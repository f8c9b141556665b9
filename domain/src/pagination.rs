//! Lists in pages: the query, which is part of the URL, and one page of results.

use serde::{Deserialize, Serialize};

/// Rows per page.
pub const PAGE_SIZE: u64 = 25;

/// The longest search text, in characters.
pub const MAX_SEARCH_CHARS: usize = 100;

/// The highest page number. Bounds the cost of OFFSET.
pub const MAX_PAGE: u64 = 10_000;

/// A query of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListQuery {
    /// Text that a row's names must contain.
    pub search: String,
    /// The column to sort by; an unknown one means the list's default order.
    pub sort: String,
    /// Whether the order is reversed.
    pub descending: bool,
    /// A filter, such as a status; empty for all rows.
    pub filter: String,
    /// The page, from 1.
    pub page: u64,
}

impl ListQuery {
    /// Bounds values from a URL: the page to 1..=[`MAX_PAGE`], the search to [`MAX_SEARCH_CHARS`].
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

/// The most rows of a batch.
pub const MAX_BATCH: u64 = 200;

/// Where a batch of a list begins, in the order in which rows were made, which does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor<K> {
    /// The last row of the batch before; `None` for the first batch.
    pub after: Option<K>,
    /// As many rows at most, up to [`MAX_BATCH`].
    pub limit: u64,
}

/// Some rows of a list, in the order in which they were made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Whether there are more.
    pub has_more: bool,
}

impl<T> Batch<T> {
    /// A batch of `limit` rows, from rows of which there is one more if there are more.
    #[must_use]
    pub fn of(mut items: Vec<T>, limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = items.len() > limit;
        items.truncate(limit);
        Self { items, has_more }
    }

    /// The same with other rows, one for each.
    ///
    /// # Errors
    /// Those of `map`.
    pub fn try_map<U, E>(self, map: impl FnMut(T) -> Result<U, E>) -> Result<Batch<U>, E> {
        Ok(Batch {
            items: self.items.into_iter().map(map).collect::<Result<_, _>>()?,
            has_more: self.has_more,
        })
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Rows on all pages.
    pub total: u64,
    /// This page, from 1.
    pub page: u64,
}

/// The only page of an empty list.
impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            total: 0,
            page: 1,
        }
    }
}

impl<T> Page<T> {
    /// The number of pages; an empty list has one empty page.
    #[must_use]
    pub fn pages(&self) -> u64 {
        self.total.div_ceil(PAGE_SIZE).max(1)
    }

    /// The same page of other items.
    ///
    /// # Errors
    /// Those of `map`.
    pub fn try_map<U, E>(self, map: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        Ok(Page {
            items: self.items.into_iter().map(map).collect::<Result<_, _>>()?,
            total: self.total,
            page: self.page,
        })
    }

    /// The number of the next page, if there is one.
    #[must_use]
    pub fn next(&self) -> Option<u64> {
        (self.page < self.pages()).then(|| self.page + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_more_if_one_more_row_was_found() {
        for (found, kept, has_more) in [(0, 0, false), (1, 1, false), (2, 2, false), (3, 2, true)] {
            let batch = Batch::of((0..found).collect(), 2);
            assert_eq!(
                (batch.items.len(), batch.has_more),
                (kept, has_more),
                "{found}"
            );
        }
    }

    #[test]
    fn a_query_is_bounded() {
        for (page, bounded) in [(0, 1), (1, 1), (10_000, 10_000), (10_001, 10_000)] {
            let query = ListQuery {
                page,
                ..ListQuery::default()
            };
            assert_eq!(query.bounded().page, bounded);
        }
        for (search, bounded) in [
            (" ada\t", "ada".to_owned()),
            ("a\0d\u{85}a lovelace", "ada lovelace".to_owned()),
            (&"ü".repeat(101), "ü".repeat(100)),
        ] {
            let query = ListQuery {
                search: search.to_owned(),
                ..ListQuery::default()
            };
            assert_eq!(query.bounded().search, bounded);
        }
    }

    #[test]
    fn pages_follow_one_another() {
        for (page, offset) in [(0, 0), (1, 0), (2, 25), (3, 50)] {
            let query = ListQuery {
                page,
                ..ListQuery::default()
            };
            assert_eq!(query.offset(), offset, "page {page}");
        }
        for (total, page, pages, next) in [
            (0, 1, 1, None),
            (1, 1, 1, None),
            (25, 1, 1, None),
            (26, 1, 2, Some(2)),
            (26, 2, 2, None),
            (26, 3, 2, None),
            (100, 3, 4, Some(4)),
        ] {
            let list = Page {
                items: Vec::<()>::new(),
                total,
                page,
            };
            assert_eq!((list.pages(), list.next()), (pages, next), "{total} {page}");
        }
    }
}
