//! What this browser can do with passkeys (WebAuthn L3 §5.1.7). Older browsers do not say.

use super::fetch::get;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Element;

/// Hides what the page says of something that this browser says it cannot do.
pub(super) fn hide_what_is_unavailable() {
    let marked = || {
        let document = web_sys::window()?.document()?;
        document.query_selector_all("[data-capability]").ok()
    };
    let Some(marked) = marked().filter(|marked| marked.length() > 0) else {
        return;
    };
    spawn_local(async move {
        let Some(capabilities) = capabilities().await else {
            return;
        };
        for place in 0..marked.length() {
            let Some(element) = marked
                .get(place)
                .and_then(|node| node.dyn_into::<Element>().ok())
            else {
                continue;
            };
            let name = element.get_attribute("data-capability").unwrap_or_default();
            if get(&capabilities, &name).and_then(|it| it.as_bool()) == Some(false) {
                let _is_set = element.set_attribute("hidden", "");
            }
        }
    });
}

/// Whether passkeys can be offered in the autofill of a field.
pub(super) async fn has_conditional_mediation() -> bool {
    let capabilities = capabilities().await;
    match capabilities.and_then(|all| get(&all, "conditionalGet")) {
        Some(available) => available.is_truthy(),
        None => call("isConditionalMediationAvailable")
            .await
            .is_some_and(|available| available.is_truthy()),
    }
}

async fn capabilities() -> Option<JsValue> {
    call("getClientCapabilities").await
}

/// Calls a static method of `PublicKeyCredential` and waits for its result, if the browser has it.
async fn call(method: &str) -> Option<JsValue> {
    let promise = || {
        let kind = get(&web_sys::window()?.into(), "PublicKeyCredential")?;
        let method = Reflect::get(&kind, &JsValue::from_str(method)).ok()?;
        let called = method.dyn_into::<Function>().ok()?.call0(&kind);
        called.ok()?.dyn_into::<Promise>().ok()
    };
    JsFuture::from(promise()?).await.ok()
}
