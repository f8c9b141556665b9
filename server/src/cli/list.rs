//! Lists: the same questions for every noun, the same shape of answer.

use super::{output::Output, table::Table};
use clap::Args;
use latchkey_domain::list::{ListQuery, Page};
use serde::Serialize;
use std::process::ExitCode;

/// What to list.
#[derive(Args)]
pub(super) struct ListArgs {
    /// Only rows with this in their names
    #[arg(long, default_value = "", hide_default_value = true)]
    search: String,
    /// The column to sort by
    #[arg(long, default_value = "", hide_default_value = true)]
    sort: String,
    /// Turn the order around
    #[arg(long)]
    desc: bool,
    /// Only rows of this status
    #[arg(long, default_value = "", hide_default_value = true)]
    filter: String,
    /// The page, from 1
    #[arg(long, default_value_t = 1)]
    page: u64,
}

#[derive(Serialize)]
struct ListBody<'a, T> {
    items: &'a [T],
    next: Option<u64>,
}

impl ListArgs {
    pub(super) fn query(self) -> ListQuery {
        ListQuery {
            search: self.search,
            sort: self.sort,
            descending: self.desc,
            filter: self.filter,
            page: self.page,
        }
        .bounded()
    }
}

/// Prints a page of a list.
pub(super) fn print<T: Serialize, const N: usize>(
    output: Output,
    page: &Page<T>,
    heading: [&str; N],
    row: impl Fn(&T) -> [String; N],
) -> ExitCode {
    let mut table = Table::new(heading);
    for item in &page.items {
        table.row(row(item));
    }
    let foot = match (page.next(), page.items.is_empty()) {
        (Some(next), _) => format!(
            "\n\nPage {} of {}; --page {next} shows the next.",
            page.page,
            page.pages()
        ),
        (None, true) => "\n(nothing)".to_owned(),
        (None, false) => String::new(),
    };
    output.say(
        format_args!("{table}{foot}"),
        &ListBody {
            items: &page.items,
            next: page.next(),
        },
    )
}

/// A list that is not paged, as one page.
pub(super) fn whole<T>(items: Vec<T>) -> Page<T> {
    let total = items.len() as u64;
    // One page of its own length has no next one.
    Page {
        items,
        total,
        page: total.div_ceil(latchkey_domain::list::PAGE_SIZE).max(1),
    }
}
