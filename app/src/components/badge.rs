//! Badges: a status as a label with an icon.

use crate::components::icon::Icon;
use latchkey_domain::{
    identity::device::{Assurance, Device},
    identity::user::UserStatus,
};
use leptos::prelude::*;

/// The assurance of a device, or that it is revoked, signed out or not approved.
#[component]
pub fn AssuranceBadge(
    /// The device.
    device: Device,
) -> impl IntoView {
    if device.revoked_at.is_some() {
        return view! { <span class="badge badge-danger"><Icon name="ban"/>"Revoked"</span> };
    }
    if device.signed_out_at.is_some() {
        return view! { <span class="badge"><Icon name="sign-out"/>"Signed out"</span> };
    }
    if device.is_limited {
        return view! { <span class="badge badge-danger"><Icon name="clock"/>"Not approved"</span> };
    }
    match device.assurance {
        Assurance::Passkey => {
            view! { <span class="badge badge-strong"><Icon name="key"/>"Passkey"</span> }
        }
        Assurance::Registered => {
            view! { <span class="badge"><Icon name="code"/>"Code only"</span> }
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
        (0, 0) => view! { <span class="quiet">"None"</span> }.into_any(),
        (_, 0) => view! { <span class="badge"><Icon name="code"/>"Code only"</span> }.into_any(),
        _ => {
            view! { <span class="badge badge-strong"><Icon name="key"/>"Passkey"</span> }.into_any()
        }
    }
}

/// Marks the current device.
#[component]
pub fn ThisDevice() -> impl IntoView {
    view! { <span class="badge badge-here">"This device"</span> }
}

/// The status of an account; the usual one is plain text.
#[component]
pub fn StatusBadge(
    /// The state.
    status: UserStatus,
) -> impl IntoView {
    match status {
        UserStatus::Active => "Active".into_any(),
        UserStatus::Invited => {
            view! { <span class="badge"><Icon name="clock"/>"Invited"</span> }.into_any()
        }
        UserStatus::Disabled => {
            view! { <span class="badge badge-danger"><Icon name="ban"/>"Disabled"</span> }
                .into_any()
        }
    }
}
