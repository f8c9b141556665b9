//! Form fields that offer a choice: a list, radio buttons, a checkbox. They show what was chosen before, as
//! [`crate::components::text_fields`] do with text.

use crate::components::{form_state::FormState, icon::Icon, text_fields::described_by};
use crate::messages::Key;
use leptos::prelude::*;

/// A choice from a list.
#[component]
pub fn Select(
    /// The form it is in.
    form: FormState,
    /// Its name in the form.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// Values and their labels.
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
            {error.map(|message| view! { <p class="field-error" id=format!("{name}-error")><Icon name="warning"/>{message}</p> })}
        </div>
    }
}

/// An option: its value, its label, and a hint.
pub type ChoiceOption = (&'static str, Key, Option<Key>);

/// The options of [`Choices`].
#[derive(Debug)]
pub struct ChoiceOptions(Vec<CheckOption>);

impl From<&'static [ChoiceOption]> for ChoiceOptions {
    fn from(options: &'static [ChoiceOption]) -> Self {
        let text = |(value, label, hint): &ChoiceOption| {
            (
                (*value).to_owned(),
                label.text(),
                hint.map(|hint| hint.text()),
            )
        };
        Self(options.iter().map(text).collect())
    }
}

impl From<Vec<CheckOption>> for ChoiceOptions {
    fn from(options: Vec<CheckOption>) -> Self {
        Self(options)
    }
}

/// Radio buttons, each with a hint below its label.
#[component]
pub fn Choices(
    /// The form it is in.
    form: FormState,
    /// Its name in the form.
    name: &'static str,
    /// The label of the group.
    #[prop(into)]
    legend: String,
    /// The options.
    #[prop(into)]
    options: ChoiceOptions,
    /// The option that is chosen unless another was before.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    let error = form.error(name);
    let described_by = described_by(name, false, error.is_some());
    let chosen = form.typed(name).unwrap_or(value);
    let options = options.0.into_iter().map(|(value, label, hint)| {
        let hint = hint.map(|hint| view! { <span class="hint">{hint}</span> });
        let is_chosen = value == chosen;
        view! { <label class="check"><input type="radio" name=name value=value checked=is_chosen/><span>{label}{hint}</span></label> }
    });
    let options = options.collect_view();
    view! {
        <fieldset class="choices" aria-describedby=described_by>
            <legend>{legend}</legend>
            {options}
            {error.map(|message| view! { <div class="field"><p class="field-error" id=format!("{name}-error")><Icon name="warning"/>{message}</p></div> })}
        </fieldset>
    }
}

/// A checkbox. In a form that was sent before, a missing value means unchecked.
#[component]
pub fn Check(
    /// The form it is in.
    form: FormState,
    /// Its name in the form.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// A hint below the label.
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

/// So many checkboxes are shown at once; more of them scroll.
const SHOWN_CHECKS: usize = 4;

/// An option of [`Checks`]: its value, its label, and a hint.
pub type CheckOption = (String, String, Option<String>);

/// Checkboxes of one field, sent as `name[]`. What was chosen before has spaces between.
#[component]
pub fn Checks(
    /// The form it is in.
    form: FormState,
    /// Its name in the form.
    name: &'static str,
    /// The label of the group.
    #[prop(into)]
    legend: String,
    /// What to choose.
    #[prop(into)]
    hint: String,
    /// The options. Values have no spaces.
    options: Vec<CheckOption>,
    /// What is chosen unless the form was sent before, with spaces between.
    #[prop(optional, into)]
    value: String,
) -> impl IntoView {
    let error = form.error(name);
    let is_invalid = error.is_some();
    let described_by = described_by(name, true, is_invalid);
    let typed = form.typed(name).unwrap_or(value);
    let class = (options.len() > SHOWN_CHECKS).then_some("choices-scroll");
    let options = options.into_iter().enumerate().map(|(place, (value, label, hint))| {
        let is_chosen = typed.split(' ').any(|chosen| chosen == value);
        let hint = hint.map(|hint| view! { <span class="hint">{hint}</span> });
        view! { <label class="check"><input type="checkbox" name=format!("{name}[]") value=value checked=is_chosen autofocus=is_invalid && place == 0/><span>{label}{hint}</span></label> }
    });
    let options = options.collect_view();
    view! {
        <fieldset class="choices" aria-describedby=described_by>
            <legend>{legend}</legend>
            <p class="small quiet" id=format!("{name}-hint")>{hint}</p>
            <div class=class>{options}</div>
            {error.map(|message| view! { <div class="field"><p class="field-error" id=format!("{name}-error")><Icon name="warning"/>{message}</p></div> })}
        </fieldset>
    }
}
