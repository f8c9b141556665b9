//! `latchkey audit prune`

use super::{Context, broken, export};
use crate::cli::{OPERATOR, confirm, failure::Failure};
use clap::Args;
use latchkey_app::{components::event_filter::message, format};
use latchkey_domain::audit::filter::{EventFilter, FilterField};
use latchkey_engine::Pruned;
use std::{
    fs::OpenOptions,
    io::{BufWriter, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};
use time::OffsetDateTime;

/// The arguments.
#[derive(Args)]
pub(in crate::cli) struct Prune {
    /// Remove events from before this day or time (in UTC, unless it ends like +02:00) [default: what audit.retention says]
    #[arg(long, value_name = "TIME")]
    before: Option<String>,
    /// First write all events to this new file, signed, as audit export prints them
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// Do not ask, and remove events without a copy
    #[arg(long)]
    yes: bool,
}

impl Prune {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let engine = context.engine().await?;
        let before = self.before(context, engine.now())?;
        let shown = format::rfc3339(before);
        if self.export.is_none() && !self.yes {
            // A script says so explicitly.
            if !std::io::stdin().is_terminal() {
                let usage = "error: without --export FILE, events are removed without a copy; add --yes if that is what you want";
                return Err(Failure::Usage(usage.to_owned()));
            }
            let question = format!("Remove all events from before {shown}, without a copy?");
            confirm::ask(false, &question)?;
        }
        if let Some(path) = &self.export {
            let unusable = |cause| Failure::File {
                path: path.display().to_string(),
                cause,
            };
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = options.open(path).map_err(unusable)?;
            let mut copy = BufWriter::new(file);
            export::write_signed(&engine, 0, |lines| {
                writeln!(copy, "{lines}").map_err(unusable)?;
                Ok(true)
            })
            .await?;
            copy.flush().map_err(unusable)?;
            copy.get_ref().sync_all().map_err(unusable)?;
        }
        let pruned = engine.prune_events(&OPERATOR, before).await?;
        let text = match &pruned {
            Pruned::Nothing => format!("There are no events from before {shown}."),
            Pruned::Removed { entries, last } => {
                format!("{entries} events were removed, up to entry {last}.")
            }
            Pruned::Broken { seq } => return Err(broken(*seq)),
        };
        context.output.print(text, &pruned)
    }

    fn before(&self, context: &Context, now: OffsetDateTime) -> Result<OffsetDateTime, Failure> {
        let Some(text) = &self.before else {
            let kept = context.config.audit.retention.ok_or_else(|| {
                let usage = "error: audit.retention is forever; say --before TIME";
                Failure::Usage(usage.to_owned())
            })?;
            return Ok(now - kept);
        };
        let read = EventFilter::parse(|field| match field {
            FilterField::Since => text.clone(),
            _ => String::new(),
        });
        let fault = match read {
            Ok(filter) => match filter.since {
                Some(since) if since <= now => return Ok(since),
                _ => "Enter a time that has passed.".to_owned(),
            },
            Err(faults) => (faults.values().next())
                .map(|fault| message(*fault).text())
                .unwrap_or_default(),
        };
        Err(Failure::Usage(format!("error: --before {text}: {fault}")))
    }
}
