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
    credential::{credential_to_json, options_from_json},
    failure::{Failure, Purpose},
    fetch::{get, post, set, text},
};
use js_sys::{Array, Date, Function, Object, Promise, Reflect};
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
    static WAITING: RefCell<Option<Waiting>> = const { RefCell::new(None) };
    static PREPARED: RefCell<Option<Prepared>> = const { RefCell::new(None) };
}

/// The pending request behind the autofill, or until the next challenge.
struct Waiting {
    controller: AbortController,
    answer: Option<Promise>,
}

/// A challenge that was requested in advance.
#[derive(Clone)]
struct Prepared {
    handle: String,
    public_key: JsValue,
    /// Milliseconds since the Unix epoch.
    at: f64,
}

impl Prepared {
    /// `None` if the response has another form.
    fn read(answer: &JsValue) -> Option<Self> {
        Some(Self {
            handle: text(answer, "handle")?,
            public_key: options_from_json(answer)?,
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
    abort_waiting().await;
    let prepared = match PREPARED.take().filter(Prepared::is_fresh) {
        Some(prepared) => prepared,
        None => begin("/api/passkey/begin-login", None).await?,
    };
    let credential = settle(request(&prepared.options())?, Purpose::SignIn).await?;
    finish_login(&prepared, &credential, return_to).await
}

/// Keeps a challenge ready for the button, and for the autofill if page and browser support it, until a passkey is picked
/// there. `None` if a button has taken over, or the page was left open for an hour.
pub(super) async fn stand_by(
    return_to: &str,
    has_autofill: bool,
) -> Option<Result<String, Failure>> {
    let has_autofill = has_autofill && is_autofill_available().await;
    for _ in 0..RENEWALS {
        let controller = AbortController::new().ok()?;
        let signal = controller.signal();
        WAITING.set(Some(Waiting {
            controller: controller.clone(),
            answer: None,
        }));
        let clock = controller.clone();
        leptos::prelude::set_timeout(move || clock.abort(), RENEWAL);
        // The signal aborts the request to the server, too.
        let prepared = begin("/api/passkey/begin-login", Some(&signal))
            .await
            .ok()?;
        PREPARED.set(Some(prepared.clone()));
        let answer = if has_autofill {
            let options = prepared.options();
            set(&options, "mediation", &JsValue::from_str("conditional"));
            set(&options, "signal", &signal);
            request(&options).ok()?
        } else {
            aborted(&signal)
        };
        WAITING.with_borrow_mut(|waiting| {
            if let Some(waiting) = waiting.as_mut().filter(|it| it.controller == controller) {
                waiting.answer = Some(answer.clone());
            }
        });
        let answer = settle(answer, Purpose::SignIn).await;
        // A later request may have replaced this one.
        if !WAITING.with_borrow(|waiting| {
            waiting
                .as_ref()
                .is_some_and(|waiting| waiting.controller == controller)
        }) {
            return None;
        }
        WAITING.set(None);
        match answer {
            Ok(credential) => {
                // It can be used once.
                PREPARED.set(None);
                return Some(finish_login(&prepared, &credential, return_to).await);
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
    abort_waiting().await;
    let begun = begin("/api/passkey/begin-registration", None).await?;
    let promise = credentials()?
        .create_with_options(
            &begun
                .options()
                .unchecked_into::<CredentialCreationOptions>(),
        )
        .map_err(|thrown| Failure::of_ceremony(&thrown, Purpose::Registration))?;
    let credential = settle(promise, Purpose::Registration).await?;
    let body = answer_of(&begun, &credential);
    set(&body, "name", &JsValue::from_str(name));
    page_from("/api/passkey/finish-registration", &body).await
}

async fn begin(path: &str, signal: Option<&AbortSignal>) -> Result<Prepared, Failure> {
    let answer = post(path, &Object::new(), signal).await?;
    Prepared::read(&answer).ok_or_else(Failure::unreadable)
}

fn request(options: &Object) -> Result<Promise, Failure> {
    credentials()?
        .get_with_options(options.unchecked_ref::<CredentialRequestOptions>())
        .map_err(|thrown| Failure::of_ceremony(&thrown, Purpose::SignIn))
}

async fn settle(promise: Promise, purpose: Purpose) -> Result<Object, Failure> {
    let credential = JsFuture::from(promise)
        .await
        .map_err(|thrown| Failure::of_ceremony(&thrown, purpose))?;
    credential_to_json(&credential).ok_or_else(Failure::unreadable)
}

async fn finish_login(
    prepared: &Prepared,
    credential: &Object,
    return_to: &str,
) -> Result<String, Failure> {
    let body = answer_of(prepared, credential);
    set(&body, "return_to", &JsValue::from_str(return_to));
    let page = page_from("/api/passkey/finish-login", &body).await?;
    Ok(match return_to {
        "" => page,
        _ => with_fragment(page),
    })
}

/// The response of the authenticator, for the server.
fn answer_of(begun: &Prepared, credential: &Object) -> Object {
    let body = Object::new();
    set(&body, "credential", credential);
    set(&body, "handle", &JsValue::from_str(&begun.handle));
    body
}

async fn page_from(path: &str, body: &Object) -> Result<String, Failure> {
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
async fn abort_waiting() {
    let Some(Waiting { controller, answer }) = WAITING.take() else {
        return;
    };
    controller.abort();
    if let Some(answer) = answer {
        let timeout = Promise::new(&mut |resolve, _| {
            leptos::prelude::set_timeout(
                move || {
                    let _called = resolve.call0(&JsValue::NULL);
                },
                ABORTING,
            );
        });
        // It always ends with an error.
        let _ended = JsFuture::from(Promise::race(&Array::of2(&answer, &timeout))).await;
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

async fn is_autofill_available() -> bool {
    let check = || {
        let kind = get(&web_sys::window()?.into(), "PublicKeyCredential")?;
        let check: Function =
            Reflect::get(&kind, &JsValue::from_str("isConditionalMediationAvailable"))
                .ok()?
                .dyn_into()
                .ok()?;
        check.call0(&kind).ok()?.dyn_into::<Promise>().ok()
    };
    match check() {
        Some(promise) => JsFuture::from(promise)
            .await
            .is_ok_and(|answer| answer.is_truthy()),
        None => false,
    }
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
