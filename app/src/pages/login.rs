//! `/login`: sign-in with a passkey, or registration of the device with a code. The same page asks a signed-in user
//! to confirm their identity.

pub mod approval;

use super::{cookie_problem::CookieProblemPage, load, query, recover};
use crate::{
    actions::session::start_page,
    browser::sign_in_button::SignInButton,
    components::{
        app_layout::NavItem,
        auth_layout::AuthLayout,
        behaviour::BehaviourInput,
        form_state::FormState,
        icon::Icon,
        notice::Notices,
        passkey_texts::failure_texts,
        text_fields::{CodeField, Field},
    },
    csp,
    device_cookie_check::{DeviceCookieCheck, check_device_cookie},
    flash::{Flash, Outcome},
    format,
    messages::{Key, m, with_element},
    request_context::{RequestContext, ResponseEffect},
    response,
    routes::{Access, access_of_page},
    url::query_value,
};
use http::HeaderName;
use latchkey_domain::{
    access::permission::{CurrentUser, Denial},
    identity::device,
    request::return_to::ReturnTo,
};
use leptos::prelude::*;

/// Tells a tab that sends a HEAD request that this page only leads to the target.
const CONTINUE: HeaderName = HeaderName::from_static("latchkey-continue");

/// The path of this page.
pub const PATH: &str = "/login";
/// The path of the form's server function.
const REGISTER: &str = "/actions/device/register";

/// The sign-in page.
#[component]
pub fn Login() -> impl IntoView {
    load(async {
        let context = response::request_context();
        // An application sends its user here whom `/verify` wants to confirm, even if that would be enough for our own pages.
        let is_step_up = query("step_up").as_deref() == Some("1");
        let requested = asked_target(&context.facts().path_and_query)
            .or_else(|| is_step_up.then(|| "/".to_owned()))
            .unwrap_or_default();
        let target = context.return_target(&requested).await?;
        csp::send(target.as_ref().and_then(ReturnTo::host));
        match check_device_cookie(&context, target.as_ref(), &requested).await? {
            DeviceCookieCheck::Explain { problem, retry } => {
                return Ok(view! { <CookieProblemPage problem=problem retry=retry/> }.into_any());
            }
            DeviceCookieCheck::Continue(start) => return Ok(continue_to(target, start)),
            DeviceCookieCheck::AskToSignIn => {}
        }
        let current_user = context.facts().current_user.clone();
        if let Some(current_user) = &current_user
            && !is_step_up
            && is_satisfied(&context, current_user, target.as_ref())
        {
            return Ok(continue_to(target, start_page(current_user)));
        }
        // Without a passkey there is nothing to confirm with: the page of the recovery says what to do.
        if let Some(current_user) = &current_user
            && current_user.limit.is_recovery()
            && !current_user.has_passkey
        {
            return Ok(continue_to(None, start_page(current_user)));
        }
        let is_kept = keep_pending_form(&context);
        let of = context.facts().browser.map(|browser| browser.user);
        let observes = context.engine().observes_behaviour_of(of).await?;
        // As it was requested: a target that is kept on the server goes through forms by its name.
        let return_to = target.as_ref().map(|_| requested).unwrap_or_default();
        Ok(match (current_user, target) {
            (Some(current_user), Some(target)) => {
                let is_for_service = is_step_up || target.host().is_some();
                view! { <Confirmation current_user=current_user target=target return_to=return_to is_kept=is_kept is_for_service=is_for_service observes=observes/> }.into_any()
            }
            (_, target) => {
                view! { <SignIn target=target return_to=return_to observes=observes/> }.into_any()
            }
        })
    })
}

/// Whether the user already meets the requirements of the target, perhaps by signing in in another tab.
fn is_satisfied(
    context: &RequestContext,
    current_user: &CurrentUser,
    target: Option<&ReturnTo>,
) -> bool {
    let is_enough = |denial: Option<Denial>| {
        // What signing in does not solve is explained at the target.
        !matches!(denial, Some(Denial::SignIn | Denial::StepUp))
    };
    match target {
        None => current_user.sign_in.is_some(),
        Some(target) if target.host().is_some() => false,
        Some(target) => {
            let path = target.as_str().split(['?', '#']).next().unwrap_or("/");
            is_enough(match access_of_page(path) {
                Some(Access::Permission(permission)) => context.may(permission).err(),
                Some(Access::User | Access::Public) | None => context.self_management().err(),
            })
        }
    }
}

/// Redirects to the target. One that is too long for a response header gets a page that continues to it.
fn continue_to(target: Option<ReturnTo>, start: &'static str) -> AnyView {
    match target {
        Some(target) if target.is_long() => {
            response::set_header(CONTINUE, "1");
            view! { <ContinuePage target=target/> }.into_any()
        }
        target => {
            response::redirect(target.as_ref().map_or(start, ReturnTo::as_str));
            ().into_any()
        }
    }
}

#[component]
fn ContinuePage(target: ReturnTo) -> impl IntoView {
    let name = destination(&target).unwrap_or_else(|| m::LOGIN_CONTINUE_PAGE.text());
    let target = target.to_string();
    view! {
        <AuthLayout title=m::SIGNED_IN>
            <meta http-equiv="refresh" content=format!("1;url={target}")/>
            <h1>{m::LOGIN_DONE}</h1>
            <p class="lead">{with_element(m::login_continue_done, view! { <b>{name}</b> })}</p>
            <div class="auth-actions"><a class="button button-primary button-wide" href=target data-continue>{m::CONTINUE}</a></div>
        </AuthLayout>
    }
}

/// The target in the address of this page, as it was requested.
#[must_use]
pub fn asked_target(path_and_query: &str) -> Option<String> {
    let written = unescaped_target(path_and_query).map(str::to_owned);
    written.or_else(|| query_value(path_and_query, "return_to"))
}

/// A target that is not escaped, with a query of its own. nginx and Caddy cannot escape what they put into a redirect,
/// so the target is the rest of our query: cut at its first `&`, it would be another page.
fn unescaped_target(path_and_query: &str) -> Option<&str> {
    let (_, rest) = path_and_query.split_once("?return_to=")?;
    ["/", "http://", "https://"]
        .iter()
        .any(|beginning| rest.starts_with(beginning))
        .then_some(rest)
}

/// Keeps the flash of a form that was sent after the last confirmation had expired, for the page of that form.
fn keep_pending_form(context: &RequestContext) -> bool {
    let is_pending =
        |flash: &&Flash| flash.form != REGISTER && matches!(flash.outcome, Outcome::Failed { .. });
    let flash = context.facts().flash.as_ref().filter(is_pending).cloned();
    let is_kept = flash.is_some();
    if let Some(flash) = flash {
        context.push_effect(ResponseEffect::Flash(Box::new(flash)));
    }
    is_kept
}

#[component]
fn SignIn(target: Option<ReturnTo>, return_to: String, observes: bool) -> impl IntoView {
    let lead = target
        .as_ref()
        .and_then(destination)
        .map(|name| view! { <p class="lead">{with_element(m::login_continue, view! { <b>{name}</b> })}</p> });
    let is_open = FormState::of(REGISTER).has_failed();
    let other_device = approval::url(&return_to);
    view! {
        <AuthLayout title=m::SIGN_IN>
            <h1>{m::SIGN_IN}</h1>
            {lead}
            <Notices/>
            <div class="auth-actions">
                <SignInButton return_to=return_to.clone() is_confirmation=false label=m::USE_PASSKEY.text() failures=failure_texts()/>
                <noscript><p class="small quiet">{m::LOGIN_NO_SCRIPT}</p></noscript>
            </div>
            <details class="disclosure auth-alternative" open=is_open>
                <summary><Icon name="chevron-right" class="icon-small icon-turn"/>{m::LOGIN_WITH_CODE}</summary>
                <div class="disclosure-body">
                    <CodeForm return_to=return_to email=String::new() verb=m::LOGIN_REGISTER observes=observes/>
                </div>
            </details>
            <div class="button-row auth-alternative"><a class="button button-quiet" href=other_device><Icon name="qr"/>{m::LOGIN_OTHER_DEVICE}</a></div>
            <p class="small quiet auth-alternative"><a href=recover::PATH>{m::LOGIN_RECOVER}</a></p>
            {observes.then(|| view! { <p class="small quiet auth-alternative">{m::BEHAVIOUR_NOTICE}</p> })}
        </AuthLayout>
    }
}

#[component]
fn Confirmation(
    current_user: CurrentUser,
    target: ReturnTo,
    return_to: String,
    is_kept: bool,
    /// Whether a service asks, and none of our pages.
    is_for_service: bool,
    /// Whether the page observes how its user types.
    observes: bool,
) -> impl IntoView {
    let first_name = format::first_name(&current_user.name);
    let reason = match (is_for_service, current_user.has_passkey) {
        (false, true) => m::LOGIN_CONFIRM_PAGE,
        (false, false) => m::LOGIN_CONFIRM_CODE,
        (true, _) => m::LOGIN_CONFIRM_SERVICE,
    };
    let next = destination(&target)
        .map(|name| with_element(m::login_then_continue, view! { <b>{name}</b> }));
    let kept = is_kept.then(|| m::LOGIN_FORM_KEPT.text());
    let name = first_name.clone();
    // Without a passkey the button would have nothing to ask for.
    let act = if current_user.has_passkey {
        view! {
            <div class="auth-actions">
                <SignInButton return_to=return_to is_confirmation=true label=m::USE_PASSKEY.text() failures=failure_texts()/>
                <noscript><p class="small quiet">{m::LOGIN_CONFIRM_NO_SCRIPT}</p></noscript>
                {observes.then(|| view! { <BehaviourInput/> })}
            </div>
        }
        .into_any()
    } else {
        view! { <div class="auth-actions"><CodeForm return_to=return_to email=current_user.email.to_string() verb=m::CONFIRM observes=observes/></div> }.into_any()
    };
    view! {
        <AuthLayout title=m::LOGIN_CONFIRM_TITLE>
            <h1>{m::login_confirm(first_name)}</h1>
            <p class="lead">{reason}{next}{kept}</p>
            {(!is_kept).then(|| view! { <Notices/> })}
            {act}
            <div class="button-row auth-alternative">
                <a class="button button-quiet" href="/">{m::NOT_NOW}</a>
                <form method="post" action="/actions/session/sign-out"><button class="button button-quiet">{m::login_not_me(name)}</button></form>
            </div>
        </AuthLayout>
    }
}

#[component]
fn CodeForm(return_to: String, email: String, verb: Key, observes: bool) -> impl IntoView {
    let form = FormState::of(REGISTER);
    let device_name = device::default_name(&response::request_context().facts().origin.user_agent);
    view! {
        <form class="form" method="post" action=REGISTER>
            <input type="hidden" name="return_to" value=return_to/>
            <Field form=form.clone() name="email" label=m::EMAIL kind="email" autocomplete="username webauthn" value=email/>
            <CodeField form=form.clone() label=m::CODE_FROM_APP/>
            <Field form=form name="device_name" label=m::DEVICE_NAME value=device_name.to_string() maxlength=64/>
            {observes.then(|| view! { <BehaviourInput/> })}
            <button class="button button-primary">{verb}</button>
        </form>
    }
}

/// The name of a target: the host of a service, or the title of one of our pages.
fn destination(target: &ReturnTo) -> Option<String> {
    match target.host() {
        Some(host) => Some(host.to_owned()),
        None => NavItem::label_of_path(target.as_str())
            .filter(|name| *name != m::NAV_HOME)
            .map(Key::text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use latchkey_domain::{request::host::HostPattern, request::return_to::AllowedTargets};

    #[test]
    fn an_unescaped_target_of_a_proxy_keeps_its_query() {
        for (path_and_query, target) in [
            (
                "/login?return_to=https://photos.example.org/a?b=1&c=%26d",
                Some("https://photos.example.org/a?b=1&c=%26d"),
            ),
            (
                "/login?return_to=/devices?q=a&page=2",
                Some("/devices?q=a&page=2"),
            ),
            (
                "/login?return_to=https%3A%2F%2Fphotos.example.org&x=1",
                None,
            ),
            ("/login?return_to=", None),
            ("/login", None),
        ] {
            assert_eq!(unescaped_target(path_and_query), target, "{path_and_query}");
        }
    }

    #[test]
    fn a_destination_is_named_by_its_host_or_title() {
        let allowed = AllowedTargets {
            hosts: vec![HostPattern::parse("photos.example.org").unwrap()],
            allow_http: false,
        };
        for (target, name) in [
            (
                "https://photos.example.org/album?x=1",
                Some("photos.example.org"),
            ),
            ("https://photos.example.org", Some("photos.example.org")),
            ("/admin/users?page=2", Some("Users")),
            ("/", None),
            ("/elsewhere", None),
        ] {
            let target = ReturnTo::parse(target, &allowed).unwrap();
            assert_eq!(destination(&target).as_deref(), name, "{target}");
        }
    }
}
