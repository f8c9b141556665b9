//! What a passkey is kept in.

use crate::messages::m;
use latchkey_domain::identity::{
    authenticator::{Aaguid, AuthenticatorKind},
    passkey::PasskeyView,
};
use leptos::prelude::*;

/// The icon and the name of a passkey's authenticator. Where the model is unknown, whether the passkey is synced is not
/// taken for a kind.
#[must_use]
pub fn authenticator(passkey: &PasskeyView) -> (&'static str, AnyView) {
    let Some(model) = passkey.aaguid.and_then(Aaguid::model) else {
        return (
            "passkey",
            view! { <span>{m::AUTHENTICATOR_UNKNOWN}</span> }.into_any(),
        );
    };
    let icon = match model.kind {
        AuthenticatorKind::Key => "key",
        AuthenticatorKind::Computer => "laptop",
        AuthenticatorKind::Phone => "phone",
        AuthenticatorKind::Manager => "cloud",
    };
    (icon, view! { <span>{model.name}</span> }.into_any())
}
