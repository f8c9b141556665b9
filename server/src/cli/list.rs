//! Lists: the same arguments and the same output for every noun.

use super::{failure::Failure, output::Output, table::Table};
use clap::Args;
use latchkey_domain::pagination::{ListQuery, MAX_PAGE, Page};
use serde::Serialize;
use std::process::ExitCode;

/// The arguments of a list.
#[derive(Args)]
pub(super) struct ListArgs {
    /// Only items whose name contains this
    #[arg(long, default_value = "", hide_default_value = true)]
    search: String,
    /// The column to sort by
    #[arg(long, default_value = "", hide_default_value = true)]
    sort: String,
    /// Sort in descending order
    #[arg(long)]
    desc: bool,
    /// Only items with this status
    #[arg(long, default_value = "", hide_default_value = true)]
    filter: String,
    /// The page, counted from 1
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=MAX_PAGE))]
    page: u64,
}

#[derive(Serialize)]
struct ListBody<'a, T> {
    items: &'a [T],
    next: Option<u64>,
}

impl ListArgs {
    /// The query for a list with these columns and statuses. An unknown name is an error: its result would mislead.
    pub(super) fn query(self, columns: &[&str], statuses: &[&str]) -> Result<ListQuery, Failure> {
        one_of("--sort", &self.sort, columns)?;
        one_of("--filter", &self.filter, statuses)?;
        let query = ListQuery {
            search: self.search,
            sort: self.sort,
            descending: self.desc,
            filter: self.filter,
            page: self.page,
        };
        Ok(query.bounded())
    }
}

fn one_of(argument: &str, text: &str, known: &[&str]) -> Result<(), Failure> {
    if text.is_empty() || known.contains(&text) {
        return Ok(());
    }
    let known = match known {
        [] => "this list has none".to_owned(),
        known => format!("write one of {}", known.join(", ")),
    };
    Err(Failure::Usage(format!("error: {argument} {text}: {known}")))
}

/// Prints a page of a list.
pub(super) fn print<T: Serialize, const N: usize>(
    output: Output,
    page: &Page<T>,
    heading: [&str; N],
    row: impl Fn(&T) -> [String; N],
) -> Result<ExitCode, Failure> {
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
    output.print(
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
        page: total
            .div_ceil(latchkey_domain::pagination::PAGE_SIZE)
            .max(1),
    }
}
