//! Choosing instead of writing: one of a list, one of several answers, yes or no. What was chosen
//! before stands again, as in [`crate::components::field`].

use crate::components::{
    field::{FormState, described_by},
    icon::Icon,
};
use leptos::prelude::*;

/// One of a list of words.
#[component]
pub fn Select(
    /// The form it is in.
    form: FormState,
    /// Its name in the form.
    name: &'static str,
    /// What it is.
    #[prop(into)]
    label: String,
    /// Values and their words.
    options: Vec<(String, String)>,
    /// The value chosen unless another was before.
    #[prop(optional, into)]
    value: String,
) -> impl IntoView {
    let error = form.error(name);
    let is_invalid = error.is_some();
    let described_by = described_by(name, false, is_invalid);
    let chosen = form.typed(name).unwrap_or(value);
    let options = options.into_iter().map(|(value, label)| {
        let is_chosen = value == chosen;
        view! { <option value=value selected=is_chosen>{label}</option> }
    });
    let options = options.collect_view();
    view! {
        <div class="field" data-invalid=is_invalid>
            <label for=name>{label}</label>
            <select class="select" id=name name=name autofocus=is_invalid aria-invalid=is_invalid.then_some("true") aria-describedby=described_by>
                {options}
            </select>
            {error.map(|words| view! { <p class="field-error" id=format!("{name}-error")><Icon name="warning"/>{words}</p> })}
        </div>
    }
}

/// One of several answers: its value, its words, and what it means.
pub type Answer = (&'static str, &'static str, &'static str);

/// One of a few answers, each with its consequence underneath.
#[component]
pub fn Choices(
    /// The form it is in.
    form: FormState,
    /// Its name in the form.
    name: &'static str,
    /// The question.
    #[prop(into)]
    legend: String,
    /// The answers; an empty consequence is not shown.
    answers: &'static [Answer],
    /// The answer chosen unless another was before.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    let error = form.error(name);
    let described_by = described_by(name, false, error.is_some());
    let chosen = form.typed(name).unwrap_or(value);
    let answers = answers.iter().map(|(value, words, consequence)| {
        let hint = (!consequence.is_empty()).then(|| view! { <span class="hint">{*consequence}</span> });
        view! { <label class="check"><input type="radio" name=name value=*value checked=*value == chosen/><span>{*words}{hint}</span></label> }
    });
    let answers = answers.collect_view();
    view! {
        <fieldset class="choices" aria-describedby=described_by>
            <legend>{legend}</legend>
            {answers}
            {error.map(|words| view! { <div class="field"><p class="field-error" id=format!("{name}-error")><Icon name="warning"/>{words}</p></div> })}
        </fieldset>
    }
}

/// Yes or no. A form that came back says no by saying nothing.
#[component]
pub fn Check(
    /// The form it is in.
    form: FormState,
    /// Its name in the form.
    name: &'static str,
    /// What it is.
    #[prop(into)]
    label: String,
    /// What it means.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whether it is chosen unless the form says otherwise.
    #[prop(optional)]
    checked: bool,
) -> impl IntoView {
    let is_checked = form.typed(name).map_or(checked, |typed| !typed.is_empty());
    let hint = hint.map(|hint| view! { <span class="hint">{hint}</span> });
    view! { <label class="check"><input type="checkbox" name=name value="yes" checked=is_checked/><span>{label}{hint}</span></label> }
}
