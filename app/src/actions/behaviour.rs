//! How users type: they practise, erase what is kept, or have nothing of it compared.

use crate::{
    actions::error::ActionError,
    form::{Fields, Next, change},
    messages::m,
};
use leptos::prelude::*;

/// Exempts this user, and erases what was kept.
#[server(prefix = "/actions", endpoint = "behaviour/exempt")]
pub async fn exempt_behaviour() -> Result<(), ActionError> {
    change::manage_self(
        "/actions/behaviour/exempt",
        Fields::none(),
        "/security",
        |change| async move {
            (change.engine())
                .exempt_my_behaviour(&change.proof, change.origin())
                .await?;
            Ok(Next::back().saying(m::BEHAVIOUR_EXEMPTED))
        },
    )
    .await
}

/// Ends the exemption.
#[server(prefix = "/actions", endpoint = "behaviour/include")]
pub async fn include_behaviour() -> Result<(), ActionError> {
    change::manage_self(
        "/actions/behaviour/include",
        Fields::none(),
        "/security",
        |change| async move {
            (change.engine())
                .include_my_behaviour(&change.proof, change.origin())
                .await?;
            Ok(Next::back().saying(m::BEHAVIOUR_INCLUDED))
        },
    )
    .await
}

/// Erases what is kept.
#[server(prefix = "/actions", endpoint = "behaviour/erase")]
pub async fn erase_behaviour() -> Result<(), ActionError> {
    change::manage_self(
        "/actions/behaviour/erase",
        Fields::none(),
        "/security",
        |change| async move {
            (change.engine())
                .erase_my_behaviour(&change.proof, change.origin())
                .await?;
            Ok(Next::back().saying(m::BEHAVIOUR_ERASED))
        },
    )
    .await
}

/// Learns from an address and six digits that the user typed. Neither is kept.
#[server(prefix = "/actions", endpoint = "behaviour/practise")]
pub async fn practise_behaviour(
    #[server(default)] email: String,
    #[server(default)] code: String,
    #[server(default)] behaviour: String,
) -> Result<(), ActionError> {
    let fields = Fields::none().secret("email").secret("code");
    change::manage_self(
        "/actions/behaviour/practise",
        fields,
        "/security",
        |change| async move {
            let kept = (change.engine().observing(&behaviour))
                .practise_behaviour(&change.proof, &email, &code, change.origin())
                .await?;
            Ok(Next::back().saying(match kept.missing() {
                0 => m::BEHAVIOUR_PRACTISED.text(),
                missing => m::behaviour_practise_again(missing as u64).text(),
            }))
        },
    )
    .await
}
