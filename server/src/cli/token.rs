//! `latchkey token …`

use super::{
    Context, OPERATOR,
    failure::Failure,
    list::{self, ListArgs},
    local_origin, native,
    table::minute,
};
use clap::Subcommand;
use latchkey_domain::id::TokenFamilyId;
use serde::Serialize;
use std::process::ExitCode;

/// Tokens of programs that act for users.
#[derive(Subcommand)]
pub(super) enum Token {
    /// Print an access token of this terminal, which `login` made a device
    Get(native::Get),
    /// List the programs that act for users (sort: refreshed, created, client, email)
    List {
        #[command(flatten)]
        args: ListArgs,
        /// Only this user's
        #[arg(long, value_name = "EMAIL", conflicts_with_all = ["search", "sort", "page"])]
        user: Option<String>,
    },
    /// Revoke the access of a program: its tokens are accepted no more
    Revoke {
        /// Its id, as `token list` shows it
        id: TokenFamilyId,
    },
}

#[derive(Serialize)]
struct Revoked {
    id: TokenFamilyId,
    revoked: bool,
}

impl Token {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        match self {
            // It ran before there was a context.
            Self::Get(_) => Ok(ExitCode::SUCCESS),
            Self::List { args, user } => list(context, args, user).await,
            Self::Revoke { id } => revoke(context, id).await,
        }
    }
}

async fn list(
    context: &Context,
    args: ListArgs,
    user: Option<String>,
) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let page = match user {
        Some(email) => {
            let user = engine.user_by_email(&OPERATOR, &email).await?;
            list::whole(engine.token_families_of(&OPERATOR, user.id).await?)
        }
        None => {
            let query = args.query(&["refreshed", "created", "client", "email"], &[])?;
            engine.list_token_families(&OPERATOR, &query).await?
        }
    };
    list::print(
        context.output,
        &page,
        [
            "id",
            "client",
            "user",
            "service",
            "scopes",
            "device",
            "approved",
            "refreshed",
        ],
        |family| {
            [
                family.id.to_string(),
                family.client.to_string(),
                family.email.to_string(),
                family.service.to_string(),
                family.scopes.to_string(),
                family.device.to_string(),
                minute(family.created_at),
                minute(family.refreshed_at),
            ]
        },
    )
}

async fn revoke(context: &Context, id: TokenFamilyId) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    engine
        .revoke_token_family(&OPERATOR, id, &local_origin())
        .await?;
    context.output.print(
        "The program no longer has access.",
        &Revoked { id, revoked: true },
    )
}
