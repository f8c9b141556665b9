//! Recovery: make recovery codes, use one, confirm it by mail, and cancel what somebody began with one.

use crate::{
    actions::{error::ActionError, session::finish_sign_in},
    form::{self, Fields, Next, change},
    messages::m,
    response,
};
use leptos::prelude::*;

/// Makes recovery codes and shows them, once; older ones are void.
#[server(prefix = "/actions", endpoint = "recovery/make-codes")]
pub async fn make_recovery_codes() -> Result<(), ActionError> {
    change::manage_self(
        "/actions/recovery/make-codes",
        Fields::none(),
        "/security",
        |change| async move {
            let codes = (change.engine())
                .make_recovery_codes(&change.proof, change.origin())
                .await?;
            let codes = codes.iter().map(|code| code.expose_secret().to_owned());
            Ok(Next::page("/security").revealing_codes(m::RECOVERY_CODES_MADE, codes.collect()))
        },
    )
    .await
}

/// Uses a recovery code, or an enrolment link for which nobody vouched: this browser becomes a device in recovery.
#[server(prefix = "/actions", endpoint = "recovery/use")]
pub async fn use_recovery_code(#[server(default)] code: String) -> Result<(), ActionError> {
    let fields = Fields::none().secret("code");
    form::handle_form("/actions/recovery/use", fields, "/recover", async {
        let context = response::request_context();
        let facts = context.facts();
        let signed_in = context
            .engine()
            .recover(&code, facts.browser, &facts.origin)
            .await?;
        Ok(Next::page(finish_sign_in(&context, signed_in, "").await?))
    })
    .await
}

/// Cancels all recoveries of this user.
#[server(prefix = "/actions", endpoint = "recovery/cancel")]
pub async fn cancel_recoveries() -> Result<(), ActionError> {
    change::cancel_recovery(
        "/actions/recovery/cancel",
        "/devices",
        |change| async move {
            let cancelled = (change.engine())
                .cancel_recoveries(&change.proof, change.origin())
                .await?;
            Ok(Next::back().saying(match cancelled {
                0 => m::RECOVERY_CANCELLED_BEFORE,
                _ => m::RECOVERY_CANCELLED,
            }))
        },
    )
    .await
}

/// Sends a mail with which the recovery on this device is confirmed.
#[server(prefix = "/actions", endpoint = "recovery/send-mail")]
pub async fn send_recovery_mail() -> Result<(), ActionError> {
    change::confirm_recovery(
        "/actions/recovery/send-mail",
        Fields::none(),
        "/devices",
        |change| async move {
            (change.engine())
                .send_recovery_mail(&change.proof, change.origin())
                .await?;
            Ok(Next::page("/devices#confirm").saying(m::RECOVERY_MAIL_SENT))
        },
    )
    .await
}

/// Confirms the recovery on this device with the code of a mail.
#[server(prefix = "/actions", endpoint = "recovery/confirm")]
pub async fn confirm_recovery(#[server(default)] code: String) -> Result<(), ActionError> {
    change::confirm_recovery(
        "/actions/recovery/confirm",
        Fields::none().secret("code"),
        "/devices",
        |change| async move {
            (change.engine())
                .confirm_recovery(&change.proof, &code, change.origin())
                .await?;
            Ok(Next::page("/devices").saying(m::RECOVERY_CONFIRMED))
        },
    )
    .await
}
