//! Forms are sent once: the button is busy after a press, and a second press does not send the form again. Until the
//! wasm has loaded, one-time tokens on the server do the same.

use leptos::prelude::set_timeout;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Element, Event, HtmlFormElement, SubmitEvent};

/// After this time the button is released: the response is slow, or a download.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Watches all forms of the page.
pub(super) fn install() {
    let Some(window) = web_sys::window() else {
        return;
    };
    listen(&window, "submit", |event| {
        if let Ok(event) = event.dyn_into::<SubmitEvent>() {
            on_submit(&event);
        }
    });
    // A page from the back/forward cache shows an old state, and busy buttons.
    listen(&window, "pageshow", |event| {
        let is_kept = js_sys::Reflect::get(&event, &JsValue::from_str("persisted"))
            .is_ok_and(|value| value.is_truthy());
        if let (true, Some(window)) = (is_kept, web_sys::window()) {
            let _reloads = window.location().reload();
        }
    });
}

fn on_submit(event: &SubmitEvent) {
    let Some(form) = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlFormElement>().ok())
    else {
        return;
    };
    if form.has_attribute("aria-busy") {
        event.prevent_default();
        return;
    }
    let elements: Vec<Element> = event
        .submitter()
        .map(Element::from)
        .into_iter()
        .chain([form.into()])
        .collect();
    for element in &elements {
        let _is_set = element.set_attribute("aria-busy", "true");
    }
    set_timeout(
        move || {
            for element in &elements {
                let _is_removed = element.remove_attribute("aria-busy");
            }
        },
        TIMEOUT,
    );
}

fn listen(window: &web_sys::Window, event: &str, handle: impl FnMut(Event) + 'static) {
    let closure = Closure::<dyn FnMut(Event)>::new(handle);
    // Until the page is closed.
    let _listens =
        window.add_event_listener_with_callback(event, closure.into_js_value().unchecked_ref());
}
