//! `latchkey audit …`

mod export;
mod prune;
mod verify;

use super::{
    Context, OPERATOR,
    failure::Failure,
    list::{self, ListArgs},
    table::minute,
};
use crate::checkpoints;
use clap::Subcommand;
use latchkey_domain::audit::event::{Action, EventView, FieldChange};
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
    /// List events, newest first (filter: an action or its noun)
    List(ListArgs),
}

#[derive(Serialize)]
struct Keys {
    keys: Vec<CheckpointJwk>,
}

/// How much of a change a table shows, in characters; `--json` and `export` have all of it.
const MAX_CHANGE_CHARS: usize = 80;

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
            Self::List(args) => list(context, args).await,
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

async fn list(context: &Context, args: ListArgs) -> Result<ExitCode, Failure> {
    let filters = words();
    let query = args.query(&["time"], &filters)?;
    let page = context
        .engine()
        .await?
        .list_events(&OPERATOR, &query)
        .await?;
    list::print(
        context.output,
        &page,
        [
            "seq", "time", "actor", "action", "target", "address", "detail",
        ],
        |event| {
            [
                event.seq.to_string(),
                minute(event.time),
                event.actor_name.clone(),
                event.action.clone(),
                event.target_name.clone(),
                event.ip.clone().unwrap_or_else(|| "-".to_owned()),
                detail(event),
            ]
        },
    )
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

/// An unknown action is an error: its result would mislead.
fn known_action(action: &str) -> Result<(), Failure> {
    match action.is_empty() || words().contains(&action) {
        true => Ok(()),
        false => Err(Failure::Usage(format!(
            "error: --action {action}: write one of {}",
            words().join(", ")
        ))),
    }
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

fn broken(seq: i64) -> Failure {
    Failure::Audit(format!(
        "the chain is broken at entry {seq}: this entry, or the one before it, was changed; nothing was signed"
    ))
}
