//! `latchkey client …`

mod change;
mod show;

use super::{Context, failure::Failure, list::ListArgs};
use crate::config::duration;
use clap::Subcommand;
use std::process::ExitCode;
use time::Duration;

/// Clients.
#[derive(Subcommand)]
pub(super) enum Client {
    /// Add a client; prints its secret once
    Add(change::Add),
    /// List clients (sort: name, kind, created)
    List(ListArgs),
    /// Show a client
    Show {
        /// The client's id or name
        client: String,
    },
    /// Make a new secret; prints it once
    RotateSecret {
        /// The client's id or name
        client: String,
        /// How long the old secret is still accepted; tokens that it got end with it
        #[arg(long, default_value = "24h", value_name = "DURATION", value_parser = duration::parse)]
        overlap: Duration,
    },
    /// Delete a client; its tokens are accepted no more
    Delete {
        /// The client's id or name
        client: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
}

impl Client {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        match self {
            Self::Add(add) => add.run(context).await,
            Self::List(args) => show::list(context, args).await,
            Self::Show { client } => show::show(context, &client).await,
            Self::RotateSecret { client, overlap } => {
                change::rotate_secret(context, &client, overlap).await
            }
            Self::Delete { client, yes } => change::delete(context, &client, yes).await,
        }
    }
}
