//! `latchkey audit export`

use super::{Context, broken, filter::FilterArgs, line_of_csv};
use crate::cli::{OPERATOR, failure::Failure};
use clap::{Args, ValueEnum};
use latchkey_domain::audit::{event::EventView, filter::EventFilter};
use latchkey_engine::{ChainReport, Engine, Error};
use std::process::ExitCode;

/// The arguments.
#[derive(Args)]
pub(in crate::cli) struct Export {
    /// Start after this entry
    #[arg(long, default_value_t = 0, value_name = "SEQ")]
    after: i64,
    #[command(flatten)]
    filter: FilterArgs,
    /// The form; CSV is not signed
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JSON object per line
    Jsonl,
    /// For spreadsheets
    Csv,
}

impl Export {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let filter = self.filter.read()?;
        match filter.is_empty() && self.format == Format::Jsonl {
            true => signed(context, self.after).await,
            false => selected(context, &filter, self.after, self.format).await,
        }
    }
}

/// The entries of a filter, as they are listed.
async fn selected(
    context: &Context,
    filter: &EventFilter,
    after: i64,
    format: Format,
) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let mut events = engine.select_events(&OPERATOR, filter, after).await?;
    context.output.note(
        "This copy is not signed: what is left out or was changed does not show. Without a filter, JSON lines are signed.",
    );
    let line = |event: &EventView| match format {
        Format::Csv => Ok(line_of_csv(Some(event))),
        Format::Jsonl => serde_json::to_string(event),
    };
    if format == Format::Csv {
        context.output.write(&line_of_csv(None))?;
    }
    while let Some(part) = events.next().await? {
        let lines: Result<Vec<_>, _> = part.iter().map(line).collect();
        let lines = lines.map_err(Error::internal)?.join("\n");
        if !context.output.write(&lines)? {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// All entries from one on, with their hashes and a signature.
async fn signed(context: &Context, after: i64) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    // A reader that stops early is not an error (`| head`).
    write_signed(&engine, after, |lines| context.output.write(lines)).await?;
    Ok(ExitCode::SUCCESS)
}

/// Writes them, as long as the reader is there.
pub(super) async fn write_signed(
    engine: &Engine,
    after: i64,
    mut write: impl FnMut(&str) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let mut export = engine.export_events(&OPERATOR, after).await?;
    while let Some(lines) = export.next().await? {
        let lines: Result<Vec<_>, _> = lines.iter().map(serde_json::to_string).collect();
        let lines = lines.map_err(Error::internal)?.join("\n");
        if !lines.is_empty() && !write(&lines)? {
            return Ok(());
        }
    }
    match export.report() {
        ChainReport::Broken { seq } => Err(broken(seq)),
        ChainReport::Intact { .. } if export.last() < after => Err(Failure::Audit(format!(
            "the log has only {} entries: if there was an entry {after}, the log was truncated",
            export.last()
        ))),
        ChainReport::Intact { .. } => Ok(()),
    }
}
