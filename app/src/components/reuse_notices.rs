//! The notices that a refresh token of a program was used twice.

use crate::{
    components::{icon::Icon, time::RelativeTime},
    messages::{m, with_element},
};
use latchkey_domain::tokens::family::ReuseNotice;
use leptos::prelude::*;

/// A notice for each program that was signed out for it, until its user dismisses it.
#[component]
pub fn ReuseNotices(
    /// What happened.
    notices: Vec<ReuseNotice>,
) -> impl IntoView {
    let notice = |notice: ReuseNotice| {
        let when = view! { <RelativeTime at=notice.at/> };
        let name = notice.client.to_string();
        view! {
            <div class="notice notice-error" role="status">
                <Icon name="warning"/>
                <div>
                    <p><strong>{m::token_reused(name.as_str())}</strong>" "{with_element(m::token_reused_at, when)}</p>
                    <div class="button-row">
                        <form method="post" action="/actions/program/dismiss">
                            <input type="hidden" name="id" value=notice.family.to_string()/>
                            <button class="button" aria-label=m::dismiss_name(name).text()>{m::DISMISS}</button>
                        </form>
                    </div>
                </div>
            </div>
        }
    };
    notices.into_iter().map(notice).collect_view()
}
