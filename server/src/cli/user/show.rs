//! Showing a user.

use crate::cli::{
    Context, OPERATOR, device,
    failure::Failure,
    table::{Table, minute, minute_or_dash},
};
use latchkey_domain::{
    access::access_grant::AccessGrantView,
    identity::{device::DeviceView, passkey::PasskeyView, user::UserView},
    pagination::ListQuery,
};
use latchkey_engine::AccessGrantFilter;
use serde::Serialize;
use std::process::ExitCode;

#[derive(Serialize)]
struct Shown {
    user: UserView,
    devices: Vec<DeviceView>,
    passkeys: Vec<PasskeyView>,
    grants: Vec<AccessGrantView>,
}

pub(super) async fn run(context: &Context, email: &str) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let user = engine.user_by_email(&OPERATOR, email).await?;
    let filter = AccessGrantFilter {
        user: Some(user.id),
        service: None,
    };
    let shown = Shown {
        devices: engine.devices_of(&OPERATOR, user.id).await?,
        passkeys: engine.passkeys_of(&OPERATOR, user.id).await?,
        grants: engine
            .list_grants(&OPERATOR, &filter, &ListQuery::default().bounded())
            .await?
            .items,
        user,
    };
    context.output.print(shown.text(), &shown)
}

impl Shown {
    fn text(&self) -> String {
        let user = &self.user;
        format!(
            "{} <{}>\n{}, {}, added {}, last seen {}{}\n{}\n\n{}\n\n{}\n\n{}",
            user.name,
            user.email,
            user.role,
            user.status.as_str(),
            minute(user.created_at),
            minute_or_dash(user.last_seen_at),
            open_link(user),
            recovery_codes(user.recovery_codes_left),
            devices(&self.devices),
            passkeys(&self.passkeys),
            grants(&self.grants)
        )
    }
}

fn open_link(user: &UserView) -> String {
    match user.enrolment_link_expires_at {
        Some(at) => format!("\nan enrolment link can be used until {}", minute(at)),
        None => String::new(),
    }
}

fn recovery_codes(left: u64) -> String {
    match left {
        0 => "no recovery codes".to_owned(),
        1 => "1 recovery code left".to_owned(),
        left => format!("{left} recovery codes left"),
    }
}

fn devices(devices: &[DeviceView]) -> Table<5> {
    let mut table = Table::new(["device", "id", "assurance", "last seen", "state"]);
    for device in devices {
        table.row([
            device.name.to_string(),
            device.id.to_string(),
            device.assurance.as_str().to_owned(),
            minute(device.last_seen_at),
            device::state(device).to_owned(),
        ]);
    }
    table
}

fn passkeys(passkeys: &[PasskeyView]) -> Table<5> {
    let mut table = Table::new(["passkey", "id", "authenticator", "added", "last used"]);
    for passkey in passkeys {
        table.row([
            passkey.name.to_string(),
            passkey.id.to_string(),
            passkey
                .authenticator
                .clone()
                .unwrap_or_else(|| "unknown".to_owned()),
            minute(passkey.created_at),
            minute_or_dash(passkey.last_used_at),
        ]);
    }
    table
}

fn grants(grants: &[AccessGrantView]) -> Table<3> {
    let mut table = Table::new(["service", "scopes", "until"]);
    for grant in grants {
        table.row([
            grant.service.to_string(),
            grant.scopes.to_string(),
            minute_or_dash(grant.expires_at),
        ]);
    }
    table
}
