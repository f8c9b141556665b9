//! The button that signs in with a passkey.
#![expect(
    missing_docs,
    reason = "the macro makes a second struct of the props, without comments"
)]

use super::passkey_button::PasskeyButton;
use crate::components::icon::Icon;
use leptos::prelude::*;

/// Signs in with a passkey, or confirms the identity of a signed-in user. On the sign-in page the autofill of the e-mail
/// field offers passkeys, too.
#[island]
pub fn SignInButton(
    /// Where to go afterwards; the server checks it.
    return_to: String,
    /// Whether a signed-in user confirms their identity.
    is_confirmation: bool,
    /// The label of the button.
    label: String,
    /// The texts of failures, one line for each [`super::failure_code::FailureCode`].
    failures: String,
) -> impl IntoView {
    let button = PasskeyButton::new(failures);
    let purpose = if is_confirmation {
        "confirm"
    } else {
        "sign-in"
    };
    button.wake(purpose);
    button.offer_conditional_mediation(return_to.clone(), !is_confirmation);
    view! {
        <div class="stack">
            <button
                type="button"
                class="button button-primary button-large button-wide"
                data-passkey=purpose
                aria-busy=move || button.is_busy()
                on:click=move |_| button.sign_in(return_to.clone(), !is_confirmation)
            >
                <Icon name="key" class="icon-large"/>
                {label}
            </button>
            {move || button.failure()}
        </div>
    }
}
