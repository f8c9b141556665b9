//! Requests to the server, with JSON in both directions.

use super::failure::Failure;
use js_sys::{JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, Response};

/// The type of the error for a passkey that the server does not know.
const UNKNOWN_PASSKEY: &str = "urn:problem-type:latchkey:unknown_passkey";

/// Calls a server function and returns what it returned. The signal aborts the call.
pub(super) async fn post(
    path: &str,
    body: &Object,
    signal: Option<&AbortSignal>,
) -> Result<JsValue, Failure> {
    let response = send(path, body, signal)
        .await
        .map_err(|_| Failure::unreachable())?;
    let is_ok = response.ok();
    let json = async { JsFuture::from(response.json()?).await }.await;
    match (is_ok, json) {
        (true, Ok(value)) => Ok(value),
        (false, Ok(error)) => Err(failure_in(&error)),
        (_, Err(_)) => Err(Failure::unreadable()),
    }
}

async fn send(
    path: &str,
    body: &Object,
    signal: Option<&AbortSignal>,
) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    headers.set("accept", "application/json")?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&JSON::stringify(body)?.into());
    init.set_signal(signal);
    let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
    JsFuture::from(window.fetch_with_str_and_init(path, &init))
        .await?
        .dyn_into()
}

/// Reads the server's error (RFC 9457): `{"detail": …, "next": …}`.
fn failure_in(error: &JsValue) -> Failure {
    match (text(error, "next"), text(error, "detail")) {
        (Some(next), _) => Failure::Redirect(next),
        (None, Some(message)) if text(error, "type").as_deref() == Some(UNKNOWN_PASSKEY) => {
            Failure::UnknownPasskey(message)
        }
        (None, Some(message)) => Failure::Message(message),
        (None, None) => Failure::unreadable(),
    }
}

/// A text in an object.
pub(super) fn text(object: &JsValue, name: &str) -> Option<String> {
    get(object, name)?.as_string()
}

/// A value in an object; `None` when it is missing or null.
pub(super) fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &JsValue::from_str(name))
        .ok()
        .filter(|value| !value.is_null() && !value.is_undefined())
}

/// Sets a value in an object of our own, which cannot fail.
pub(super) fn set(object: &JsValue, name: &str, value: &JsValue) {
    let _is_set = Reflect::set(object, &JsValue::from_str(name), value);
}
