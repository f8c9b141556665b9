//! The notice that wrong codes were entered for an account.

use crate::components::{icon::Icon, time::RelativeTime};
use latchkey_domain::id::UserId;
use latchkey_engine::WrongCodes;
use leptos::prelude::*;

/// The number of wrong codes from which the notice is shown: fewer are typing mistakes.
const NOTICE_FROM: u32 = 5;

/// The notice, if there were enough wrong codes.
#[component]
pub fn WrongCodesNotice(
    /// The wrong codes of the account.
    wrong_codes: Option<WrongCodes>,
    /// The user, for an administrator, who can end the pause; `None` for the user.
    lift_for: Option<UserId>,
) -> impl IntoView {
    let wrong = wrong_codes.filter(|wrong| wrong.count >= NOTICE_FROM)?;
    let first = match wrong.paused_until {
        Some(_) => "Codes are temporarily not accepted on new devices. ",
        None => "Wrong codes were entered for this account. ",
    };
    let until = wrong.paused_until.map(|until| {
        view! { " Codes are accepted there again "<RelativeTime at=until/>"." }
    });
    let advice = match lift_for {
        Some(_) => " Registered devices and passkeys are not affected.",
        None => {
            " Your devices and passkeys are not affected. If this was not you, someone who knows your e-mail address is guessing codes. None of the attempts succeeded."
        }
    };
    let lift = lift_for.map(|id| {
        view! {
            <div class="button-row">
                <form method="post" action="/api/user/resume-codes">
                    <input type="hidden" name="id" value=id.to_string()/>
                    <button class="button">"Accept codes again"</button>
                </form>
            </div>
        }
    });
    Some(view! {
        <div class="notice notice-error" role="status">
            <Icon name="warning"/>
            <div>
                <p><strong>{first}</strong>{wrong.count}" wrong codes came from unregistered browsers, the last one "<RelativeTime at=wrong.last_at/>"."{until}{advice}</p>
                {lift}
            </div>
        </div>
    })
}
