//! `latchkey audit export`

use super::{Context, broken};
use crate::cli::{OPERATOR, failure::Failure};
use clap::{Args, ValueEnum};
use latchkey_app::{components::event_filter::message, format};
use latchkey_domain::audit::{
    csv::{self, EVENT_COLUMNS},
    event::EventView,
    filter::{EventFilter, FilterField},
};
use latchkey_engine::{ChainReport, Engine, Error};
use std::process::ExitCode;

/// The arguments.
#[derive(Args)]
pub(in crate::cli) struct Export {
    /// Start after this entry
    #[arg(long, default_value_t = 0, value_name = "SEQ")]
    after: i64,
    /// Only what this user did or was affected by (an e-mail address or an id)
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Only what happened to this device
    #[arg(long, value_name = "ID")]
    device: Option<String>,
    /// Only what happened to this service, its grants and access tokens
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// Only this action, or this kind of thing, like device
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only what was done, or what was refused
    #[arg(long, value_name = "done|refused")]
    outcome: Option<String>,
    /// Only from this address or network, like 192.0.2.0/24
    #[arg(long, value_name = "NETWORK")]
    network: Option<String>,
    /// Only from this day or time on (in UTC, unless it ends like +02:00)
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only up to this day or time, included
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
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
        let filter = self.filter()?;
        match filter.is_empty() && self.format == Format::Jsonl {
            true => signed(context, self.after).await,
            false => selected(context, &filter, self.after, self.format).await,
        }
    }

    fn filter(&self) -> Result<EventFilter, Failure> {
        let value = |field| match field {
            FilterField::User => &self.user,
            FilterField::Device => &self.device,
            FilterField::Service => &self.service,
            FilterField::Outcome => &self.outcome,
            FilterField::Network => &self.network,
            FilterField::Since => &self.since,
            FilterField::Until => &self.until,
        };
        let read = EventFilter::parse(|field| value(field).clone().unwrap_or_default());
        let filter = read.map_err(|faults| {
            let lines = faults.iter().map(|(field, fault)| {
                let text = value(*field).as_deref().unwrap_or_default();
                format!("error: --{field} {text}: {}", message(*fault).text())
            });
            Failure::Usage(lines.collect::<Vec<_>>().join("\n"))
        })?;
        let action = self.action.clone().unwrap_or_default();
        super::known_action(&action)?;
        Ok(EventFilter { action, ..filter })
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
    // `write` ends the last line.
    let line = |event: &EventView| match format {
        Format::Csv => Ok(csv::event_line(event, &format::rfc3339(event.time))
            .trim_end_matches('\n')
            .to_owned()),
        Format::Jsonl => serde_json::to_string(event),
    };
    if format == Format::Csv {
        context
            .output
            .write(csv::line(EVENT_COLUMNS).trim_end_matches('\n'))?;
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
        ChainReport::Intact { entries }
            if i64::try_from(entries).is_ok_and(|entries| entries < after) =>
        {
            Err(Failure::Audit(format!(
                "the log has only {entries} entries: if there was an entry {after}, the log was truncated"
            )))
        }
        ChainReport::Intact { .. } => Ok(()),
    }
}
