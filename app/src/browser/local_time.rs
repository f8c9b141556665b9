//! Adds the local time to times, which the server shows in UTC, and says places in the language of the page.

use js_sys::{Array, Date, Intl, Object};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

use super::fetch::set;

/// Adds the local time to the title of every time on the page.
pub(super) fn add_local_times() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
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
    each("time[datetime][title]", |time| {
        add_local_time(&time, &style, &text)
    });
}

/// Calls `change` for the elements of a selector.
fn each(selector: &str, mut change: impl FnMut(Element)) {
    let found = (web_sys::window().and_then(|window| window.document()))
        .and_then(|document| document.query_selector_all(selector).ok());
    let Some(found) = found else { return };
    for place in 0..found.length() {
        if let Some(element) = (found.get(place)).and_then(|node| node.dyn_into().ok()) {
            change(element);
        }
    }
}

/// Shows times of day in the user's time zone, with that of UTC as their title.
pub(super) fn show_local_clocks() {
    let style = Object::new();
    set(&style, "timeStyle", &JsValue::from_str("short"));
    each("time[data-clock]", |time| {
        let Some(at) = time.get_attribute("datetime") else {
            return;
        };
        let date = Date::new(&JsValue::from_str(&at));
        if date.get_time().is_nan() {
            return;
        }
        let utc = time.text_content().unwrap_or_default();
        let _is_set = time.set_attribute("title", &utc);
        let local = date.to_locale_time_string_with_options("default", &style);
        time.set_text_content(Some(&String::from(local)));
    });
}

/// Writes the names of countries in place of their letters.
pub(super) fn name_regions() {
    let Some(language) = (web_sys::window().and_then(|window| window.document()))
        .and_then(|document| document.document_element())
        .and_then(|page| page.get_attribute("lang"))
    else {
        return;
    };
    let mut names = None;
    each("[data-region]", |place| {
        let Some(letters) = place.get_attribute("data-region") else {
            return;
        };
        let names = names.get_or_insert_with(|| {
            let options = Object::new();
            set(&options, "type", &JsValue::from_str("region"));
            Intl::DisplayNames::new(&Array::of1(&JsValue::from_str(&language)), &options)
        });
        if let Some(name) = names.of(&letters) {
            place.set_text_content(Some(&String::from(name)));
        }
    });
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
