//! `latchkey passkey …`

use super::{
    Context, OPERATOR,
    failure::Failure,
    list, local_origin,
    table::{minute, minute_or_dash},
};
use clap::Subcommand;
use latchkey_domain::id::PasskeyId;
use serde::Serialize;
use std::process::ExitCode;

/// Passkeys.
#[derive(Subcommand)]
pub(super) enum Passkey {
    /// List a user's passkeys
    List {
        /// Their e-mail address
        email: String,
    },
    /// Remove a passkey: it can no longer sign in
    Remove {
        /// Its id, as `passkey list` shows it
        id: PasskeyId,
    },
}

#[derive(Serialize)]
struct Removed {
    id: PasskeyId,
    removed: bool,
}

impl Passkey {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        match self {
            Self::List { email } => list(context, &email).await,
            Self::Remove { id } => remove(context, id).await,
        }
    }
}

async fn list(context: &Context, email: &str) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let user = engine.user_by_email(&OPERATOR, email).await?;
    let page = list::whole(engine.passkeys_of(&OPERATOR, user.id).await?);
    list::print(
        context.output,
        &page,
        [
            "id",
            "name",
            "authenticator",
            "synchronised",
            "added",
            "last used",
        ],
        |passkey| {
            [
                passkey.id.to_string(),
                passkey.name.to_string(),
                passkey
                    .authenticator
                    .clone()
                    .unwrap_or_else(|| "unknown".to_owned()),
                if passkey.backed_up { "yes" } else { "no" }.to_owned(),
                minute(passkey.created_at),
                minute_or_dash(passkey.last_used_at),
            ]
        },
    )
}

async fn remove(context: &Context, id: PasskeyId) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    engine
        .remove_any_passkey(&OPERATOR, id, &local_origin())
        .await?;
    let removed = Removed { id, removed: true };
    let text = "The passkey was removed: it can no longer sign in.";
    context.output.print(text, &removed)
}
