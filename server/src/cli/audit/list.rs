//! `latchkey audit list`

use super::{filter::FilterArgs, line_of_csv, words};
use crate::cli::{
    Context, OPERATOR,
    failure::Failure,
    list::{self, ListArgs},
    table::{Table, minute},
};
use clap::Args;
use latchkey_app::own_event::device_name;
use latchkey_domain::{
    audit::event::{EventView, FieldChange},
    pagination::{Batch, Cursor, MAX_BATCH, PAGE_SIZE},
};
use serde::Serialize;
use std::process::ExitCode;

/// The arguments.
#[derive(Args)]
pub(in crate::cli) struct List {
    #[command(flatten)]
    list: ListArgs,
    #[command(flatten)]
    filter: FilterArgs,
    /// Go on after this event, in the order of the list: new ones do not move what comes next, as they move pages
    #[arg(long, value_name = "SEQ", conflicts_with = "page")]
    cursor: Option<i64>,
    /// How many events at most
    #[arg(long, value_name = "N", conflicts_with = "page", value_parser = clap::value_parser!(u64).range(1..=MAX_BATCH))]
    limit: Option<u64>,
    /// Print CSV, for spreadsheets; nothing is signed
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

#[derive(Serialize)]
struct Body<'a> {
    items: &'a [EventView],
    /// The cursor for those that follow.
    next: Option<i64>,
}

/// How much of a change a table shows, in characters; `--json` and `export` have all of it.
const MAX_CHANGE_CHARS: usize = 80;

const HEADING: [&str; 8] = [
    "seq", "time", "actor", "device", "action", "target", "address", "detail",
];

impl List {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let words = words();
        let mut query = self.list.query(&["time"], &words)?;
        let filter = self.filter.read()?;
        if !filter.action.is_empty() {
            if !query.filter.is_empty() {
                let usage = "error: --action and --filter are the same; write one of them";
                return Err(Failure::Usage(usage.to_owned()));
            }
            query.filter.clone_from(&filter.action);
        }
        let (engine, output) = (context.engine().await?, context.output);
        if self.cursor.is_none() && self.limit.is_none() {
            let page = engine.find_events(&OPERATOR, &filter, &query).await?;
            return match self.csv {
                true => print_csv(context, &page.items),
                false => list::print(output, &page, HEADING, row),
            };
        }
        let cursor = Cursor {
            after: self.cursor,
            limit: self.limit.unwrap_or(PAGE_SIZE),
        };
        let batch = engine
            .next_events(&OPERATOR, cursor, &filter, &query)
            .await?;
        match self.csv {
            true => print_csv(context, &batch.items),
            false => print_batch(context, &batch),
        }
    }
}

fn print_batch(context: &Context, batch: &Batch<EventView>) -> Result<ExitCode, Failure> {
    let mut table = Table::new(HEADING);
    for event in &batch.items {
        table.row(row(event));
    }
    let last = batch.items.last().map(|event| event.seq);
    let next = last.filter(|_| batch.has_more);
    let foot = match (next, batch.items.is_empty()) {
        (Some(next), _) => format!("\n\n--cursor {next} shows the next."),
        (None, true) => "\n(nothing)".to_owned(),
        (None, false) => String::new(),
    };
    let items = &batch.items;
    let body = Body { items, next };
    context.output.print(format_args!("{table}{foot}"), &body)
}

fn print_csv(context: &Context, events: &[EventView]) -> Result<ExitCode, Failure> {
    let lines = std::iter::once(None).chain(events.iter().map(Some));
    let lines: Vec<_> = lines.map(line_of_csv).collect();
    context.output.write(&lines.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn row(event: &EventView) -> [String; 8] {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    [
        event.seq.to_string(),
        minute(event.time),
        event.actor_name.clone(),
        or_none(device_name(event)),
        event.action.clone(),
        event.target_name.clone(),
        or_none(event.ip.clone()),
        detail(event),
    ]
}

/// The detail and the changes of an event, in one cell.
fn detail(event: &EventView) -> String {
    let shown = |change: &FieldChange| {
        let text = change.to_string().replace('\n', "; ");
        match text.char_indices().nth(MAX_CHANGE_CHARS) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    };
    let detail = Some(event.detail.clone()).filter(|detail| !detail.is_empty());
    let changes = event.changes.iter().map(shown);
    detail
        .into_iter()
        .chain(changes)
        .collect::<Vec<_>>()
        .join(" · ")
}
