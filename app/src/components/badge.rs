//! Badges: a status as a label with an icon.

use crate::components::icon::Icon;
use crate::messages::m;
use latchkey_domain::{
    identity::device::{Assurance, DeviceKind, DeviceView, Registration},
    identity::user::UserStatus,
};
use leptos::prelude::*;

/// The assurance of a device, or that it is revoked, signed out or not approved.
#[component]
pub fn AssuranceBadge(
    /// The device.
    device: DeviceView,
) -> impl IntoView {
    if device.revoked_at.is_some() {
        return view! { <span class="badge badge-danger"><Icon name="ban"/>{m::REVOKED}</span> };
    }
    if device.signed_out_at.is_some() {
        return view! { <span class="badge"><Icon name="sign-out"/>{m::SIGNED_OUT}</span> };
    }
    if device.is_recovering() {
        return view! { <span class="badge badge-danger"><Icon name="clock"/>{m::IN_RECOVERY}</span> };
    }
    if device.owes().is_some() {
        let held = if device.is_limited {
            m::HELD
        } else {
            m::CHALLENGED
        };
        return view! { <span class="badge badge-danger"><Icon name="warning"/>{held}</span> };
    }
    if device.is_limited {
        return view! { <span class="badge badge-danger"><Icon name="clock"/>{m::NOT_APPROVED}</span> };
    }
    // A native device is as sure as the device on which it was approved.
    let is_approved =
        device.registration == Registration::Approval && device.kind != DeviceKind::Program;
    match device.assurance {
        Assurance::Passkey => {
            view! { <span class="badge badge-strong"><Icon name="key"/>{m::PASSKEY}</span> }
        }
        Assurance::Registered if is_approved => {
            view! { <span class="badge"><Icon name="check"/>{m::APPROVED}</span> }
        }
        Assurance::Registered => {
            view! { <span class="badge"><Icon name="code"/>{m::CODE_ONLY}</span> }
        }
    }
}

/// The strongest factor of a user.
#[component]
pub fn StrongestBadge(
    /// Live devices.
    devices: u64,
    /// Passkeys.
    passkeys: u64,
) -> impl IntoView {
    match (devices, passkeys) {
        (0, 0) => view! { <span class="quiet">{m::NONE}</span> }.into_any(),
        (_, 0) => view! { <span class="badge"><Icon name="code"/>{m::CODE_ONLY}</span> }.into_any(),
        _ => view! { <span class="badge badge-strong"><Icon name="key"/>{m::PASSKEY}</span> }
            .into_any(),
    }
}

/// Marks the current device.
#[component]
pub fn ThisDevice() -> impl IntoView {
    view! { <span class="badge badge-here">{m::THIS_DEVICE}</span> }
}

/// The status of an account; the usual one is plain text.
#[component]
pub fn StatusBadge(
    /// The state.
    status: UserStatus,
) -> impl IntoView {
    match status {
        UserStatus::Active => m::ACTIVE.text().into_any(),
        UserStatus::Invited => {
            view! { <span class="badge"><Icon name="clock"/>{m::INVITED}</span> }.into_any()
        }
        UserStatus::Disabled => {
            view! { <span class="badge badge-danger"><Icon name="ban"/>{m::DISABLED}</span> }
                .into_any()
        }
    }
}
