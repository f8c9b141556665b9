//! That somebody types wrong codes for an account, and what follows from it.

use crate::components::{icon::Icon, moment::Moment};
use latchkey_domain::id::UserId;
use latchkey_engine::WrongCodes;
use leptos::prelude::*;

/// From so many wrong codes on it is worth saying: fewer are typing mistakes.
const WORTH_SAYING: u32 = 5;

/// The notice, where there is something to say.
#[component]
pub fn WrongCodesNotice(
    /// What was counted.
    wrong_codes: Option<WrongCodes>,
    /// Whose account it is, for an administrator who can lift the pause; `None` for the owner.
    lift_for: Option<UserId>,
) -> impl IntoView {
    let wrong = wrong_codes.filter(|wrong| wrong.count >= WORTH_SAYING)?;
    let first = match wrong.paused_until {
        Some(_) => "Codes are temporarily not accepted on new devices. ",
        None => "Wrong codes were entered for this account. ",
    };
    let until = wrong.paused_until.map(|until| {
        view! { " Codes are accepted there again "<Moment at=until/>"." }
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
                <p><strong>{first}</strong>{wrong.count}" wrong codes came from unregistered browsers, the last one "<Moment at=wrong.last_at/>"."{until}{advice}</p>
                {lift}
            </div>
        </div>
    })
}
