//! The part of the two passkey ceremonies that runs in the browser.
//!
//! 1. Ask the server for options, and for the handle of this ceremony.
//! 2. Ask the authenticator, through `navigator.credentials`.
//! 3. Send its response and the handle to the server, which names the next page.
//!
//! To sign in, step 1 is done in advance and renewed, so that a press asks the authenticator at once. (Safari discards
//! the user activation of a press once something was fetched in between.) Only one request to the authenticator can be
//! pending: the one behind the autofill of the e-mail field is aborted before a button asks.

use super::{
    capability::has_conditional_mediation,
    failure::{Failure, Purpose},
    fetch::{get, post, set, text},
    signal::signal_unknown_passkey,
    webauthn_json::{credential_to_json, options_from_json},
};
use js_sys::{Array, Date, Object, Promise};
use std::{cell::RefCell, time::Duration};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, CredentialCreationOptions, CredentialRequestOptions};

/// A challenge is valid for five minutes; it is renewed before that.
const RENEWAL: Duration = Duration::from_secs(4 * 60);

/// The number of renewals: a page that is left open stops renewing.
const RENEWALS: u32 = 15;

/// The time an aborted request gets to end before the next one is made.
const ABORTING: Duration = Duration::from_millis(500);

thread_local! {
    static PENDING: RefCell<Option<PendingRequest>> = const { RefCell::new(None) };
    static PREPARED: RefCell<Option<PreparedChallenge>> = const { RefCell::new(None) };
}

/// The pending request of conditional mediation, or the wait until the next challenge.
struct PendingRequest {
    controller: AbortController,
    response: Option<Promise>,
}

/// A challenge that was requested in advance.
#[derive(Clone)]
struct PreparedChallenge {
    handle: String,
    public_key: JsValue,
    /// Milliseconds since the Unix epoch.
    at: f64,
}

impl PreparedChallenge {
    /// `None` if the response has another form.
    fn read(response: &JsValue) -> Option<Self> {
        Some(Self {
            handle: text(response, "handle")?,
            public_key: options_from_json(response)?,
            at: Date::now(),
        })
    }

    fn is_fresh(&self) -> bool {
        Date::now() - self.at < RENEWAL.as_secs_f64() * 1000.0
    }

    /// Options for `navigator.credentials`.
    fn options(&self) -> Object {
        let options = Object::new();
        set(&options, "publicKey", &self.public_key);
        options
    }
}

/// Signs in with a passkey that the user picks now. Returns the next page.
pub(super) async fn sign_in(return_to: &str) -> Result<String, Failure> {
    abort_pending_request().await;
    let challenge = match PREPARED.take().filter(PreparedChallenge::is_fresh) {
        Some(challenge) => challenge,
        None => fetch_challenge("/actions/passkey/begin-login", &Object::new(), None).await?,
    };
    let credential =
        await_credential(get_credential(&challenge.options())?, Purpose::SignIn).await?;
    finish_login(&challenge, &credential, return_to).await
}

/// Keeps a challenge ready for the button, and for conditional mediation (passkeys in the autofill of the e-mail field) if
/// page and browser support it, until a passkey is picked there. `None` if a button has taken over, or the page was left
/// open for an hour.
pub(super) async fn offer_conditional_mediation(
    return_to: &str,
    has_autofill: bool,
) -> Option<Result<String, Failure>> {
    let has_autofill = has_autofill && has_conditional_mediation().await;
    for _ in 0..RENEWALS {
        let controller = AbortController::new().ok()?;
        let signal = controller.signal();
        PENDING.set(Some(PendingRequest {
            controller: controller.clone(),
            response: None,
        }));
        let clock = controller.clone();
        leptos::prelude::set_timeout(move || clock.abort(), RENEWAL);
        // The signal aborts the request to the server, too.
        let challenge = fetch_challenge(
            "/actions/passkey/begin-login",
            &Object::new(),
            Some(&signal),
        )
        .await
        .ok()?;
        PREPARED.set(Some(challenge.clone()));
        let response = if has_autofill {
            let options = challenge.options();
            set(&options, "mediation", &JsValue::from_str("conditional"));
            set(&options, "signal", &signal);
            get_credential(&options).ok()?
        } else {
            aborted(&signal)
        };
        PENDING.with_borrow_mut(|pending| {
            if let Some(pending) = pending.as_mut().filter(|it| it.controller == controller) {
                pending.response = Some(response.clone());
            }
        });
        let response = await_credential(response, Purpose::SignIn).await;
        // A later request may have replaced this one.
        if !PENDING.with_borrow(|pending| {
            pending
                .as_ref()
                .is_some_and(|pending| pending.controller == controller)
        }) {
            return None;
        }
        PENDING.set(None);
        match response {
            Ok(credential) => {
                // It can be used once.
                PREPARED.set(None);
                return Some(finish_login(&challenge, &credential, return_to).await);
            }
            // By the timer: renew it.
            Err(_) if signal.aborted() => {}
            Err(_) => return None,
        }
    }
    None
}

/// Creates a passkey on this device. Returns the next page.
pub(super) async fn create(name: &str) -> Result<String, Failure> {
    abort_pending_request().await;
    let challenge =
        fetch_challenge("/actions/passkey/begin-registration", &Object::new(), None).await?;
    let promise = credentials()?
        .create_with_options(
            &challenge
                .options()
                .unchecked_into::<CredentialCreationOptions>(),
        )
        .map_err(|thrown| Failure::of_ceremony(&thrown, Purpose::Registration))?;
    let credential = await_credential(promise, Purpose::Registration).await?;
    let body = finish_request_body(&challenge, &credential);
    set(&body, "name", &JsValue::from_str(name));
    post_for_page("/actions/passkey/finish-registration", &body).await
}

/// Keeps a challenge ready for the button that approves a browser.
pub(super) async fn prepare_approval(picked: &str) {
    if let Ok(challenge) = fetch_approval_challenge(picked).await {
        PREPARED.set(Some(challenge));
    }
}

/// Approves a browser with a passkey that the user picks now. Returns the next page.
pub(super) async fn approve(picked: &str) -> Result<String, Failure> {
    let challenge = match PREPARED.take().filter(PreparedChallenge::is_fresh) {
        Some(challenge) => challenge,
        None => fetch_approval_challenge(picked).await?,
    };
    let credential =
        await_credential(get_credential(&challenge.options())?, Purpose::SignIn).await?;
    let body = finish_request_body(&challenge, &credential);
    post_for_page("/actions/approval/finish", &body).await
}

async fn fetch_approval_challenge(picked: &str) -> Result<PreparedChallenge, Failure> {
    let body = Object::new();
    set(&body, "picked", &JsValue::from_str(picked));
    fetch_challenge("/actions/approval/begin", &body, None).await
}

async fn fetch_challenge(
    path: &str,
    body: &Object,
    signal: Option<&AbortSignal>,
) -> Result<PreparedChallenge, Failure> {
    let response = post(path, body, signal).await?;
    PreparedChallenge::read(&response).ok_or_else(Failure::unreadable)
}

fn get_credential(options: &Object) -> Result<Promise, Failure> {
    credentials()?
        .get_with_options(options.unchecked_ref::<CredentialRequestOptions>())
        .map_err(|thrown| Failure::of_ceremony(&thrown, Purpose::SignIn))
}

async fn await_credential(promise: Promise, purpose: Purpose) -> Result<Object, Failure> {
    let credential = JsFuture::from(promise)
        .await
        .map_err(|thrown| Failure::of_ceremony(&thrown, purpose))?;
    credential_to_json(&credential).ok_or_else(Failure::unreadable)
}

async fn finish_login(
    challenge: &PreparedChallenge,
    credential: &Object,
    return_to: &str,
) -> Result<String, Failure> {
    let body = finish_request_body(challenge, credential);
    set(&body, "return_to", &JsValue::from_str(return_to));
    if let Some(behaviour) = observed_behaviour() {
        set(&body, "behaviour", &behaviour);
    }
    let result = post_for_page("/actions/passkey/finish-login", &body).await;
    if let Err(Failure::UnknownPasskey(_)) = result
        && let Some(rp_id) = get(&challenge.public_key, "rpId")
        && let Some(id) = get(credential, "id")
    {
        signal_unknown_passkey(&rp_id, &id);
    }
    let page = result?;
    Ok(match return_to {
        "" => page,
        _ => with_fragment(page),
    })
}

/// What `behaviour.js` observed, if this page has it.
fn observed_behaviour() -> Option<JsValue> {
    let document = web_sys::window()?.document()?;
    let field = document.query_selector("input[data-behaviour]").ok()??;
    get(&field, "value")
}

/// The credential and the handle of its challenge, for the server.
fn finish_request_body(challenge: &PreparedChallenge, credential: &Object) -> Object {
    let body = Object::new();
    set(&body, "credential", credential);
    set(&body, "handle", &JsValue::from_str(&challenge.handle));
    body
}

async fn post_for_page(path: &str, body: &Object) -> Result<String, Failure> {
    post(path, body, None)
        .await?
        .as_string()
        .ok_or_else(Failure::unreadable)
}

/// Adds the fragment of this page, which servers never see: the browser has kept it over the redirect to this page
/// (RFC 9110 §10.2.2).
fn with_fragment(page: String) -> String {
    let fragment = web_sys::window().and_then(|window| window.location().hash().ok());
    match fragment {
        Some(fragment) if !page.contains('#') => page + &fragment,
        _ => page,
    }
}

fn credentials() -> Result<web_sys::CredentialsContainer, Failure> {
    let window = web_sys::window().ok_or_else(Failure::unreadable)?;
    Ok(window.navigator().credentials())
}

/// Aborts the pending request and waits for its end: a browser refuses a second request while one is pending.
async fn abort_pending_request() {
    let Some(PendingRequest {
        controller,
        response,
    }) = PENDING.take()
    else {
        return;
    };
    controller.abort();
    if let Some(response) = response {
        let timeout = Promise::new(&mut |resolve, _| {
            leptos::prelude::set_timeout(
                move || {
                    let _called = resolve.call0(&JsValue::NULL);
                },
                ABORTING,
            );
        });
        // It always ends with an error.
        let _ended = JsFuture::from(Promise::race(&Array::of2(&response, &timeout))).await;
    }
}

/// Fails when the signal is aborted.
fn aborted(signal: &AbortSignal) -> Promise {
    Promise::new(&mut |_, reject| {
        let on_abort = Closure::once_into_js(move || {
            let _called = reject.call0(&JsValue::NULL);
        });
        let _listens = signal.add_event_listener_with_callback("abort", on_abort.unchecked_ref());
    })
}

/// Goes to a page.
pub(super) fn go_to(page: &str) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let location = window.location();
    let here = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    // If only the fragment differs, a browser does not ask the server.
    if page.split('#').next() == Some(here.as_str()) {
        let _reloads = location.reload();
    } else {
        // If the address is invalid, the user stays on this page.
        let _went = location.assign(page);
    }
}
