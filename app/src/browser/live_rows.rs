//! Puts new rows into a table while its page is open, as the server sends them. While the page is hidden it is not connected.
//!
//! The element `[data-live]` has the address of the events, and says how many rows came: at most once a second, for those who hear it.

use js_sys::{Array, Function, Reflect};
use leptos::prelude::set_timeout;
use std::{cell::RefCell, rc::Rc, time::Duration};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Document, Element, EventTarget};

/// Rows that stay in the table.
const MAX_ROWS: u32 = 200;

struct Live {
    document: Document,
    status: Element,
    table: Element,
    source: String,
    last_id: String,
    connection: Option<EventTarget>,
    rows: u32,
    is_announcing: bool,
    has_ended: bool,
}

/// Follows the list of the page, if it is one to follow.
pub(super) fn follow() -> Option<()> {
    let document = web_sys::window()?.document()?;
    let status = document.query_selector("[data-live]").ok()??;
    let live = Rc::new(RefCell::new(Live {
        table: document.query_selector("tbody").ok()??,
        source: status.get_attribute("data-live")?,
        document: document.clone(),
        status,
        last_id: String::new(),
        connection: None,
        rows: 0,
        is_announcing: false,
        has_ended: false,
    }));
    connect(&live);
    let followed = Rc::clone(&live);
    listen(&document, "visibilitychange", move |_| {
        let is_hidden = followed.borrow().document.hidden();
        match is_hidden {
            true => disconnect(&followed),
            false => drop(connect(&followed)),
        }
    });
    Some(())
}

fn connect(live: &Rc<RefCell<Live>>) -> Option<()> {
    let address = {
        let live = live.borrow();
        if live.has_ended || live.connection.is_some() || live.document.hidden() {
            return None;
        }
        // The last value of a parameter that is there twice would not count.
        match live.last_id.is_empty() {
            true => live.source.clone(),
            false => {
                let (before, _) = live.source.rsplit_once("after=")?;
                format!("{before}after={}", live.last_id)
            }
        }
    };
    let constructor = Reflect::get(&js_sys::global(), &"EventSource".into()).ok()?;
    let constructor: Function = constructor.dyn_into().ok()?;
    let source = Reflect::construct(&constructor, &Array::of1(&address.into())).ok()?;
    let source: EventTarget = source.unchecked_into();
    say(&live.borrow(), "data-live-waiting");
    let on = Rc::clone(live);
    listen(&source, "message", move |event| add(&on, &event));
    let on = Rc::clone(live);
    listen(&source, "end", move |_| end(&on));
    listen(&source, "reset", |_| {
        if let Some(window) = web_sys::window() {
            let _reloads = window.location().reload();
        }
    });
    let on = Rc::clone(live);
    listen(&source, "error", move |event| {
        // Closed for good: what came was no stream, because the user may not read any more.
        let target = event.dyn_into::<web_sys::Event>().ok();
        let target = target.and_then(|event| event.target());
        let state = target.and_then(|target| Reflect::get(&target, &"readyState".into()).ok());
        if state.and_then(|state| state.as_f64()) == Some(2.0) {
            end(&on);
        }
    });
    live.borrow_mut().connection = Some(source);
    Some(())
}

fn disconnect(live: &Rc<RefCell<Live>>) {
    if let Some(source) = live.borrow_mut().connection.take() {
        let close = Reflect::get(&source, &"close".into()).ok();
        if let Some(close) = close.and_then(|close| close.dyn_into::<Function>().ok()) {
            let _is_closed = close.call0(&source);
        }
    }
}

fn end(live: &Rc<RefCell<Live>>) {
    disconnect(live);
    live.borrow_mut().has_ended = true;
    say(&live.borrow(), "data-live-ended");
}

fn add(live: &Rc<RefCell<Live>>, event: &JsValue) {
    let text = |name: &str| Reflect::get(event, &name.into()).ok()?.as_string();
    let (Some(html), Some(id)) = (text("data"), text("lastEventId")) else {
        return;
    };
    let is_first = {
        let mut live = live.borrow_mut();
        let _is_added = live.table.insert_adjacent_html("afterbegin", &html);
        if live.table.child_element_count() > MAX_ROWS
            && let Some(last) = live.table.last_element_child()
        {
            last.remove();
        }
        live.last_id = id;
        live.rows += 1;
        !std::mem::replace(&mut live.is_announcing, true)
    };
    if is_first {
        let live = Rc::clone(live);
        set_timeout(move || announce(&live), Duration::from_secs(1));
    }
}

fn announce(live: &Rc<RefCell<Live>>) {
    let mut live = live.borrow_mut();
    live.is_announcing = false;
    if !live.has_ended
        && let Some(text) = live.status.get_attribute("data-live-count")
    {
        let text = text.replace("{count}", &live.rows.to_string());
        live.status.set_text_content(Some(&text));
    }
}

fn say(live: &Live, text: &str) {
    if let Some(text) = live.status.get_attribute(text) {
        live.status.set_text_content(Some(&text));
    }
}

fn listen(target: &EventTarget, event: &str, handle: impl FnMut(JsValue) + 'static) {
    let closure = Closure::<dyn FnMut(JsValue)>::new(handle);
    // Until the page is closed.
    let _listens =
        target.add_event_listener_with_callback(event, closure.into_js_value().unchecked_ref());
}
