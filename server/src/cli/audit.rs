//! `latchkey audit …`

mod export;
mod filter;
mod list;
mod prune;
mod verify;

use super::{Context, OPERATOR, failure::Failure};
use crate::checkpoints;
use clap::Subcommand;
use latchkey_app::format;
use latchkey_domain::audit::{
    csv::{self, EVENT_COLUMNS},
    event::{Action, EventView},
};
use latchkey_engine::{CheckpointJwk, Checkpointed, Error};
use serde::Serialize;
use std::{path::PathBuf, process::ExitCode};

/// The audit log.
#[derive(Subcommand)]
pub(super) enum Audit {
    /// Recompute the hash chain, and compare it with checkpoints that were kept elsewhere
    Verify(verify::Verify),
    /// Sign a checkpoint of the log, to be kept elsewhere
    Checkpoint {
        /// Append it to this file [default: print it]
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Print the public keys of checkpoints and exports (a JWK set)
    Keys,
    /// Print all events with their hashes, oldest first, one JSON object per line, with a signature at the end
    ///
    /// With a filter or as CSV, events are printed as they are listed: nothing is signed, and nothing shows what is missing.
    Export(export::Export),
    /// Remove old events; a signed tombstone stands for them, so that the chain still verifies
    Prune(prune::Prune),
    /// List events, newest first
    List(list::List),
}

#[derive(Serialize)]
struct Keys {
    keys: Vec<CheckpointJwk>,
}

impl Audit {
    /// Whether it needs the data of this machine.
    pub(super) const fn expects_data(&self) -> bool {
        !matches!(self, Self::Verify(verify) if verify.is_of_export())
    }

    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        match self {
            Self::Verify(verify) => verify.run(context).await,
            Self::Checkpoint { file } => checkpoint(context, file).await,
            Self::Keys => keys(context).await,
            Self::Export(export) => export.run(context).await,
            Self::Prune(prune) => prune.run(context).await,
            Self::List(list) => list.run(context).await,
        }
    }
}

async fn checkpoint(context: &Context, file: Option<PathBuf>) -> Result<ExitCode, Failure> {
    let (engine, output) = (context.engine().await?, context.output);
    let signed = match engine.checkpoint(&OPERATOR, None).await? {
        Checkpointed::Made(signed) => signed,
        Checkpointed::Broken { seq } => return Err(broken(seq)),
        Checkpointed::Unmoved | Checkpointed::Unfit(_) => {
            unreachable!("only with a last checkpoint")
        }
    };
    let Some(file) = file.filter(|file| file.as_os_str() != "-") else {
        return output.print(&signed.text, &signed);
    };
    let path = file.display().to_string();
    checkpoints::append(&file, &signed.text).map_err(|cause| Failure::File { path, cause })?;
    let seq = signed.checkpoint.seq;
    let text = format!(
        "The checkpoint of entry {seq} was appended to {}.",
        file.display()
    );
    output.print(text, &signed)
}

async fn keys(context: &Context) -> Result<ExitCode, Failure> {
    let keys = context.engine().await?.checkpoint_public_keys();
    let keys = Keys { keys };
    let text = serde_json::to_string(&keys).map_err(Error::internal)?;
    context.output.print(text, &keys)
}

/// Every noun and every action.
fn words() -> Vec<&'static str> {
    let actions = Action::ALL.iter().map(|action| action.as_str());
    let nouns = actions
        .clone()
        .filter_map(|action| action.split('.').next());
    let mut filters: Vec<_> = nouns.chain(actions).collect();
    filters.sort_unstable();
    filters.dedup();
    filters
}

/// A line of CSV without its end, which is written after it; without an event, the names of the columns.
fn line_of_csv(event: Option<&EventView>) -> String {
    let line = match event {
        Some(event) => csv::event_line(event, &format::rfc3339(event.time)),
        None => csv::line(EVENT_COLUMNS),
    };
    line.trim_end_matches('\n').to_owned()
}

fn broken(seq: i64) -> Failure {
    Failure::Audit(format!(
        "the chain is broken at entry {seq}: this entry, or the one before it, was changed; nothing was signed"
    ))
}
