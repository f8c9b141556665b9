//! The path in, as a line of steps.

use crate::components::icon::Icon;
use leptos::prelude::*;

/// The names of the steps, and the one being taken (from 0).
#[component]
pub fn Steps(
    /// The names, in order.
    names: &'static [&'static str],
    /// The place of the current one, from 0.
    at: usize,
) -> impl IntoView {
    let steps = names.iter().enumerate().map(|(place, name)| {
        let is_done = place < at;
        let done = is_done.then(|| view! { <Icon name="check"/>" "<span class="visually-hidden">"Done: "</span> });
        view! { <li class=is_done.then_some("step-done") aria-current=(place == at).then_some("step")>{done}{*name}</li> }
    });
    view! { <ol class="steps" aria-label="Progress">{steps.collect_view()}</ol> }
}
