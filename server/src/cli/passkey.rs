//! `latchkey passkey …`

use super::{
    Context, OPERATOR,
    failure::Failure,
    list, nobody,
    table::{minute, minute_or_dash},
};
use clap::Subcommand;
use latchkey_domain::id::PasskeyId;
use serde::Serialize;
use std::process::ExitCode;

/// Passkeys.
#[derive(Subcommand)]
pub(super) enum Passkey {
    /// List a person's passkeys
    List {
        /// Their address
        email: String,
    },
    /// Remove a passkey: it signs nobody in any more
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
        let engine = context.engine().await?;
        match self {
            Self::List { email } => {
                let user = engine.user_by_email(&OPERATOR, &email).await?;
                let page = list::whole(engine.passkeys_of(&OPERATOR, user.id).await?);
                list::print(
                    context.output,
                    &page,
                    ["id", "name", "synchronised", "added", "last used"],
                    |passkey| {
                        [
                            passkey.id.to_string(),
                            passkey.name.to_string(),
                            if passkey.backed_up { "yes" } else { "no" }.to_owned(),
                            minute(passkey.created_at),
                            minute_or_dash(passkey.last_used_at),
                        ]
                    },
                )
            }
            Self::Remove { id } => {
                engine.remove_any_passkey(&OPERATOR, id, &nobody()).await?;
                let removed = Removed { id, removed: true };
                context.output.say(
                    "The passkey is removed: it signs nobody in any more.",
                    &removed,
                )
            }
        }
    }
}
