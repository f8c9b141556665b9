//! Devices: register this one with a code, rename and revoke one's own.

use crate::{
    actions::{
        error::ActionError,
        session::{finish_sign_in, page_after_sign_in, start_page},
    },
    form::{
        self, Fields, FormResult, Next,
        change::{self, Change},
    },
    format,
    messages::m,
    request_context::{RequestContext, ResponseEffect},
    response,
};
use latchkey_domain::{
    access::permission::DevicesRevoke,
    id::{DeviceId, PasskeyId},
    identity::email::Email,
    identity::passkey::PasskeyView,
};
use latchkey_engine::{Error, Noun, Refusal, Revocation};
use leptos::prelude::*;

/// Registers this browser with e-mail and code, and signs in.
#[server(prefix = "/actions", endpoint = "device/register")]
pub async fn register_device(
    #[server(default)] email: String,
    #[server(default)] code: String,
    #[server(default)] device_name: String,
    #[server(default)] return_to: String,
    #[server(default)] behaviour: String,
) -> Result<(), ActionError> {
    let fields = Fields::none()
        .field("email", &email)
        .secret("code")
        .field("device_name", &device_name);
    form::handle_form("/actions/device/register", fields, "/login", async {
        let context = response::request_context();
        let facts = context.facts();
        let result = context
            .engine()
            .observing(&behaviour)
            .register_device(&email, &code, &device_name, facts.browser, &facts.origin)
            .await;
        let signed_in = match (result, signed_in_already(&context, &email)) {
            (Err(Error::Refused(Refusal::InvalidCredentials)), Some(start)) => {
                return Ok(Next::page(
                    page_after_sign_in(&context, start, &return_to).await?,
                ));
            }
            (result, _) => result?,
        };
        Ok(Next::page(
            finish_sign_in(&context, signed_in, &return_to).await?,
        ))
    })
    .await
}

/// The start page of somebody who has signed in as this user a moment ago, in another tab: their code is used, and they need not
/// wait for the next one.
fn signed_in_already(context: &RequestContext, email: &str) -> Option<&'static str> {
    let change = context.self_management().ok()?;
    let current_user = change.current_user();
    let email = Email::parse(email).ok()?;
    (current_user.email == email).then(|| start_page(current_user))
}

/// Renames one of this user's devices.
#[server(prefix = "/actions", endpoint = "device/rename")]
pub async fn rename_device(
    #[server(default)] id: String,
    #[server(default)] name: String,
) -> Result<(), ActionError> {
    let fields = Fields::none().hidden("id", &id).field("name", &name);
    change::manage_self(
        "/actions/device/rename",
        fields,
        "/devices",
        |change| async move {
            let id = form::id(&id, Noun::Device)?;
            change
                .engine()
                .rename_device(&change.proof, id, &name, change.origin())
                .await?;
            Ok(Next::back().saying(m::device_renamed(name.trim())))
        },
    )
    .await
}

/// Revokes one of this user's devices; the one in their hand signs them out.
#[server(prefix = "/actions", endpoint = "device/revoke")]
pub async fn revoke_device(
    #[server(default)] id: String,
    #[server(default)] also: String,
) -> Result<(), ActionError> {
    let fields = Fields::none().hidden("id", &id);
    change::revoke_self(
        "/actions/device/revoke",
        fields,
        "/devices",
        |change| async move {
            let (id, also) = (form::id(&id, Noun::Device)?, passkeys_in(&also)?);
            let ended = change
                .engine()
                .revoke_my_device(change.proof.clone(), id, &also, change.origin())
                .await?;
            after_revocation(&change, id, &ended)
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
    change::administer(
        DevicesRevoke,
        "/actions/device/revoke-any",
        Fields::none(),
        "/admin/devices",
        |change| async move {
            let (id, also) = (form::id(&id, Noun::Device)?, passkeys_in(&also)?);
            let ended = change
                .engine()
                .revoke_device(&change.proof, id, &also, change.origin())
                .await?;
            after_revocation(&change, id, &ended)
        },
    )
    .await
}

/// Approves one of this user's devices that was registered with a code.
#[server(prefix = "/actions", endpoint = "device/approve")]
pub async fn approve_device(#[server(default)] id: String) -> Result<(), ActionError> {
    change::manage_self(
        "/actions/device/approve",
        Fields::none(),
        "/devices",
        |change| async move {
            let id = form::id(&id, Noun::Device)?;
            change
                .engine()
                .approve_device(&change.proof, id, change.origin())
                .await?;
            Ok(Next::back().saying(m::DEVICE_APPROVED))
        },
    )
    .await
}

/// The passkeys that a form names, separated by spaces.
fn passkeys_in(typed: &str) -> latchkey_engine::Result<Vec<PasskeyId>> {
    typed
        .split_ascii_whitespace()
        .map(|id| form::id(id, Noun::Passkey))
        .collect()
}

/// Where a revocation leads: to the sign-in page if it was of the device in their hand.
fn after_revocation<P>(change: &Change<P>, id: DeviceId, ended: &Revocation) -> FormResult<Next> {
    if id != change.context.current_user()?.device_id {
        return Ok(Next::back().saying(what_ended(ended)));
    }
    change.context.push_effect(ResponseEffect::ForgetDevice);
    Ok(Next::page("/login").saying(m::DEVICE_REVOKED_HERE))
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
    let text = match (ended.was_revoked, ended.passkeys.is_empty()) {
        (true, true) => m::DEVICE_REVOKED_BEFORE.text(),
        (_, true) => m::DEVICE_REVOKED.text(),
        (_, false) => m::device_revoked_passkeys(names(&ended.passkeys)).text(),
    };
    match ended.left.is_empty() {
        true => text,
        false => format!(
            "{text} {}",
            m::device_revoked_left(names(&ended.left)).text()
        ),
    }
}
