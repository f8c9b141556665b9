//! The notice that wrong codes were entered for an account.

use crate::components::{icon::Icon, time::RelativeTime};
use crate::messages::{m, with_element};
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
    /// The user, for an administrator, who can lift the lockout; `None` for the user.
    lift_for: Option<UserId>,
) -> impl IntoView {
    let wrong = wrong_codes.filter(|wrong| wrong.count >= NOTICE_FROM)?;
    let first = match (wrong.locked_out_until, wrong.locked_out_networks) {
        (Some(_), _) => m::WRONG_CODES_LOCKOUT.into(),
        (None, 0) => m::WRONG_CODES.into(),
        (None, networks) => m::wrong_codes_networks(networks),
    };
    let last = view! { <RelativeTime at=wrong.last_at/> };
    let count = with_element(
        |time| m::wrong_codes_count(u64::from(wrong.count), time),
        last,
    );
    let until = wrong.locked_out_until.map(|until| {
        let until = view! { <RelativeTime at=until/> };
        view! { " "{with_element(m::wrong_codes_until, until)} }
    });
    let advice = match lift_for {
        Some(_) => m::WRONG_CODES_ANY,
        None => m::WRONG_CODES_OWN,
    };
    let lift = lift_for.map(|id| {
        view! {
            <div class="button-row">
                <form method="post" action="/actions/user/resume-codes">
                    <input type="hidden" name="id" value=id.to_string()/>
                    <button class="button">{m::WRONG_CODES_ACCEPT}</button>
                </form>
            </div>
        }
    });
    Some(view! {
        <div class="notice notice-error" role="status">
            <Icon name="warning"/>
            <div>
                <p><strong>{first}</strong>" "{count}{until}" "{advice}</p>
                {lift}
            </div>
        </div>
    })
}
