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
        Some(_) => "Codes register no new device for a while. ",
        None => "Wrong codes were typed for this account. ",
    };
    let until = wrong.paused_until.map(|until| {
        view! { " Until "<Moment at=until/>" no other code is looked at there." }
    });
    let advice = match lift_for {
        Some(_) => " Devices that are registered, and passkeys, work as before.",
        None => {
            " Your devices and passkeys work as before. If it was not you, somebody knows your address and guesses; nobody came in."
        }
    };
    let lift = lift_for.map(|id| {
        view! {
            <div class="button-row">
                <form method="post" action="/actions/user/resume-codes">
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
                <p><strong>{first}</strong>{wrong.count}" wrong codes came from browsers that are not registered, the last one "<Moment at=wrong.last_at/>"."{until}{advice}</p>
                {lift}
            </div>
        </div>
    })
}
