//! The form that renames something in place.

use crate::components::{form_state::FormState, icon::Icon, text_fields::Field};
use crate::messages::m;
use leptos::prelude::*;

/// A disclosure with one field. It stays open after an error.
#[component]
pub fn Rename(
    /// The path of the action; it takes `id` and `name`.
    action: &'static str,
    /// What is renamed.
    #[prop(into)]
    id: String,
    /// Its current name.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    let form = FormState::of(action).about("id", &id);
    let is_open = form.has_failed();
    view! {
        <details class="disclosure" open=is_open>
            <summary><Icon name="pencil" class="icon-small"/>{m::RENAME}<span class="visually-hidden">" "{name.clone()}</span></summary>
            <div class="disclosure-body">
                <form class="inline-form" method="post" action=action>
                    <input type="hidden" name="id" value=id.clone()/>
                    <Field form=form name="name" id=format!("name-{id}") label=m::NAME value=name maxlength=64/>
                    <button class="button">{m::SAVE}</button>
                </form>
            </div>
        </details>
    }
}
