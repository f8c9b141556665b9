//! Waits until the request of this browser is approved on another device.
#![expect(
    missing_docs,
    reason = "the macro makes a second struct of the props, without comments"
)]

use leptos::prelude::*;

/// Asks the server every few seconds while the page can be seen, and loads the page again when there is something to say.
#[island]
pub fn ApprovalWatch(
    /// Which request of this browser the page shows.
    name: String,
    /// In how many seconds it ends.
    seconds: u32,
    /// What to say until then.
    waiting: String,
    /// What to say afterwards.
    expired: String,
) -> impl IntoView {
    let is_over = RwSignal::new(false);
    watch(name, seconds, is_over);
    view! { <p class="small quiet" role="status" data-watch>{move || if is_over.get() { expired.clone() } else { waiting.clone() }}</p> }
}

#[cfg(feature = "hydrate")]
fn watch(name: String, seconds: u32, is_over: RwSignal<bool>) {
    use super::fetch::{post, set};
    use js_sys::{Date, Object, Promise};
    use wasm_bindgen::JsValue;
    use wasm_bindgen_futures::JsFuture;

    /// Milliseconds between two questions.
    const PAUSE: i32 = 2500;

    leptos::task::spawn_local(async move {
        let Some(window) = web_sys::window() else {
            return;
        };
        let body = Object::new();
        set(&body, "name", &JsValue::from_str(&name));
        let end = Date::now() + f64::from(seconds) * 1000.0;
        loop {
            let pause = Promise::new(&mut |resolve, _| {
                let _timer =
                    window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, PAUSE);
            });
            let _is_over = JsFuture::from(pause).await;
            if Date::now() > end {
                is_over.set(true);
                return;
            }
            if document().hidden() {
                continue;
            }
            // Without an answer, it is asked again.
            let Ok(state) = post("/actions/approval/state", &body, None).await else {
                continue;
            };
            match state.as_string().as_deref() {
                Some("waiting") => {}
                _ => {
                    let _reloads = window.location().reload();
                    return;
                }
            }
        }
    });
}

/// On the server it does nothing.
#[cfg(not(feature = "hydrate"))]
fn watch(_: String, _: u32, _: RwSignal<bool>) {}
