//! The script that handles buttons until the wasm has loaded: see `before_hydration.js`.

/// The script, for a `<script>` element with the page's nonce.
#[cfg(feature = "ssr")]
pub(crate) const SCRIPT: &str = include_str!("before_hydration.js");

/// Tells the script that a button is ready, and presses it if it was pressed before.
#[cfg(feature = "hydrate")]
pub(super) fn wake(purpose: &str) {
    use wasm_bindgen::JsCast;
    use web_sys::HtmlElement;

    let selector = format!("[data-passkey={purpose}]");
    let Some(button) = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.query_selector(&selector).ok().flatten())
        .and_then(|button| button.dyn_into::<HtmlElement>().ok())
    else {
        return;
    };
    let was_pressed = button.has_attribute("data-pressed");
    for stale in ["data-pressed", "aria-busy"] {
        let _is_removed = button.remove_attribute(stale);
    }
    let _is_set = button.set_attribute("data-awake", "");
    if let Some(notice) = button
        .closest("leptos-island")
        .ok()
        .flatten()
        .and_then(|island| island.next_element_sibling())
        .filter(|next| next.has_attribute("data-early"))
    {
        notice.remove();
    }
    if was_pressed {
        button.click();
    }
}
