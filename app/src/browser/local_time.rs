//! Adds the local time to times, which the server shows in UTC.

use js_sys::{Date, Object};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

use super::fetch::set;

/// Adds the local time to the title of every time on the page.
pub(super) fn add_local_times() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
        return;
    };
    let Ok(times) = document.query_selector_all("time[datetime][title]") else {
        return;
    };
    // The server has written the text, with a place for the time.
    let Some(text) = (document.query_selector("body").ok().flatten())
        .and_then(|body| body.get_attribute("data-local-time"))
    else {
        return;
    };
    let style = Object::new();
    set(&style, "dateStyle", &JsValue::from_str("medium"));
    set(&style, "timeStyle", &JsValue::from_str("short"));
    for place in 0..times.length() {
        if let Some(time) = times
            .get(place)
            .and_then(|node| node.dyn_into::<Element>().ok())
        {
            add_local_time(&time, &style, &text);
        }
    }
}

fn add_local_time(time: &Element, style: &Object, text: &str) {
    let (Some(at), Some(title)) = (time.get_attribute("datetime"), time.get_attribute("title"))
    else {
        return;
    };
    let date = Date::new(&JsValue::from_str(&at));
    if date.get_time().is_nan() || date.get_timezone_offset() == 0.0 {
        return;
    }
    let local = String::from(date.to_locale_string("default", style));
    let _is_set = time.set_attribute("title", &(title + &text.replace("{time}", &local)));
}
