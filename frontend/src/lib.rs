//! The wasm entry: wakes the islands, nothing else.
#![cfg(target_arch = "wasm32")]
#![forbid(unsafe_code)]

use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page when the wasm has arrived.
#[wasm_bindgen]
pub fn hydrate() {
    latchkey_app::browser::start();
    leptos::mount::hydrate_islands();
}
