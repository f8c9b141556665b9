//! The browser's part of the two passkey ceremonies.
//!
//! 1. Ask the server for options.
//! 2. Ask the authenticator, through `navigator.credentials`.
//! 3. Give its answer to the server, which says where to go.
//!
//! One request to the authenticator can be under way at a time: the one that waits behind the
//! autofill of the e-mail field is aborted before a button asks.

use super::{
    credential::{credential_to_json, options_from_json},
    failure::Failure,
    fetch::{get, post, set},
};
use js_sys::{Function, Object, Promise, Reflect};
use std::{cell::RefCell, time::Duration};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, CredentialCreationOptions, CredentialRequestOptions};

/// The server forgets a challenge after five minutes; a new one is asked for before that.
const RENEWAL: Duration = Duration::from_secs(4 * 60);

/// How often: a page that was left open is not kept alive for ever.
const RENEWALS: u32 = 15;

thread_local! {
    static WAITING: RefCell<Option<AbortController>> = const { RefCell::new(None) };
}

/// Signs in with a passkey that the person picks now. Returns the page to go to.
pub(super) async fn sign_in(return_to: &str) -> Result<String, Failure> {
    abort_waiting();
    let options = begin("/api/passkey/begin-login", None).await?;
    let credential = ask(&options).await?;
    finish_login(&credential, return_to).await
}

/// Waits behind the autofill until a passkey is picked there. `None` when the browser cannot do
/// that, or when a button has taken over.
pub(super) async fn wait_for_autofill(return_to: &str) -> Option<Result<String, Failure>> {
    for _ in 0..RENEWALS {
        let controller = AbortController::new().ok()?;
        WAITING.set(Some(controller.clone()));
        let clock = controller.clone();
        leptos::prelude::set_timeout(move || clock.abort(), RENEWAL);
        let answer = autofill(&controller.signal()).await;
        // Whoever asked in the meantime has taken the place of this request.
        if !WAITING.with_borrow(|waiting| waiting.as_ref() == Some(&controller)) {
            return None;
        }
        WAITING.set(None);
        match answer {
            Ok(credential) => return Some(finish_login(&credential, return_to).await),
            // By the clock: ask anew.
            Err(_) if controller.signal().aborted() => {}
            Err(_) => return None,
        }
    }
    None
}

async fn autofill(signal: &AbortSignal) -> Result<Object, Failure> {
    if !is_autofill_available().await {
        return Err(Failure::Aborted);
    }
    // The signal ends the question to the server too: its late answer would name a newer ceremony
    // than the one that the button has begun.
    let options = begin("/api/passkey/begin-login", Some(signal)).await?;
    set(&options, "mediation", &JsValue::from_str("conditional"));
    set(&options, "signal", signal);
    ask(&options).await
}

/// Makes a passkey on this device. Returns the page to go to.
pub(super) async fn create(name: &str) -> Result<String, Failure> {
    abort_waiting();
    let options = begin("/api/passkey/begin-registration", None).await?;
    let promise =
        credentials()?.create_with_options(&options.unchecked_into::<CredentialCreationOptions>());
    let credential = settle(promise).await?;
    let body = Object::new();
    set(&body, "credential", &credential);
    set(&body, "name", &JsValue::from_str(name));
    post("/api/passkey/finish-registration", &body, None)
        .await?
        .as_string()
        .ok_or_else(Failure::unreadable)
}

async fn begin(path: &str, signal: Option<&AbortSignal>) -> Result<Object, Failure> {
    options_from_json(&post(path, &Object::new(), signal).await?).ok_or_else(Failure::unreadable)
}

async fn ask(options: &Object) -> Result<Object, Failure> {
    settle(credentials()?.get_with_options(options.unchecked_ref::<CredentialRequestOptions>()))
        .await
}

async fn settle(promise: Result<Promise, JsValue>) -> Result<Object, Failure> {
    let credential = async { JsFuture::from(promise?).await }
        .await
        .map_err(|thrown| Failure::of_ceremony(&thrown))?;
    credential_to_json(&credential).ok_or_else(Failure::unreadable)
}

async fn finish_login(credential: &Object, return_to: &str) -> Result<String, Failure> {
    let body = Object::new();
    set(&body, "credential", credential);
    set(&body, "return_to", &JsValue::from_str(return_to));
    post("/api/passkey/finish-login", &body, None)
        .await?
        .as_string()
        .ok_or_else(Failure::unreadable)
}

fn credentials() -> Result<web_sys::CredentialsContainer, Failure> {
    let window = web_sys::window().ok_or_else(Failure::unreadable)?;
    Ok(window.navigator().credentials())
}

fn abort_waiting() {
    if let Some(controller) = WAITING.take() {
        controller.abort();
    }
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
    if let Some(window) = web_sys::window() {
        // An address that cannot be gone to leaves the person where they are.
        let _went = window.location().assign(page);
    }
}
