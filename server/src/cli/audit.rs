//! `latchkey audit …`

use super::{
    Context, OPERATOR,
    failure::{FAILED, Failure},
    list::{self, ListArgs},
    table::minute,
};
use clap::Subcommand;
use latchkey_domain::event::Action;
use latchkey_engine::{ChainReport, Error};
use serde::Serialize;
use std::{io::Write, process::ExitCode};

/// The audit log.
#[derive(Subcommand)]
pub(super) enum Audit {
    /// Recompute the hash chain
    Verify,
    /// Print every event with its link in the chain, oldest first, one JSON object a line
    Export {
        /// Begin after this entry
        #[arg(long, default_value_t = 0, value_name = "SEQ")]
        after: i64,
    },
    /// List events, newest first (filter: an action or its noun)
    List(ListArgs),
}

#[derive(Serialize)]
struct Report {
    intact: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    entries: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    broken_at: Option<i64>,
}

impl Audit {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let engine = context.engine().await?;
        let output = context.output;
        match self {
            Self::Verify => Ok(match engine.verify_audit_chain(&OPERATOR).await? {
                ChainReport::Intact { entries } => output.say(
                    format!("The chain is intact: {entries} entries."),
                    &Report {
                        intact: true,
                        entries: Some(entries),
                        broken_at: None,
                    },
                ),
                ChainReport::Broken { seq } => {
                    let text = format!(
                        "The chain is broken at entry {seq}: it, or the one before it, is not what was written."
                    );
                    output.say(
                        text,
                        &Report {
                            intact: false,
                            entries: None,
                            broken_at: Some(seq),
                        },
                    );
                    ExitCode::from(FAILED)
                }
            }),
            Self::Export { mut after } => {
                let mut out = std::io::stdout().lock();
                loop {
                    let batch = engine.export_events(&OPERATOR, after).await?;
                    let Some(last) = batch.last() else {
                        return Ok(ExitCode::SUCCESS);
                    };
                    after = last.event.seq;
                    for event in &batch {
                        let line = serde_json::to_string(event).map_err(Error::internal)?;
                        // Whoever reads has read enough: `| head` is no error.
                        if writeln!(out, "{line}").is_err() {
                            return Ok(ExitCode::SUCCESS);
                        }
                    }
                }
            }
            Self::List(args) => {
                let words = Action::ALL.iter().map(|action| action.as_str());
                let nouns = words.clone().filter_map(|word| word.split('.').next());
                let mut filters: Vec<_> = nouns.chain(words).collect();
                filters.sort_unstable();
                filters.dedup();
                let query = args.query(&["time"], &filters)?;
                let page = engine.list_events(&OPERATOR, &query).await?;
                Ok(list::print(
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
                            event.detail.clone(),
                        ]
                    },
                ))
            }
        }
    }
}
