//! The live view of the audit log: new entries appear at the top of its table. The server sends rows as they are rendered here
//! (`server/src/web/live_audit.rs`), and `browser/live_rows.rs` puts them into the table.

use super::audit::{COLUMNS, PATH, row};
use crate::{
    components::{icon::Icon, table::table_row},
    list::ListUrl,
    messages::m,
    request_context::RequestContext,
};
use latchkey_domain::audit::event::EventView;
use leptos::prelude::*;

/// From where the entries come.
const EVENTS: &str = "/admin/audit/events";

/// The row of an entry, as HTML on one line.
#[must_use]
pub fn live_row(context: &RequestContext, event: EventView) -> String {
    let owner = Owner::new();
    let html = owner.with(|| {
        provide_context(context.clone());
        table_row(COLUMNS, row(event)).into_any().to_html()
    });
    owner.cleanup();
    html
}

/// The link that begins the live view, or ends it.
pub(super) fn live_switch(list: &ListUrl, is_live: bool) -> impl IntoView + use<> {
    let (label, href) = match is_live {
        true => (m::AUDIT_LIVE_STOP, list.at(PATH, &[])),
        false => (m::AUDIT_LIVE, list.at(PATH, &[("live", "1")])),
    };
    view! { <a class="button" href=href><Icon name="activity"/>{label}</a> }
}

/// What is said of the live view, with what the script needs: the address of the entries after `newest`, and what to say.
pub(super) fn live_status(list: &ListUrl, newest: i64) -> impl IntoView + use<> {
    let source = list.at(EVENTS, &[("after", &newest.to_string())]);
    view! {
        <p class="live" role="status"
            data-live=source
            data-live-count=m::audit_live_count("{count}").text()
            data-live-waiting=m::AUDIT_LIVE_WAITING.text()
            data-live-ended=m::AUDIT_LIVE_ENDED.text()
        >{m::AUDIT_LIVE_NO_SCRIPT}</p>
    }
}
