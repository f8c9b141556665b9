//! `latchkey token …`

use super::{
    Context, OPERATOR,
    failure::{self, Failure},
    list::{self, ListArgs},
    local_origin, native,
    table::minute,
};
use crate::message;
use clap::Subcommand;
use latchkey_domain::id::TokenFamilyId;
use serde::Serialize;
use serde_json::{Map, Value};
use std::{
    io::{self, Read},
    process::ExitCode,
};

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
    /// Read an access token from standard input, and say whether it is accepted and why not
    Introspect,
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
            Self::Introspect => introspect(context).await,
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

/// What an access token is good for.
#[derive(Serialize)]
struct Introspected {
    accepted: bool,
    /// Why it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'static str>,
    /// What it claims, if this server signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    claims: Option<Map<String, Value>>,
}

/// The longest that is read: a token has 8192 bytes at most.
const MAX_INPUT: u64 = 16 * 1024;

async fn introspect(context: &Context) -> Result<ExitCode, Failure> {
    // Arguments are seen by other users, and kept by the shell.
    let mut token = String::new();
    let read = io::stdin()
        .lock()
        .take(MAX_INPUT)
        .read_to_string(&mut token);
    read.map_err(|cause| Failure::File {
        path: "-".to_owned(),
        cause,
    })?;
    let engine = context.engine().await?;
    let found = engine.explain_token(&OPERATOR, token.trim()).await?;
    let verdict = match found.fault {
        None if is_bound(found.claims.as_ref()) => {
            "It is accepted, together with a fresh proof of its key (DPoP).".to_owned()
        }
        None => "It is accepted.".to_owned(),
        Some(fault) => format!("It is not accepted. {}", message::token::fault(fault)),
    };
    let claims = found.claims.as_ref().map(serde_json::to_string_pretty);
    let text = match claims {
        Some(Ok(claims)) => format!("{verdict}\n\n{claims}"),
        _ => verdict,
    };
    let body = Introspected {
        accepted: found.fault.is_none(),
        fault: found.fault.map(message::token::code),
        claims: found.claims,
    };
    context.output.print(text, &body)?;
    Ok(match body.accepted {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(failure::FAILED),
    })
}

fn is_bound(claims: Option<&Map<String, Value>>) -> bool {
    claims.is_some_and(|claims| claims.contains_key("cnf"))
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
