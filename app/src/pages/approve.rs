//! `/approve`: a browser asks to become a device of the user who opens this page on a registered one; they see what asks, pick
//! the number that it shows, and approve with a passkey.

use super::{load, query};
use crate::{
    browser::approve_button::ApproveButton,
    components::{
        address::Address, auth_layout::AuthLayout, icon::Icon, notice::Notices,
        passkey_texts::failure_texts, time::RelativeTime,
    },
    error::AppError,
    messages::{Key, m},
    response,
    url::{percent_encode, sign_in_url},
};
use latchkey_domain::{
    access::permission::CurrentUser,
    identity::{approval::Unusual, device::DeviceKind},
};
use latchkey_engine::{ApprovalObstacle, AskedApproval, Error, Refusal};
use leptos::prelude::*;

/// The path of this page.
pub const PATH: &str = "/approve";

/// The action that denies a request.
const DENY: &str = "/actions/approval/deny";

/// This page, about the request of a link.
#[must_use]
pub fn url(link: &str) -> String {
    format!("{PATH}?request={}", percent_encode(link))
}

/// This page, for a user who has picked the number.
#[must_use]
pub fn url_of_picked(picked: &str) -> String {
    format!("{PATH}?picked={}", percent_encode(picked))
}

/// The page.
#[component]
pub fn Approve() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let (engine, facts) = (context.engine(), context.facts());
        let current_user = context.current_user()?;
        let (own, origin) = (facts.approval.as_deref(), &facts.origin);
        let given = |name| query(name).filter(|value| !value.is_empty());
        let (link, picked) = (given("request"), given("picked"));
        let asked = match (&link, &picked) {
            (_, Some(picked)) => {
                engine
                    .picked_approval(current_user, picked, own, origin)
                    .await
            }
            (Some(link), None) => engine.asked_approval(current_user, link, own, origin).await,
            (None, None) => return Ok(view! { <Nothing/> }.into_any()),
        };
        let asked = match asked {
            Ok(asked) => asked,
            Err(error @ Error::Refused(Refusal::ApprovalExpired | Refusal::ApprovalDecided)) => {
                return Ok(view! { <Over error=AppError::from(&error)/> }.into_any());
            }
            Err(error) => return Err(error),
        };
        let user = current_user.clone();
        Ok(match (asked.obstacle, picked) {
            (Some(obstacle), _) => {
                view! { <Obstacle obstacle=obstacle link=asked.link/> }.into_any()
            }
            (None, None) => view! { <Question asked=asked current_user=user/> }.into_any(),
            (None, Some(picked)) => {
                view! { <Confirmation asked=asked picked=picked current_user=user/> }.into_any()
            }
        })
    })
}

/// Before and after a decision.
#[component]
fn Nothing() -> impl IntoView {
    let is_decided = response::request_context().facts().flash.is_some();
    view! {
        <AuthLayout title=m::APPROVE_TITLE>
            <h1>{m::APPROVE_TITLE}</h1>
            <Notices/>
            {(!is_decided).then(|| view! { <p class="lead">{m::APPROVE_NOTHING}</p> })}
            <div class="button-row auth-alternative"><a class="button" href="/devices">{m::ALL_MY_DEVICES}</a></div>
        </AuthLayout>
    }
}

/// The request has expired, or was decided. After a wrong number, that is said instead.
#[component]
fn Over(error: AppError) -> impl IntoView {
    let is_told = response::request_context().facts().flash.is_some();
    let message = error.detail.text();
    view! {
        <AuthLayout title=m::APPROVE_TITLE>
            <h1>{error.code.title()}</h1>
            {match is_told {
                true => view! { <Notices/> }.into_any(),
                false => view! { <p class="lead">{message}</p> }.into_any(),
            }}
            <div class="button-row auth-alternative"><a class="button" href="/devices">{m::ALL_MY_DEVICES}</a></div>
        </AuthLayout>
    }
}

/// Why this device cannot approve another one, and what to do.
#[component]
fn Obstacle(obstacle: ApprovalObstacle, link: String) -> impl IntoView {
    let here = url(&link);
    let (text, next): (Key, Option<(String, Key)>) = match obstacle {
        ApprovalObstacle::BySelf => (m::APPROVE_BY_SELF, None),
        ApprovalObstacle::Limited => (
            m::APPROVE_LIMITED,
            Some((format!("{}&step_up=1", sign_in_url(&here)), m::USE_PASSKEY)),
        ),
        ApprovalObstacle::NoPasskey => (
            m::APPROVE_NO_PASSKEY,
            Some(("/security".to_owned(), m::NAV_SECURITY)),
        ),
    };
    let next = next.map(|(href, label)| view! { <a class="button button-primary button-large button-wide" href=href>{label}</a> });
    view! {
        <AuthLayout title=m::APPROVE_TITLE>
            <h1>{m::APPROVE_CANNOT}</h1>
            <p class="lead">{text}</p>
            <Notices/>
            <div class="auth-actions">
                {next}
                <Deny link=link/>
            </div>
        </AuthLayout>
    }
}

/// What asks, and the three numbers.
#[component]
fn Question(asked: AskedApproval, current_user: CurrentUser) -> impl IntoView {
    let (numbers, link) = (asked.offered, asked.link.clone());
    let numbers = numbers.map(|number| view! { <button class="button button-large" name="number" value=number.to_string()>{number}</button> });
    view! {
        <AuthLayout title=m::APPROVE_TITLE>
            <h1>{m::APPROVE_QUESTION}</h1>
            <p class="lead">{m::APPROVE_WARNING}</p>
            <Notices/>
            <Asked asked=asked current_user=current_user/>
            <form class="auth-actions" method="post" action="/actions/approval/pick">
                <input type="hidden" name="request" value=link/>
                <fieldset class="numbers">
                    <legend>{m::APPROVE_PICK}</legend>
                    <div class="numbers-row">{numbers.collect_view()}</div>
                </fieldset>
                <button class="button button-large button-wide" formaction=DENY>{m::APPROVE_DENY}</button>
            </form>
        </AuthLayout>
    }
}

/// The number was picked; the passkey decides.
#[component]
fn Confirmation(asked: AskedApproval, picked: String, current_user: CurrentUser) -> impl IntoView {
    let link = asked.link.clone();
    view! {
        <AuthLayout title=m::APPROVE_TITLE>
            <h1>{m::APPROVE_QUESTION}</h1>
            <p class="lead">{m::APPROVE_PICKED}</p>
            <Notices/>
            <Asked asked=asked current_user=current_user/>
            <div class="auth-actions">
                <ApproveButton picked=picked label=m::APPROVE_WITH_PASSKEY.text() failures=failure_texts()/>
                <noscript><p class="small quiet">{m::LOGIN_CONFIRM_NO_SCRIPT}</p></noscript>
                <Deny link=link/>
            </div>
        </AuthLayout>
    }
}

/// What asks, from where and when, and as whom it would be signed in.
#[component]
fn Asked(asked: AskedApproval, current_user: CurrentUser) -> impl IntoView {
    let AskedApproval {
        request,
        unusual,
        is_same_network,
        ..
    } = asked;
    let network = match (is_same_network, unusual.contains(&Unusual::Network)) {
        (true, _) => m::APPROVE_SAME_NETWORK,
        (false, false) => m::APPROVE_KNOWN_NETWORK,
        (false, true) => m::APPROVE_OTHER_NETWORK,
    };
    let address = match request.ip {
        Some(ip) => view! { <Address ip=ip.to_string()/> }.into_any(),
        None => m::UNKNOWN_ADDRESS.text().into_any(),
    };
    let warnings: Vec<_> = (unusual.iter())
        .map(|unusual| match unusual {
            Unusual::Network => m::APPROVE_UNUSUAL_NETWORK.text(),
            Unusual::Kind => m::approve_unusual_kind(kind(request.kind)).text(),
            Unusual::Browser => m::approve_unusual_browser(request.browser.as_str()).text(),
        })
        .collect();
    let warnings = (!warnings.is_empty()).then(|| {
        let warnings = warnings.into_iter().map(|warning| view! { <li>{warning}</li> });
        view! {
            <div class="notice notice-info" role="note">
                <Icon name="warning"/>
                <div><p><strong>{m::APPROVE_UNUSUAL}</strong></p><ul>{warnings.collect_view()}</ul></div>
            </div>
        }
    });
    let who = format!("{} ({})", current_user.name, current_user.email);
    view! {
        {warnings}
        <dl class="facts">
            <div><dt>{m::APPROVE_AS}</dt><dd><strong>{who}</strong></dd></div>
            <div><dt>{m::APPROVE_BROWSER}</dt><dd>{request.browser.to_string()}</dd></div>
            <div><dt>{m::ACTIVATE_FROM}</dt><dd>{address}<br/><small>{network}</small></dd></div>
            <div><dt>{m::ACTIVATE_ASKED}</dt><dd><RelativeTime at=request.created_at/></dd></div>
        </dl>
    }
}

const fn kind(kind: DeviceKind) -> Key {
    match kind {
        DeviceKind::Phone => m::KIND_PHONE,
        DeviceKind::Tablet => m::KIND_TABLET,
        DeviceKind::Computer => m::KIND_COMPUTER,
        DeviceKind::Program | DeviceKind::Other => m::KIND_OTHER,
    }
}

#[component]
fn Deny(link: String) -> impl IntoView {
    view! {
        <form method="post" action=DENY>
            <input type="hidden" name="request" value=link/>
            <button class="button button-large button-wide">{m::APPROVE_DENY}</button>
        </form>
    }
}
