//! What a page that was left open says when its session has ended: see `browser/session_end.js`.

use crate::{
    components::icon::Icon,
    messages::{Key, m},
    response,
    url::sign_in_url,
};
use leptos::{nonce::use_nonce, prelude::*};

const SCRIPT: &str = include_str!("../browser/session_end.js");

/// The status region, its texts, and the script that shows them.
#[component]
pub fn SessionEnd() -> impl IntoView {
    let context = response::request_context();
    let user = context.current_user().ok()?.user_id.to_string();
    let sign_in = sign_in_url(&context.facts().path_and_query);
    let text = |first: Key, rest: Key| view! { <p><strong>{first}</strong>{rest}</p> };
    Some(view! {
        <div class="session-end" role="status" data-user=user data-ends-in=context.session_ends_in()>
            <template>
                <div class="notice notice-info">
                    <Icon name="info"/>
                    {text(m::SESSION_HAS_ENDED, m::SESSION_TYPED_IS_KEPT)}
                    <p><a class="button" href=sign_in target="_blank">{m::SESSION_SIGN_IN}</a></p>
                </div>
                <div class="notice notice-success">
                    <Icon name="check"/>
                    {text(m::SESSION_IS_BACK, m::SESSION_CONTINUE)}
                </div>
            </template>
        </div>
        <script nonce=use_nonce() inner_html=SCRIPT></script>
    })
}
