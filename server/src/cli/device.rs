//! `latchkey device …`

use super::{
    Context, OPERATOR,
    failure::Failure,
    list::{self, ListArgs},
    local_origin,
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
    /// List devices (sort: last_seen, name, email, created; filter: active, waiting, signed_out, revoked, all)
    List {
        #[command(flatten)]
        args: ListArgs,
        /// Only this user's, revoked ones last
        #[arg(long, value_name = "EMAIL", conflicts_with_all = ["search", "sort", "filter", "page"])]
        user: Option<String>,
    },
    /// Approve a device that waits for approval: one that was registered with a code, or whose sign-in was too unusual
    Approve {
        /// Its id, as `device list` shows it
        id: DeviceId,
    },
    /// Revoke a device, signed in or out, with its sessions and the passkeys that belong to it
    Revoke {
        /// Its id, as `device list` shows it
        id: DeviceId,
        /// Also remove other passkeys that were used on it, for a lost device
        #[arg(long)]
        with_passkeys: bool,
    },
}

#[derive(Serialize)]
struct Revoked {
    id: DeviceId,
    revoked: bool,
    /// Whether it had been revoked before.
    was_revoked: bool,
    sessions_ended: u64,
    passkeys_removed: Vec<PasskeyView>,
    /// Passkeys that were used on it and are still valid.
    passkeys_left: Vec<PasskeyView>,
}

#[derive(Serialize)]
struct Approved {
    id: DeviceId,
    approved: bool,
}

impl Device {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        match self {
            Self::List { args, user } => list(context, args, user).await,
            Self::Approve { id } => approve(context, id).await,
            Self::Revoke { id, with_passkeys } => revoke(context, id, with_passkeys).await,
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
            list::whole(engine.devices_of(&OPERATOR, user.id).await?)
        }
        None => {
            let columns = ["name", "email", "created", "last_seen"];
            let statuses = ["active", "waiting", "signed_out", "revoked", "all"];
            let query = args.query(&columns, &statuses)?;
            engine.list_devices(&OPERATOR, &query).await?
        }
    };
    list::print(
        context.output,
        &page,
        [
            "id",
            "name",
            "user",
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

async fn approve(context: &Context, id: DeviceId) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    engine
        .approve_any_device(&OPERATOR, id, &local_origin())
        .await?;
    let text = "The device waits for approval no more.".to_owned();
    context.output.print(text, &Approved { id, approved: true })
}

async fn revoke(context: &Context, id: DeviceId, with_passkeys: bool) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let passkeys = match with_passkeys {
        true => engine.passkeys_used_on_any(&OPERATOR, id).await?,
        false => Vec::new(),
    };
    let passkeys: Vec<_> = passkeys.iter().map(|passkey| passkey.id).collect();
    let revocation = engine
        .revoke_device(&OPERATOR, id, &passkeys, &local_origin())
        .await?;
    context.output.print(
        text(&revocation),
        &Revoked {
            id,
            revoked: true,
            was_revoked: revocation.was_revoked,
            sessions_ended: revocation.sessions,
            passkeys_removed: revocation.passkeys,
            passkeys_left: revocation.left,
        },
    )
}

pub(super) const fn state(device: &device::DeviceView) -> &'static str {
    match (device.revoked_at, device.signed_out_at) {
        (Some(_), _) => "revoked",
        (None, Some(_)) => "signed out",
        (None, None) if device.is_in_recovery() => "in recovery",
        (None, None) if device.challenge.is_some() && device.is_limited => "held",
        (None, None) if device.challenge.is_some() => "challenged",
        (None, None) if device.is_unapproved() => "not approved",
        (None, None) => "active",
    }
}

fn text(revocation: &Revocation) -> String {
    let names = |passkeys: &[PasskeyView]| {
        let names: Vec<_> = passkeys.iter().map(|key| key.name.as_str()).collect();
        names.join(", ")
    };
    let mut text = match revocation.was_revoked {
        true => "The device was revoked before.".to_owned(),
        false => "The device is revoked: its cookie is no longer accepted.".to_owned(),
    };
    if revocation.sessions > 0 {
        text += &format!("\nSessions ended: {}", revocation.sessions);
    }
    if !revocation.passkeys.is_empty() {
        text += &format!("\nPasskeys removed: {}", names(&revocation.passkeys));
    }
    if !revocation.left.is_empty() {
        text += &format!(
            "\nOther passkeys that were used on it can still sign in: {}\n  If the device was lost, remove them too: latchkey device revoke ID --with-passkeys, or latchkey passkey remove ID",
            names(&revocation.left)
        );
    }
    text
}
