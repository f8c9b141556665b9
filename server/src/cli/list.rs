//! Lists: the same questions for every noun, the same shape of answer.

use super::{failure::Failure, output::Output, table::Table};
use clap::Args;
use latchkey_domain::pagination::{ListQuery, MAX_PAGE, Page};
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
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=MAX_PAGE))]
    page: u64,
}

#[derive(Serialize)]
struct ListBody<'a, T> {
    items: &'a [T],
    next: Option<u64>,
}

impl ListArgs {
    /// The question, for a list with these columns and statuses. A mistyped one would read as an answer.
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
        page: total
            .div_ceil(latchkey_domain::pagination::PAGE_SIZE)
            .max(1),
    }
}
