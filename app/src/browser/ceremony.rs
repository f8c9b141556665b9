//! The browser's part of the two passkey ceremonies.
//!
//! 1. Ask the server for options, and for the handle of this ceremony.
//! 2. Ask the authenticator, through `navigator.credentials`.
//! 3. Give its answer and the handle to the server, which says where to go.
//!
//! To sign in, step 1 is done beforehand and kept fresh: a press leads to the authenticator at once. (Safari
//! forgets that somebody pressed a button once something was fetched in between.) One request to the
//! authenticator can be under way at a time: the one that waits behind the autofill of the e-mail field is
//! aborted before a button asks.

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

/// The server forgets a challenge after five minutes; a new one is asked for before that.
const RENEWAL: Duration = Duration::from_secs(4 * 60);

/// How often: a page that was left open is not kept alive for ever.
const RENEWALS: u32 = 15;

/// How long an aborted request may take to end before the next one is made.
const ABORTING: Duration = Duration::from_millis(500);

thread_local! {
    static WAITING: RefCell<Option<Waiting>> = const { RefCell::new(None) };
    static PREPARED: RefCell<Option<Prepared>> = const { RefCell::new(None) };
}

/// What waits behind the autofill, or for the next challenge.
struct Waiting {
    controller: AbortController,
    answer: Option<Promise>,
}

/// A challenge that was asked for beforehand.
#[derive(Clone)]
struct Prepared {
    handle: String,
    public_key: JsValue,
    /// Milliseconds since the Unix epoch.
    at: f64,
}

impl Prepared {
    /// `None` when the server's answer is not of that shape.
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

/// Signs in with a passkey that the person picks now. Returns the page to go to.
pub(super) async fn sign_in(return_to: &str) -> Result<String, Failure> {
    abort_waiting().await;
    let prepared = match PREPARED.take().filter(Prepared::is_fresh) {
        Some(prepared) => prepared,
        None => begin("/actions/passkey/begin-login", None).await?,
    };
    let credential = settle(request(&prepared.options())?, Purpose::SignIn).await?;
    finish_login(&prepared, &credential, return_to).await
}

/// Keeps a challenge at hand for the button, and behind the autofill where the page has one and the browser can, until a
/// passkey is picked there. `None` when a button has taken over, or the page was left open for an hour.
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
        // The signal ends the question to the server too.
        let prepared = begin("/actions/passkey/begin-login", Some(&signal))
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
        // Whoever asked in the meantime has taken the place of this request.
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
                // Its one use.
                PREPARED.set(None);
                return Some(finish_login(&prepared, &credential, return_to).await);
            }
            // By the clock: ask anew.
            Err(_) if signal.aborted() => {}
            Err(_) => return None,
        }
    }
    None
}

/// Makes a passkey on this device. Returns the page to go to.
pub(super) async fn create(name: &str) -> Result<String, Failure> {
    abort_waiting().await;
    let begun = begin("/actions/passkey/begin-registration", None).await?;
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
    page_from("/actions/passkey/finish-registration", &body).await
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
    let page = page_from("/actions/passkey/finish-login", &body).await?;
    Ok(match return_to {
        "" => page,
        _ => with_fragment(page),
    })
}

/// The authenticator's answer, for the server.
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

/// Servers never see what stands behind `#`. The browser has brought it here from the page that was asked for
/// (RFC 9110 §10.2.2), and takes it along.
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

/// Ends what waits, and lets it end: a browser refuses a second request while the first one is under way.
async fn abort_waiting() {
    let Some(Waiting { controller, answer }) = WAITING.take() else {
        return;
    };
    controller.abort();
    if let Some(answer) = answer {
        let patience = Promise::new(&mut |resolve, _| {
            leptos::prelude::set_timeout(
                move || {
                    let _called = resolve.call0(&JsValue::NULL);
                },
                ABORTING,
            );
        });
        // It ends with an error, and that is all there is to know.
        let _ended = JsFuture::from(Promise::race(&Array::of2(&answer, &patience))).await;
    }
}

/// Fails when the signal is given.
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
    // To the address of this page with another fragment, a browser goes without asking the server.
    if page.split('#').next() == Some(here.as_str()) {
        let _reloads = location.reload();
    } else {
        // An address that cannot be gone to leaves the person where they are.
        let _went = location.assign(page);
    }
}
