//! Dialogs: to confirm an action, or with a form. They open with `popovertarget`, so they need no script.

use crate::messages::m;
use leptos::prelude::*;

/// A dialog that confirms a destructive action; the children say what stops working. A button with `popovertarget` and
/// the id of the dialog opens it.
#[component]
pub fn ConfirmDialog(
    /// The dialog's id, unique on the page.
    #[prop(into)]
    id: String,
    /// The question.
    #[prop(into)]
    title: String,
    /// The path of the action.
    action: &'static str,
    /// What the form sends: name and value.
    #[prop(into)]
    fields: Vec<(&'static str, String)>,
    /// The label of the button.
    #[prop(into)]
    verb: String,
    /// Something else that can be removed along with it: name, value and label of its checkbox.
    #[prop(default = None)]
    option: Option<(&'static str, String, String)>,
    /// What stops working.
    children: Children,
) -> impl IntoView {
    let title_id = format!("{id}-title");
    let text_id = format!("{id}-text");
    let fields = fields
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect_view();
    let form_id = format!("{id}-form");
    let option = option.map(|(name, value, text)| {
        view! { <label class="check"><input type="checkbox" name=name value=value form=form_id.clone()/><span>{text}</span></label> }
    });
    view! {
        <div class="dialog" id=id popover="auto" role="alertdialog" aria-labelledby=title_id aria-describedby=text_id>
            <h2 id=title_id.clone()>{title}</h2>
            <div id=text_id.clone()>{children()}</div>
            {option}
            <div class="button-row">
                <button type="button" class="button" popovertarget=id.clone() popovertargetaction="hide" autofocus>{m::CANCEL}</button>
                <form id=form_id.clone() method="post" action=action>
                    {fields}
                    <button class="button button-danger button-solid">{verb}</button>
                </form>
            </div>
        </div>
    }
}

/// A form in a dialog.
#[component]
pub fn FormDialog(
    /// The dialog's id, unique on the page.
    #[prop(into)]
    id: String,
    /// Its title.
    #[prop(into)]
    title: String,
    /// The form, with its lead.
    children: Children,
) -> impl IntoView {
    let title_id = format!("{id}-title");
    view! {
        <div class="dialog" id=id popover="auto" role="dialog" aria-labelledby=title_id>
            <h2 id=title_id.clone()>{title}</h2>
            {children()}
        </div>
    }
}
