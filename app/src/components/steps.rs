//! The progress of a procedure in steps.

use crate::components::icon::Icon;
use crate::messages::{Key, m};
use leptos::prelude::*;

/// The steps, with the current one marked.
#[component]
pub fn Steps(
    /// The names, in order.
    names: &'static [Key],
    /// The index of the current step.
    at: usize,
) -> impl IntoView {
    let steps = names.iter().enumerate().map(|(index, name)| {
        let is_done = index < at;
        let done = is_done.then(|| view! { <Icon name="check"/>" "<span class="visually-hidden">{m::STEP_DONE}</span> });
        view! { <li class=is_done.then_some("step-done") aria-current=(index == at).then_some("step")>{done}{*name}</li> }
    });
    view! { <ol class="steps" aria-label=m::PROGRESS.text()>{steps.collect_view()}</ol> }
}
