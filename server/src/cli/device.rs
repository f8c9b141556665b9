//! `latchkey device …`

use super::{
    Context, OPERATOR,
    failure::Failure,
    list::{self, ListArgs},
    nobody,
    table::minute,
};
use clap::Subcommand;
use latchkey_domain::{id::DeviceId, identity::device, identity::passkey::PasskeyView};
use latchkey_engine::Revocation;
use serde::Serialize;
use std::process::ExitCode;

/// Devices.
#[derive(Subcommand)]
pub(super) enum Device {
    /// List devices (sort: last_seen, name, email, created; filter: active, signed_out, revoked, all)
    List {
        #[command(flatten)]
        args: ListArgs,
        /// Only this person's, revoked ones last
        #[arg(long, value_name = "EMAIL", conflicts_with_all = ["search", "sort", "filter", "page"])]
        user: Option<String>,
    },
    /// End a device, signed in or out, with its sessions and the passkeys that belong to it
    Revoke {
        /// Its id, as `device list` shows it
        id: DeviceId,
        /// Also remove the passkeys that were used on it and belong elsewhere: when it was lost
        #[arg(long)]
        with_passkeys: bool,
    },
}

#[derive(Serialize)]
struct Revoked {
    id: DeviceId,
    revoked: bool,
    /// Whether it had been before, so that there may have been nothing left to end.
    was_revoked: bool,
    sessions_ended: u64,
    passkeys_removed: Vec<PasskeyView>,
    /// Used on it, and still good.
    passkeys_left: Vec<PasskeyView>,
}

impl Device {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let engine = context.engine().await?;
        let output = context.output;
        match self {
            Self::List { args, user } => {
                let page = match user {
                    Some(email) => {
                        let user = engine.user_by_email(&OPERATOR, &email).await?;
                        list::whole(engine.devices_of(&OPERATOR, user.id).await?)
                    }
                    None => {
                        let columns = ["name", "email", "created", "last_seen"];
                        let query =
                            args.query(&columns, &["active", "signed_out", "revoked", "all"])?;
                        engine.list_devices(&OPERATOR, &query).await?
                    }
                };
                list::print(
                    output,
                    &page,
                    [
                        "id",
                        "name",
                        "person",
                        "kind",
                        "assurance",
                        "last seen",
                        "state",
                    ],
                    |device| {
                        [
                            device.id.to_string(),
                            device.name.to_string(),
                            device.email.to_string(),
                            device.kind.as_str().to_owned(),
                            device.assurance.as_str().to_owned(),
                            minute(device.last_seen_at),
                            state(device).to_owned(),
                        ]
                    },
                )
            }
            Self::Revoke { id, with_passkeys } => {
                let also: Vec<_> = match with_passkeys {
                    true => engine.passkeys_used_on_any(&OPERATOR, id).await?,
                    false => Vec::new(),
                }
                .iter()
                .map(|passkey| passkey.id)
                .collect();
                let ended = engine
                    .revoke_device(&OPERATOR, id, &also, &nobody())
                    .await?;
                output.say(
                    words(&ended),
                    &Revoked {
                        id,
                        revoked: true,
                        was_revoked: ended.was_revoked,
                        sessions_ended: ended.sessions,
                        passkeys_removed: ended.passkeys,
                        passkeys_left: ended.left,
                    },
                )
            }
        }
    }
}

pub(super) const fn state(device: &device::DeviceView) -> &'static str {
    match (device.revoked_at, device.signed_out_at, device.is_limited) {
        (Some(_), ..) => "revoked",
        (None, Some(_), _) => "signed out",
        (None, None, true) => "not approved",
        (None, None, false) => "active",
    }
}

fn words(ended: &Revocation) -> String {
    let names = |passkeys: &[PasskeyView]| {
        let names: Vec<_> = passkeys.iter().map(|key| key.name.as_str()).collect();
        names.join(", ")
    };
    let mut text = match ended.was_revoked {
        true => "The device had been revoked before.".to_owned(),
        false => "The device is revoked: its cookie opens nothing any more.".to_owned(),
    };
    if ended.sessions > 0 {
        text += &format!("\nSessions ended: {}", ended.sessions);
    }
    if !ended.passkeys.is_empty() {
        text += &format!("\nPasskeys removed: {}", names(&ended.passkeys));
    }
    if !ended.left.is_empty() {
        text += &format!(
            "\nPasskeys used on it that belong elsewhere and still sign in: {}\n  If it was lost, remove them too: latchkey device revoke ID --with-passkeys, or latchkey passkey remove ID",
            names(&ended.left)
        );
    }
    text
}
