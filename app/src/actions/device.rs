//! Devices: register this one with a code, rename and revoke one's own.

use crate::{
    actions::{
        error::ActionError,
        session::{way_on, welcome},
    },
    form::{self, Fields, Next},
    format,
    request_context::{Effect, RequestContext},
    response,
};
use latchkey_domain::{
    id::{DeviceId, PasskeyId},
    identity::email::Email,
    identity::passkey::PasskeyView,
    identity::user::Role,
};
use latchkey_engine::{Error, Refusal, Revocation};
use leptos::prelude::*;

/// Registers this browser with e-mail and code, and signs in.
#[server(prefix = "/actions", endpoint = "device/register")]
pub async fn register_device(
    #[server(default)] email: String,
    #[server(default)] code: String,
    #[server(default)] device_name: String,
    #[server(default)] return_to: String,
) -> Result<(), ActionError> {
    let fields = Fields::none()
        .kept("email", &email)
        .forgotten("code")
        .kept("device_name", &device_name);
    form::handle_form("/actions/device/register", fields, "/login", async {
        let context = response::request_context();
        let facts = context.facts();
        let result = context
            .engine()
            .register_device(&email, &code, &device_name, facts.browser, &facts.origin)
            .await;
        let signed_in = match (result, signed_in_already(&context, &email)) {
            (Err(Error::Refused(Refusal::InvalidCredentials)), Some(role)) => {
                return Ok(Next::page(way_on(&context, role, &return_to).await?));
            }
            (result, _) => result?,
        };
        Ok(Next::page(welcome(&context, signed_in, &return_to).await?))
    })
    .await
}

/// The role of somebody who has signed in as this person a moment ago, in another tab: their code is used, and they need not
/// wait for the next one.
fn signed_in_already(context: &RequestContext, email: &str) -> Option<Role> {
    let change = context.self_management().ok()?;
    let current_user = change.current_user();
    let email = Email::parse(email).ok()?;
    (current_user.email == email).then_some(current_user.role)
}

/// Renames one of this person's devices.
#[server(prefix = "/actions", endpoint = "device/rename")]
pub async fn rename_device(
    #[server(default)] id: String,
    #[server(default)] name: String,
) -> Result<(), ActionError> {
    let fields = Fields::none().hidden("id", &id).kept("name", &name);
    form::handle_form("/actions/device/rename", fields, "/devices", async {
        let context = response::request_context();
        let change = context.self_management()?;
        context
            .engine()
            .rename_device(
                &change,
                form::id(&id, "device")?,
                &name,
                &context.facts().origin,
            )
            .await?;
        Ok(Next::back().saying(format!("The device was renamed to {}.", name.trim())))
    })
    .await
}

/// Revokes one of this person's devices; the one in their hand signs them out.
#[server(prefix = "/actions", endpoint = "device/revoke")]
pub async fn revoke_device(
    #[server(default)] id: String,
    #[server(default)] also: String,
) -> Result<(), ActionError> {
    form::handle_form(
        "/actions/device/revoke",
        Fields::none().hidden("id", &id),
        "/devices",
        async {
            let context = response::request_context();
            let change = context.self_management()?;
            let id: DeviceId = form::id(&id, "device")?;
            let also = passkeys_in(&also)?;
            let ended = context
                .engine()
                .revoke_my_device(&change, id, &also, &context.facts().origin)
                .await?;
            if id == change.current_user().device_id {
                context.leave(Effect::ForgetDevice);
                return Ok(Next::page("/login")
                    .saying("This device was revoked. To use it again, register it again."));
            }
            Ok(Next::back().saying(what_ended(&ended)))
        },
    )
    .await
}

/// Revokes anybody's device, for administrators; the one in their own hand signs them out.
#[server(prefix = "/actions", endpoint = "device/revoke-any")]
pub async fn revoke_any_device(
    #[server(default)] id: String,
    #[server(default)] also: String,
) -> Result<(), ActionError> {
    form::handle_form(
        "/actions/device/revoke-any",
        Fields::none(),
        "/admin/devices",
        async {
            let context = response::request_context();
            let administrator = context.administrator()?;
            let id: DeviceId = form::id(&id, "device")?;
            let also = passkeys_in(&also)?;
            let ended = context
                .engine()
                .revoke_device(&administrator, id, &also, &context.facts().origin)
                .await?;
            if id == context.current_user()?.device_id {
                context.leave(Effect::ForgetDevice);
                return Ok(Next::page("/login")
                    .saying("This device was revoked. To use it again, register it again."));
            }
            Ok(Next::back().saying(what_ended(&ended)))
        },
    )
    .await
}

/// Approves one of this person's devices that was registered with a code.
#[server(prefix = "/actions", endpoint = "device/approve")]
pub async fn approve_device(#[server(default)] id: String) -> Result<(), ActionError> {
    form::handle_form(
        "/actions/device/approve",
        Fields::none(),
        "/devices",
        async {
            let context = response::request_context();
            let change = context.self_management()?;
            context
                .engine()
                .approve_device(&change, form::id(&id, "device")?, &context.facts().origin)
                .await?;
            Ok(Next::back().saying(
                "The device was approved. It now has the same access as your other devices.",
            ))
        },
    )
    .await
}

/// The passkeys that a form names, separated by spaces.
fn passkeys_in(typed: &str) -> latchkey_engine::Result<Vec<PasskeyId>> {
    typed
        .split_ascii_whitespace()
        .map(|id| form::id(id, "passkey"))
        .collect()
}

/// What a revocation ended, and what it left.
fn what_ended(ended: &Revocation) -> String {
    let names = |passkeys: &[PasskeyView]| {
        let names: Vec<_> = passkeys
            .iter()
            .map(|passkey| passkey.name.to_string())
            .collect();
        format::listing(&names, 4)
    };
    let mut text = match (ended.was_revoked, ended.passkeys.is_empty()) {
        (true, true) => "The device had already been revoked. Nothing was changed.".to_owned(),
        (_, true) => "The device was revoked. It is signed out everywhere.".to_owned(),
        (_, false) => format!(
            "The device was revoked. It is signed out everywhere, and these passkeys were removed: {}.",
            names(&ended.passkeys)
        ),
    };
    if !ended.left.is_empty() {
        text += &format!(
            " These were used on it and still sign in, because they belong to another device: {}. Remove them too if the device was lost.",
            names(&ended.left)
        );
    }
    text
}
