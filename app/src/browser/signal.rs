//! Tells authenticators what the server knows of passkeys (WebAuthn L3 §5.1.10), so that they stop offering removed ones
//! and show the user's present name. Browsers without these methods are left alone, and nothing depends on the outcome.

use super::fetch::{get, set};
use js_sys::{Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// The passkeys of the page's user, whenever a page lists them: also after one was removed or the user was renamed.
pub(super) fn signal_current_passkeys() {
    let find = || {
        let document = web_sys::window()?.document()?;
        let list = document.query_selector("[data-passkeys]").ok()??;
        JSON::parse(&list.get_attribute("data-passkeys")?).ok()
    };
    if let Some(state) = find() {
        // Each reads its own members of the object. One after the other: browsers refuse a second request while one is under way.
        wasm_bindgen_futures::spawn_local(async move {
            signal("signalAllAcceptedCredentials", &state).await;
            signal("signalCurrentUserDetails", &state).await;
        });
    }
}

/// A passkey that the server does not know.
pub(super) fn signal_unknown_passkey(rp_id: &JsValue, credential_id: &JsValue) {
    let unknown = Object::new();
    set(&unknown, "rpId", rp_id);
    set(&unknown, "credentialId", credential_id);
    wasm_bindgen_futures::spawn_local(async move {
        signal("signalUnknownCredential", &unknown).await;
    });
}

async fn signal(method: &str, options: &JsValue) {
    let call = || {
        let kind = get(&web_sys::window()?.into(), "PublicKeyCredential")?;
        let method = Reflect::get(&kind, &JsValue::from_str(method)).ok()?;
        let called = method.dyn_into::<Function>().ok()?.call1(&kind, options);
        called.ok()?.dyn_into::<Promise>().ok()
    };
    if let Some(promise) = call() {
        // A rejection must not be reported as an error of the page.
        let _ended = wasm_bindgen_futures::JsFuture::from(promise).await;
    }
}
