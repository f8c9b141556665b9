//! Messages above the content of a page, such as the result of a form.

use crate::{
    components::{icon::Icon, recovery_codes::RecoveryCodes, secret::Secret},
    flash::Outcome,
    response,
};
use leptos::prelude::*;

/// The kind of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It was done.
    Success,
    /// It was not.
    Error,
    /// Something worth knowing.
    Info,
}

/// The result of the form that led here. Errors of a field are shown beside it instead.
#[component]
pub fn Notices() -> impl IntoView {
    let outcome = response::request_context()
        .facts()
        .flash
        .as_ref()
        .map(|flash| flash.outcome.clone());
    match outcome? {
        Outcome::Done(message) => {
            Some(view! { <Notice tone=Tone::Success message=message/> }.into_any())
        }
        Outcome::Failed {
            field: None,
            message,
        } => Some(view! { <Notice tone=Tone::Error message=message/> }.into_any()),
        Outcome::Failed { field: Some(_), .. } => None,
        Outcome::Reveal {
            text,
            label,
            secret,
        } => Some(
            view! {
                <Notice tone=Tone::Success message=text/>
                <Secret id="revealed" label=label value=secret/>
            }
            .into_any(),
        ),
        Outcome::Codes { text, codes } => Some(
            view! {
                <Notice tone=Tone::Success message=text/>
                <RecoveryCodes codes=codes/>
            }
            .into_any(),
        ),
    }
}

/// A message; its first sentence stands out.
#[component]
pub fn Notice(
    /// Its kind.
    tone: Tone,
    /// What it says.
    #[prop(into)]
    message: String,
) -> impl IntoView {
    let (class, role, icon) = match tone {
        Tone::Success => ("notice notice-success", "status", "check"),
        Tone::Error => ("notice notice-error", "alert", "warning"),
        Tone::Info => ("notice notice-info", "status", "info"),
    };
    let (first, rest) = first_sentence(&message);
    let (first, rest) = (first.to_owned(), rest.to_owned());
    view! {
        <div class=class role=role>
            <Icon name=icon/>
            <div><p><strong>{first}</strong>{rest}</p></div>
        </div>
    }
}

fn first_sentence(message: &str) -> (&str, &str) {
    match message.split_once(". ") {
        Some((first, rest)) => (&message[..=first.len()], rest),
        None => (message, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sentence_keeps_its_full_stop() {
        assert_eq!(
            first_sentence("It was revoked. It was signed out."),
            ("It was revoked.", "It was signed out.")
        );
        assert_eq!(first_sentence("It was revoked."), ("It was revoked.", ""));
        assert_eq!(
            first_sentence("See id.example.org"),
            ("See id.example.org", "")
        );
        assert_eq!(first_sentence(""), ("", ""));
    }
}
