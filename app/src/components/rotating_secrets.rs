//! The secrets that are accepted now, and the form that rotates them: of a service or a client.

use crate::{
    components::{
        choice_fields::{ChoiceOption, Choices},
        dialog::FormDialog,
        form_state::FormState,
        icon::Icon,
        permitted::Permitted,
        table::{Column, DataTable},
        time::RelativeTime,
    },
    messages::{Key, Message, m},
};
use latchkey_domain::{access::permission::Permission, rotating_secret::RotatingSecretView};
use leptos::prelude::*;

/// What the section says of its secrets.
#[derive(Debug, Clone)]
pub struct SecretTexts {
    /// The heading of the section.
    pub title: Key,
    /// What the secrets are for.
    pub lead: Key,
    /// The button that opens the dialog.
    pub rotate: Key,
    /// The title of the dialog.
    pub dialog: Message,
    /// What happens, above the choice of the overlap.
    pub dialog_lead: Key,
    /// What becomes of secrets that are about to expire.
    pub expiring: fn(usize) -> Message,
    /// The label of the overlaps.
    pub overlap: Key,
    /// How long the old secret may be accepted, in hours.
    pub overlaps: &'static [ChoiceOption],
}

/// Secrets, and the form that rotates them.
#[component]
pub fn RotatingSecrets(
    /// The id of the heading.
    id: &'static str,
    /// What is said of them.
    texts: SecretTexts,
    /// The columns: the label, when it was made, when it expires.
    columns: &'static [Column],
    /// What comes before the label.
    prefix: &'static str,
    /// The secrets.
    secrets: Vec<RotatingSecretView>,
    /// What the action takes.
    permission: Permission,
    /// The path of the action; it takes `overlap` too.
    action: &'static str,
    /// What the form sends: name and value.
    field: (&'static str, String),
) -> impl IntoView {
    let expiring = secrets
        .iter()
        .filter(|secret| secret.expires_at.is_some())
        .count();
    let ends_now =
        (expiring > 0).then(|| view! { <p class="quiet">{(texts.expiring)(expiring)}</p> });
    let (name, value) = field;
    view! {
        <section class="section" aria-labelledby=id>
            <div class="section-head"><h2 id=id>{texts.title}</h2><p>{texts.lead}</p></div>
            <div class="section-body">
                <DataTable columns=columns items=secrets row=move |secret| row(prefix, secret)/>
                <Permitted to=permission>
                <button type="button" class="button" popovertarget="rotate"><Icon name="refresh"/>{texts.rotate}</button>
                <FormDialog id="rotate" title=texts.dialog>
                    <p class="quiet">{texts.dialog_lead}</p>
                    {ends_now}
                    <form class="form" method="post" action=action>
                        <input type="hidden" name=name value=value/>
                        <Choices form=FormState::default() name="overlap" legend=texts.overlap options=texts.overlaps value="24"/>
                        <div class="button-row">
                            <button type="button" class="button" popovertarget="rotate" popovertargetaction="hide" autofocus>{m::CANCEL}</button>
                            <button class="button button-primary">{m::ROTATE}</button>
                        </div>
                    </form>
                </FormDialog>
                </Permitted>
            </div>
        </section>
    }
}

fn row(prefix: &'static str, secret: RotatingSecretView) -> Vec<AnyView> {
    let expires = match secret.expires_at {
        Some(at) => view! { <RelativeTime at=at/> }.into_any(),
        None => m::UNTIL_ROTATED.text().into_any(),
    };
    vec![
        view! { <code>{prefix}{secret.label}"_…"</code> }.into_any(),
        view! { <RelativeTime at=secret.created_at/> }.into_any(),
        expires,
    ]
}
