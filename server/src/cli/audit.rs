//! `latchkey audit …`

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
use latchkey_engine::{ChainReport, Checkpointed, Error, PublicKey};
use serde::Serialize;
use std::{path::PathBuf, process::ExitCode};

/// The audit log.
#[derive(Subcommand)]
pub(super) enum Audit {
    /// Recompute the hash chain, and compare it with checkpoints that were kept elsewhere
    Verify(verify::Verify),
    /// Sign how far the log has come, to be kept elsewhere
    Checkpoint {
        /// Append it to this file [default: print it]
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Print the public keys that checkpoints and exports are verified with (a JWK set)
    Keys,
    /// Print every event with its link in the chain, oldest first, one JSON object a line; signed at the end
    Export {
        /// Begin after this entry
        #[arg(long, default_value_t = 0, value_name = "SEQ")]
        after: i64,
    },
    /// List events, newest first (filter: an action or its noun)
    List(ListArgs),
}

#[derive(Serialize)]
struct Keys {
    keys: Vec<PublicKey>,
}

/// The longest change in a row of a table, in characters; `--json` and `export` have all of it.
const MAX_SHOWN: usize = 80;

/// The detail of an entry and what became different, in one cell.
fn told(event: &EventView) -> String {
    let shown = |change: &FieldChange| {
        let text = change.to_string().replace('\n', "; ");
        match text.char_indices().nth(MAX_SHOWN) {
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
        "the chain is broken at entry {seq}: it, or the one before it, is not what was written; nothing was signed"
    ))
}

impl Audit {
    /// Whether it works on this machine's Latchkey.
    pub(super) const fn expects_data(&self) -> bool {
        !matches!(self, Self::Verify(verify) if verify.is_of_export())
    }

    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let output = context.output;
        match self {
            Self::Verify(verify) => verify.run(context).await,
            Self::Checkpoint { file } => {
                let engine = context.engine().await?;
                let made = match engine.checkpoint(&OPERATOR, None).await? {
                    Checkpointed::Made(made) => made,
                    Checkpointed::Broken { seq } => return Err(broken(seq)),
                    Checkpointed::Unmoved | Checkpointed::Unfit(_) => {
                        unreachable!("only with a last checkpoint")
                    }
                };
                match file.filter(|file| file.as_os_str() != "-") {
                    None => output.say(&made.text, &made),
                    Some(file) => {
                        let path = file.display().to_string();
                        checkpoints::append(&file, &made.text)
                            .map_err(|cause| Failure::File { path, cause })?;
                        let seq = made.checkpoint.seq;
                        let text = format!(
                            "The checkpoint of entry {seq} was appended to {}.",
                            file.display()
                        );
                        output.say(text, &made)
                    }
                }
            }
            Self::Keys => {
                let keys = context.engine().await?.checkpoint_public_keys();
                let keys = Keys { keys };
                let text = serde_json::to_string(&keys).map_err(Error::internal)?;
                output.say(text, &keys)
            }
            Self::Export { after } => {
                let engine = context.engine().await?;
                let mut export = engine.export_events(&OPERATOR, after).await?;
                while let Some(lines) = export.next().await? {
                    let lines: Result<Vec<_>, _> =
                        lines.iter().map(serde_json::to_string).collect();
                    let lines = lines.map_err(Error::internal)?.join("\n");
                    // Whoever reads has read enough: `| head` is no error.
                    if !lines.is_empty() && !output.write(&lines)? {
                        return Ok(ExitCode::SUCCESS);
                    }
                }
                match export.report() {
                    ChainReport::Broken { seq } => Err(broken(seq)),
                    ChainReport::Intact { entries }
                        if i64::try_from(entries).is_ok_and(|entries| entries < after) =>
                    {
                        Err(Failure::Audit(format!(
                            "the log has only {entries} entries: if there was an entry {after}, it was cut off"
                        )))
                    }
                    ChainReport::Intact { .. } => Ok(ExitCode::SUCCESS),
                }
            }
            Self::List(args) => {
                let words = Action::ALL.iter().map(|action| action.as_str());
                let nouns = words.clone().filter_map(|word| word.split('.').next());
                let mut filters: Vec<_> = nouns.chain(words).collect();
                filters.sort_unstable();
                filters.dedup();
                let query = args.query(&["time"], &filters)?;
                let engine = context.engine().await?;
                let page = engine.list_events(&OPERATOR, &query).await?;
                list::print(
                    output,
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
                            told(event),
                        ]
                    },
                )
            }
        }
    }
}
