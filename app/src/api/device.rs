//! Devices: register this one with a code, rename and revoke one's own.

use crate::{
    answer,
    api::{error::FormError, session::welcome},
    form::{self, Fields, Next},
    visit::Effect,
};
use latchkey_domain::id::DeviceId;
use leptos::prelude::*;

/// Registers this browser with e-mail and code, and signs in.
#[server(prefix = "/api", endpoint = "device/register")]
pub async fn register_device(
    #[server(default)] email: String,
    #[server(default)] code: String,
    #[server(default)] device_name: String,
    #[server(default)] return_to: String,
) -> Result<(), FormError> {
    let fields = Fields::none()
        .kept("email", &email)
        .forgotten("code")
        .kept("device_name", &device_name);
    form::answer("/api/device/register", fields, "/login", async {
        let visit = answer::visit();
        let facts = visit.facts();
        let signed_in = visit
            .engine()
            .register_device(
                &email,
                &code,
                &device_name,
                facts.account.as_ref(),
                &facts.client,
            )
            .await?;
        Ok(Next::page(welcome(&visit, signed_in, &return_to).await?))
    })
    .await
}

/// Renames one of this person's devices.
#[server(prefix = "/api", endpoint = "device/rename")]
pub async fn rename_device(
    #[server(default)] id: String,
    #[server(default)] name: String,
) -> Result<(), FormError> {
    let fields = Fields::none().kept("id", &id).kept("name", &name);
    form::answer("/api/device/rename", fields, "/devices", async {
        let visit = answer::visit();
        let change = visit.account_change()?;
        visit
            .engine()
            .rename_device(
                &change,
                form::id(&id, "device")?,
                &name,
                &visit.facts().client,
            )
            .await?;
        Ok(Next::back().saying(format!("The device is called {} now.", name.trim())))
    })
    .await
}

/// Revokes one of this person's devices; the one in their hand signs them out.
#[server(prefix = "/api", endpoint = "device/revoke")]
pub async fn revoke_device(#[server(default)] id: String) -> Result<(), FormError> {
    form::answer("/api/device/revoke", Fields::none().kept("id", &id), "/devices", async {
        let visit = answer::visit();
        let change = visit.account_change()?;
        let id: DeviceId = form::id(&id, "device")?;
        visit.engine().revoke_my_device(&change, id, &visit.facts().client).await?;
        if id == change.account().device_id {
            visit.leave(Effect::SignOut);
            return Ok(Next::page("/login").saying("This device was revoked. It opens nothing any more; register it again to come back."));
        }
        Ok(Next::back().saying("The device was revoked. It was signed out everywhere."))
    })
    .await
}

/// Revokes anybody's device, for administrators; the one in their own hand signs them out.
#[server(prefix = "/api", endpoint = "device/revoke-any")]
pub async fn revoke_any_device(#[server(default)] id: String) -> Result<(), FormError> {
    form::answer("/api/device/revoke-any", Fields::none(), "/admin/devices", async {
        let visit = answer::visit();
        let administrator = visit.administrator()?;
        let id: DeviceId = form::id(&id, "device")?;
        visit.engine().revoke_device(&administrator, id, &visit.facts().client).await?;
        if id == visit.account()?.device_id {
            visit.leave(Effect::SignOut);
            return Ok(Next::page("/login").saying("This device was revoked. It opens nothing any more; register it again to come back."));
        }
        Ok(Next::back().saying("The device was revoked. It was signed out everywhere, and its passkeys ended with it."))
    })
    .await
}
