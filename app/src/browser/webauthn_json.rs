//! WebAuthn's objects to and from JSON (WebAuthn L3 §5.1.8 to §5.1.10). New browsers have
//! this built in (`parseCreationOptionsFromJSON`, `toJSON`); phones that are a year old do not.

use super::{
    base64url,
    fetch::{get, set, text},
};
use js_sys::{Array, Function, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

/// Converts the options of the server to the `publicKey` that `navigator.credentials` takes. `None` if the response has
/// another form.
pub(super) fn options_from_json(answer: &JsValue) -> Option<JsValue> {
    let public_key = get(answer, "publicKey")?;
    to_bytes(&public_key, "challenge")?;
    if let Some(user) = get(&public_key, "user") {
        to_bytes(&user, "id")?;
    }
    for list in ["allowCredentials", "excludeCredentials"] {
        if let Some(list) = get(&public_key, list) {
            for descriptor in Array::from(&list).iter() {
                to_bytes(&descriptor, "id")?;
            }
        }
    }
    Some(public_key)
}

/// A credential as JSON for the server. `None` if the browser returned something else.
pub(super) fn credential_to_json(credential: &JsValue) -> Option<Object> {
    let response = get(credential, "response")?;
    let json = Object::new();
    for name in [
        "attestationObject",
        "authenticatorData",
        "clientDataJSON",
        "signature",
        "userHandle",
    ] {
        if let Some(bytes) = get(&response, name) {
            set(&json, name, &to_text(&bytes));
        }
    }
    if let Some(transports) = call(&response, "getTransports") {
        set(&json, "transports", &transports);
    }
    let whole = Object::new();
    set(&whole, "id", &JsValue::from_str(&text(credential, "id")?));
    set(&whole, "rawId", &to_text(&get(credential, "rawId")?));
    set(
        &whole,
        "type",
        &JsValue::from_str(&text(credential, "type")?),
    );
    set(&whole, "response", &json);
    if let Some(extensions) = call(credential, "getClientExtensionResults") {
        set(&whole, "clientExtensionResults", &extensions);
    }
    Some(whole)
}

fn to_bytes(object: &JsValue, name: &str) -> Option<()> {
    let bytes = base64url::decode(&text(object, name)?)?;
    set(object, name, &Uint8Array::from(bytes.as_slice()));
    Some(())
}

fn to_text(buffer: &JsValue) -> JsValue {
    JsValue::from_str(&base64url::encode(&Uint8Array::new(buffer).to_vec()))
}

/// Calls a method without arguments, if the object has it.
fn call(object: &JsValue, method: &str) -> Option<JsValue> {
    let method: Function = Reflect::get(object, &JsValue::from_str(method))
        .ok()?
        .dyn_into()
        .ok()?;
    method.call0(object).ok()
}
