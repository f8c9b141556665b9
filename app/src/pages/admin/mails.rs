//! `/admin/mails`: mails to users that were not sent yet, or were given up.

use crate::{
    components::{
        app_layout::NavItem,
        dialog::ConfirmDialog,
        empty::Empty,
        icon::Icon,
        list_page::ListPage,
        table::{Column, DataTable},
        time::RelativeTime,
        toolbar::Filters,
    },
    list::ListUrl,
    messages::{Key, m, with_element},
    notification,
    pages::load,
    response,
};
use latchkey_domain::{
    access::permission::{AuditRead, Permission},
    mail::{MailState, MailView},
};
use latchkey_engine::RECOVERY_CONFIRMATION;
use leptos::prelude::*;

const FILTERS: &[(&str, Key)] = &[
    ("", m::ALL),
    ("failed", m::MAIL_FAILED),
    ("waiting", m::MAIL_WAITING),
];

const COLUMNS: &[Column] = &[
    Column::header(m::MAIL_ABOUT),
    Column::new(m::USER),
    Column::new(m::STATUS),
    Column::new(m::MAIL_WRITTEN),
    Column::number(m::MAIL_ATTEMPTS),
    Column::actions(),
];

/// The mails.
#[component]
pub fn Mails() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let proof = context.authorize(AuditRead)?;
        let list = ListUrl::read("/admin/mails");
        let mails = context.engine().list_mails(&proof, list.query()).await?;
        let (page, total) = (mails.page, mails.total);
        let lead = match context.engine().sends_mail() {
            true => m::MAILS_LEAD,
            false => m::MAILS_OFF,
        };
        Ok(view! {
            <ListPage
                title=m::NAV_MAILS
                nav_item=NavItem::Mails
                lead=lead.text().into_any()
                list=list
                page=page
                total=total
                filters=Filters::new(m::STATUS, FILTERS)
                empty=view! { <Empty icon="mail" title=m::MAILS_NONE is_whole_page=true><p>{m::MAILS_NONE_LEAD}</p><pre tabindex="0" role="region" aria-label=m::COMMAND.text()><code>"latchkey mail test ADDRESS"</code></pre></Empty> }.into_any()
            >
                <DataTable caption=m::NAV_MAILS columns=COLUMNS items=mails.items row=row/>
            </ListPage>
        }
        .into_any())
    })
}

/// What a mail is about, as a heading.
fn about(kind: &str) -> String {
    match kind.parse() {
        Ok(kind) => notification::title(kind).text(),
        Err(_) if kind == RECOVERY_CONFIRMATION => m::MAIL_ABOUT_RECOVERY.text(),
        Err(_) => m::ENROLMENT_LINK.text(),
    }
}

fn row(mail: MailView) -> Vec<AnyView> {
    let user = format!("/admin/users/{}", mail.user_id);
    let state = match mail.state {
        MailState::Failed => {
            view! { <span class="badge badge-danger"><Icon name="warning"/>{m::MAIL_FAILED}</span> }
                .into_any()
        }
        MailState::Waiting => view! { <span class="badge">{m::MAIL_WAITING}</span> }.into_any(),
    };
    let next = mail.next_attempt_at.map(|at| {
        let at = view! { <RelativeTime at=at/> };
        view! { <span class="cell-sub">{with_element(m::mail_next_attempt, at)}</span> }
    });
    let error =
        (mail.last_error.clone()).map(|error| view! { <span class="cell-sub mono">{error}</span> });
    let may_change = response::request_context().shows(Permission::UsersWrite);
    vec![
        about(&mail.kind).into_any(),
        view! { <a href=user>{mail.email.to_string()}</a> }.into_any(),
        view! { <span>{state}{next}{error}</span> }.into_any(),
        view! { <RelativeTime at=mail.created_at/> }.into_any(),
        mail.attempts.into_any(),
        may_change.then(|| view! { <Change mail=mail/> }).into_any(),
    ]
}

#[component]
fn Change(mail: MailView) -> impl IntoView {
    let (id, email) = (mail.id.to_string(), mail.email.to_string());
    let dialog = format!("discard-{id}");
    let retry = (mail.state == MailState::Failed).then(|| {
        view! {
            <form method="post" action="/actions/mail/retry">
                <input type="hidden" name="id" value=id.clone()/>
                <button class="button button-quiet" aria-label=m::mail_retry_to(email.as_str()).text()><Icon name="refresh"/>{m::MAIL_RETRY}</button>
            </form>
        }
    });
    view! {
        {retry}
        <button type="button" class="button button-danger button-quiet" popovertarget=dialog.clone() aria-label=m::mail_discard_to(email.as_str()).text()><Icon name="trash"/>{m::MAIL_DISCARD}</button>
        <ConfirmDialog id=dialog title=m::mail_discard_to(email) action="/actions/mail/discard" fields=vec![("id", id)] verb=m::MAIL_DISCARD>
            <p>{m::MAIL_DISCARD_LEAD}</p>
        </ConfirmDialog>
    }
}
