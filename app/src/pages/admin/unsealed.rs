//! What is not in the chain of the audit log yet.

use crate::{
    components::notice::{Notice, Tone},
    messages::m,
};
use latchkey_engine::Unsealed;
use leptos::prelude::*;

/// Events that wait for their place in the chain, and some that were not written by Latchkey; nothing without any.
#[component]
pub fn UnsealedNotice(
    /// How many events are beside the chain.
    unsealed: Unsealed,
) -> impl IntoView {
    let Unsealed { waiting, rejected } = unsealed;
    let shown = [
        (rejected > 0).then(|| (Tone::Error, m::unsealed_rejected(rejected).text())),
        (waiting > 0).then(|| (Tone::Info, m::unsealed_waiting(waiting).text())),
    ];
    shown
        .into_iter()
        .flatten()
        .map(|(tone, message)| view! { <Notice tone=tone message=message/> })
        .collect_view()
}
