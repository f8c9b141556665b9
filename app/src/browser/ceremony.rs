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
use web_sys::{AbortController, CredentialCreationOptions, CredentialRequestOptions};

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
    let options = begin("/api/passkey/begin-login").await?;
    let credential = ask(&options).await?;
    finish_login(&credential, return_to).await
}

/// Waits behind the autofill until a passkey is picked there. `None` when the browser cannot do
/// that, or when it was ended by [`sign_in`].
pub(super) async fn wait_for_autofill(return_to: &str) -> Option<Result<String, Failure>> {
    if !is_autofill_available().await {
        return None;
    }
    for _ in 0..RENEWALS {
        let options = begin("/api/passkey/begin-login").await.ok()?;
        let controller = AbortController::new().ok()?;
        set(&options, "mediation", &JsValue::from_str("conditional"));
        set(&options, "signal", &controller.signal());
        WAITING.set(Some(controller.clone()));
        leptos::prelude::set_timeout(move || controller.abort(), RENEWAL);
        match ask(&options).await {
            Ok(credential) => {
                WAITING.set(None);
                return Some(finish_login(&credential, return_to).await);
            }
            // Aborted by the clock: ask anew. Aborted by the button: it has taken over.
            Err(Failure::Aborted) if WAITING.with_borrow(Option::is_some) => {}
            Err(_) => return None,
        }
    }
    None
}

/// Makes a passkey on this device. Returns the page to go to.
pub(super) async fn create(name: &str) -> Result<String, Failure> {
    abort_waiting();
    let options = begin("/api/passkey/begin-registration").await?;
    let promise = credentials()?.create_with_options(&options.unchecked_into::<CredentialCreationOptions>());
    let credential = settle(promise).await?;
    let body = Object::new();
    set(&body, "credential", &credential);
    set(&body, "name", &JsValue::from_str(name));
    post("/api/passkey/finish-registration", &body).await?.as_string().ok_or_else(Failure::unreadable)
}

async fn begin(path: &str) -> Result<Object, Failure> {
    options_from_json(&post(path, &Object::new()).await?).ok_or_else(Failure::unreadable)
}

async fn ask(options: &Object) -> Result<Object, Failure> {
    settle(credentials()?.get_with_options(options.unchecked_ref::<CredentialRequestOptions>())).await
}

async fn settle(promise: Result<Promise, JsValue>) -> Result<Object, Failure> {
    let credential = async { JsFuture::from(promise?).await }.await.map_err(|thrown| Failure::of_ceremony(&thrown))?;
    credential_to_json(&credential).ok_or_else(Failure::unreadable)
}

async fn finish_login(credential: &Object, return_to: &str) -> Result<String, Failure> {
    let body = Object::new();
    set(&body, "credential", credential);
    set(&body, "return_to", &JsValue::from_str(return_to));
    post("/api/passkey/finish-login", &body).await?.as_string().ok_or_else(Failure::unreadable)
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
        let check: Function = Reflect::get(&kind, &JsValue::from_str("isConditionalMediationAvailable")).ok()?.dyn_into().ok()?;
        check.call0(&kind).ok()?.dyn_into::<Promise>().ok()
    };
    match check() {
        Some(promise) => JsFuture::from(promise).await.is_ok_and(|answer| answer.is_truthy()),
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
