//! `latchkey device …`

use super::{
    Context, OPERATOR,
    failure::Failure,
    list::{self, ListArgs},
    nobody,
    table::minute,
};
use clap::Subcommand;
use latchkey_domain::id::DeviceId;
use serde::Serialize;
use std::process::ExitCode;

/// Devices.
#[derive(Subcommand)]
pub(super) enum Device {
    /// List devices (sort: last_seen, name, email, created; filter: active, revoked, all)
    List {
        #[command(flatten)]
        args: ListArgs,
        /// Only this person's, revoked ones last
        #[arg(long, value_name = "EMAIL", conflicts_with_all = ["search", "sort", "filter", "page"])]
        user: Option<String>,
    },
    /// End a device with its passkeys and sessions; there is no way back
    Revoke {
        /// Its id, as `device list` shows it
        id: DeviceId,
    },
}

#[derive(Serialize)]
struct Revoked {
    id: DeviceId,
    revoked: bool,
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
                        let query = args.query(&columns, &["active", "revoked", "all"])?;
                        engine.list_devices(&OPERATOR, &query).await?
                    }
                };
                Ok(list::print(
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
                            if device.revoked_at.is_some() {
                                "revoked".to_owned()
                            } else {
                                "active".to_owned()
                            },
                        ]
                    },
                ))
            }
            Self::Revoke { id } => {
                engine.revoke_device(&OPERATOR, id, &nobody()).await?;
                Ok(output.say("The device is revoked: its cookie, passkeys and sessions are worth nothing any more.", &Revoked { id, revoked: true }))
            }
        }
    }
}
