//! Form fields for text: label, hint, and the error of the last attempt.

use crate::{
    components::{form_state::FormState, icon::Icon},
    messages::m,
};
use leptos::prelude::*;

/// A labelled input. It shows what was entered before; the error is shown below, and the invalid field gets the focus.
#[component]
pub fn Field(
    /// The form it is in.
    form: FormState,
    /// Its name in the form.
    name: &'static str,
    /// Its id, when the name is not unique on the page.
    #[prop(optional, into)]
    id: Option<String>,
    /// Its label.
    #[prop(into)]
    label: String,
    /// What to enter.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Its value, unless another was entered before.
    #[prop(optional, into)]
    value: String,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// `input-code` or `input-mono`.
    #[prop(optional)]
    class: &'static str,
    /// The autofill hint.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// The keyboard of a phone.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// The maximum length, in characters.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// The lowest number.
    #[prop(optional)]
    min: Option<u32>,
    /// The highest number.
    #[prop(optional)]
    max: Option<u32>,
    /// The id of a `<datalist>` with suggestions.
    #[prop(optional)]
    list: Option<&'static str>,
    /// Whether it may be left empty.
    #[prop(optional)]
    optional: bool,
    /// Whether it gets the focus.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.to_owned());
    let error = form.error(name);
    let described_by = described_by(&id, hint.is_some(), error.is_some());
    let class = if class.is_empty() {
        "input".to_owned()
    } else {
        format!("input {class}")
    };
    let hint = hint.map(|hint| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> });
    let is_invalid = error.is_some();
    let message = error.map(|error| view! { <p class="field-error" id=format!("{id}-error")><Icon name="warning"/>{error}</p> });
    view! {
        <div class="field" data-invalid=is_invalid>
            <label for=id.clone()>{label}{optional.then(|| view! { " "<span class="optional">{m::OPTIONAL}</span> })}</label>
            <input
                class=class
                id=id
                name=name
                type=kind
                value=form.typed(name).unwrap_or(value)
                autocomplete=autocomplete
                inputmode=inputmode
                maxlength=maxlength.map(|length| length.to_string())
                min=min.map(|min| min.to_string())
                max=max.map(|max| max.to_string())
                list=list
                required=!optional
                autofocus=is_invalid || autofocus
                aria-invalid=is_invalid.then_some("true")
                aria-describedby=described_by
            />
            {hint}
            {message}
        </div>
    }
}

/// A labelled text of several lines, which is optional.
#[component]
pub fn TextArea(
    /// The form it is in.
    form: FormState,
    /// Its name in the form.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// What to enter.
    #[prop(into)]
    hint: String,
    /// Its value, unless another was entered before.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    let error = form.error(name);
    let is_invalid = error.is_some();
    let message = error.map(|error| view! { <p class="field-error" id=format!("{name}-error")><Icon name="warning"/>{error}</p> });
    view! {
        <div class="field" data-invalid=is_invalid>
            <label for=name>{label}" "<span class="optional">{m::OPTIONAL}</span></label>
            <textarea
                class="input input-mono input-lines"
                id=name
                name=name
                rows="4"
                spellcheck="false"
                autocomplete="off"
                autofocus=is_invalid
                aria-invalid=is_invalid.then_some("true")
                aria-describedby=described_by(name, true, is_invalid)
            >
                {form.typed(name).unwrap_or(value)}
            </textarea>
            <p class="hint" id=format!("{name}-hint")>{hint}</p>
            {message}
        </div>
    }
}

/// The six digits of an authenticator app.
#[component]
pub fn CodeField(
    /// The form it is in.
    form: FormState,
    /// Its label.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <Field
            form=form
            name="code"
            label=label
            hint=m::CODE_HINT
            class="input-code"
            autocomplete="one-time-code"
            inputmode="numeric"
            maxlength=16
        />
    }
}

pub(super) fn described_by(id: &str, has_hint: bool, has_error: bool) -> Option<String> {
    let ids: Vec<_> = [("hint", has_hint), ("error", has_error)]
        .iter()
        .filter(|(_, is_there)| *is_there)
        .map(|(part, _)| format!("{id}-{part}"))
        .collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}
