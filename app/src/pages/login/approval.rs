//! `/login/approval`: this browser asks to be approved from another device.

use crate::{
    actions::approval::asking,
    browser::{approval_watch::ApprovalWatch, copy_button::CopyButton},
    components::{
        auth_layout::AuthLayout,
        icon::Icon,
        notice::{Notice, Notices, Tone},
        qr_code::QrCode,
    },
    csp,
    messages::{Key, m},
    pages::{approve, load, query},
    request_context::ResponseEffect,
    response,
    url::{percent_encode, sign_in_url},
};
use latchkey_domain::{
    identity::{approval::ApprovalState, user::User},
    request::return_to::ReturnTo,
};
use latchkey_engine::AskingBrowser;
use leptos::prelude::*;

/// The path of this page.
pub const PATH: &str = "/login/approval";

/// The parameter of a user without script who says that they approved it.
const CHECK: &str = "check";

/// This page, which leads to a target.
#[must_use]
pub fn url(return_to: &str) -> String {
    match return_to {
        "" => PATH.to_owned(),
        target => format!("{PATH}?return_to={}", percent_encode(target)),
    }
}

/// The page. The same browser shows the same request in all its tabs, until it has ended.
#[component]
pub fn AskForApproval() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let requested = query("return_to").unwrap_or_default();
        let target = context.return_target(&requested).await?;
        csp::send(target.as_ref().and_then(ReturnTo::host));
        let return_to = target.map(|_| requested).unwrap_or_default();
        let is_signed_in = (context.facts().current_user.as_ref())
            .is_some_and(|user| user.sign_in.is_some() && !user.limit.is_limited());
        if is_signed_in {
            let next = match return_to.as_str() {
                "" => "/".to_owned(),
                target => sign_in_url(target),
            };
            response::redirect(&next);
            return Ok(().into_any());
        }
        let is_checked = query(CHECK).is_some();
        let known = asking(&context).await?;
        let notice = match (is_checked, known.as_ref().map(|asking| asking.state)) {
            (true, None) => Some(m::ERROR_APPROVAL_EXPIRED_DETAIL),
            (true, Some(ApprovalState::Waiting)) => Some(m::ERROR_APPROVAL_PENDING_DETAIL),
            _ => None,
        };
        let asking = match known {
            Some(asking) => asking,
            None => {
                let asking = context.engine().begin_approval(&context.facts().origin)?;
                context.push_effect(ResponseEffect::KeepApproval(asking.ticket.clone()));
                asking
            }
        };
        Ok(match (asking.state, &asking.approved_by) {
            (ApprovalState::Waiting, _) => {
                view! { <Waiting asking=asking notice=notice return_to=return_to/> }.into_any()
            }
            (ApprovalState::Granted, Some(user)) => {
                let user = user.clone();
                view! { <Granted user=user return_to=return_to/> }.into_any()
            }
            (ApprovalState::Ended | ApprovalState::Granted, _) => {
                view! { <Ended message=m::ASK_ENDED return_to=return_to/> }.into_any()
            }
            (ApprovalState::Collected, _) => {
                view! { <Ended message=m::ASK_COLLECTED return_to=return_to/> }.into_any()
            }
        })
    })
}

#[component]
fn Waiting(asking: AskingBrowser, notice: Option<Key>, return_to: String) -> impl IntoView {
    let context = response::request_context();
    let origin = context.engine().public_url().origin().ascii_serialization();
    let link = format!("{origin}{}", approve::url(&asking.link));
    let left = asking.expires_at - context.engine().now();
    let seconds = u32::try_from(left.whole_seconds()).unwrap_or_default();
    view! {
        <AuthLayout title=m::ASK_TITLE wide=true>
            <h1>{m::ASK_TITLE}</h1>
            <p class="lead">{m::ASK_LEAD}</p>
            <Notices/>
            {notice.map(|notice| view! { <Notice tone=Tone::Error message=notice.text()/> })}
            <div class="enrol">
                <div class="stack">
                    <QrCode text=link.clone() label=m::ASK_QR_CODE/>
                    <details class="disclosure">
                        <summary><Icon name="chevron-right" class="icon-small icon-turn"/>{m::ASK_NO_CAMERA}</summary>
                        <div class="disclosure-body">
                            <div class="secret secret-plain">
                                <code class="secret-value" id="approval-link">{link}</code>
                                <div class="secret-foot"><CopyButton target="approval-link".to_owned() label=m::COPY.text() copied_label=m::COPIED.text()/></div>
                            </div>
                        </div>
                    </details>
                </div>
                <div class="stack">
                    <p class="number"><span>{m::ASK_NUMBER}</span>" "<strong class="number-value">{asking.number}</strong></p>
                    <ol class="approval-steps">
                        <li>{m::ASK_STEP_OPEN}</li>
                        <li>{m::ASK_STEP_PICK}</li>
                        <li>{m::ASK_STEP_PASSKEY}</li>
                    </ol>
                    <ApprovalWatch name=asking.name seconds=seconds waiting=m::ASK_WAITING.text() expired=m::ASK_EXPIRED.text()/>
                    <form action=PATH>
                        <input type="hidden" name="return_to" value=return_to.clone()/>
                        <button class="button button-wide" name=CHECK value="1">{m::ASK_COLLECT}</button>
                    </form>
                </div>
            </div>
            <Alternative return_to=return_to/>
        </AuthLayout>
    }
}

/// Somebody approved it: its user continues, if it was them.
#[component]
fn Granted(user: User, return_to: String) -> impl IntoView {
    let again = return_to.clone();
    view! {
        <AuthLayout title=m::ASK_TITLE>
            <h1>{m::ASK_GRANTED}</h1>
            <p class="lead">{m::ASK_GRANTED_LEAD}</p>
            <Notices/>
            <dl class="facts">
                <div><dt>{m::ASK_GRANTED_AS}</dt><dd><strong>{user.name.to_string()}</strong><br/>{user.email.to_string()}</dd></div>
            </dl>
            <div class="auth-actions">
                <form method="post" action="/actions/approval/collect">
                    <input type="hidden" name="return_to" value=return_to/>
                    <button class="button button-primary button-large button-wide">{m::SIGN_IN}</button>
                </form>
                <AskAgain return_to=again label=m::ASK_NOT_ME/>
            </div>
        </AuthLayout>
    }
}

#[component]
fn Ended(message: Key, return_to: String) -> impl IntoView {
    let again = return_to.clone();
    view! {
        <AuthLayout title=m::ASK_TITLE>
            <h1>{m::ASK_ENDED_TITLE}</h1>
            <Notice tone=Tone::Error message=message.text()/>
            <div class="auth-actions">
                <AskAgain return_to=again label=m::ASK_AGAIN/>
            </div>
            <Alternative return_to=return_to/>
        </AuthLayout>
    }
}

#[component]
fn AskAgain(return_to: String, label: Key) -> impl IntoView {
    view! {
        <form method="post" action="/actions/approval/ask">
            <input type="hidden" name="return_to" value=return_to/>
            <button class="button button-large button-wide">{label}</button>
        </form>
    }
}

#[component]
fn Alternative(return_to: String) -> impl IntoView {
    view! {
        <div class="button-row auth-alternative">
            <a class="button button-quiet" href=sign_in_url(&return_to)><Icon name="chevron-left"/>{m::ASK_OTHER_WAY}</a>
        </div>
    }
}
