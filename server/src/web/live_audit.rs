//! `/admin/audit/events`: new entries of the audit log as server-sent events (WHATWG HTML §9.2), for its page.
//!
//! 1. The stream begins after the entry in `Last-Event-ID`, with which a browser comes back, or after that in the address.
//! 2. Every [`INTERVAL`] it is checked again whether the user may read, and what was sealed meanwhile is sent: one event for each
//!    entry of the filter, with its row as HTML.
//! 3. Every [`HEARTBEAT`] at the latest it says how far it has come, so that proxies do not close it, and a browser that comes back
//!    does not begin too early.
//! 4. It ends when the user may read no more, with an event `end`; without one when the server stops: the browser comes back.

use super::{
    Web,
    error::{fail, refuse, render},
    event_export::filter,
    route::Route,
    route_policy::{BodyLimit, Checks, Csrf, ErrorForm, RoutePolicy},
    streams::Place,
};
use axum::{
    Extension,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderName, Method, header},
    response::{IntoResponse, Response},
    routing::get,
};
use latchkey_app::{
    error::Code,
    pages::admin::audit_live::live_row,
    request_context::RequestContext,
    routes::{Access, Rate},
};
use latchkey_domain::{
    access::permission::{AuditRead, Permission},
    audit::{event::EventView, filter::FilterField},
};
use latchkey_engine::{Error, SelectedEvents};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Between two looks at the log.
const INTERVAL: Duration = Duration::from_secs(1);
/// Shorter than proxies wait for a response that is silent: nginx and HAProxy a minute, others 30 seconds.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Entries sent to a browser that comes back; after more, it loads the page again.
const MAX_MISSED: usize = 100;
/// The longest that a browser may have been away, in entries: looking for those of a filter reads all in between.
const MAX_GAP: i64 = 10_000;

/// The route.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    std::iter::once(Route {
        router: "live_audit",
        method: Method::GET,
        path: "/admin/audit/events".into(),
        policy: RoutePolicy::Checked(Checks {
            access: Access::Permission(Permission::AuditRead),
            csrf: Csrf::OwnRead,
            rate: Rate::Request,
            body: BodyLimit::Unread,
            // A browser reconnects by itself.
            prolongs_session: false,
            errors: ErrorForm::Negotiated,
        }),
        handler: get(events),
    })
}

async fn events(
    State(web): State<Web>,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
) -> Response {
    let filter = match filter(&context, &FilterField::ALL) {
        Ok(filter) => filter,
        Err(error) => return render(&error, &headers),
    };
    let proof = match context.authorize(AuditRead) {
        Ok(proof) => proof,
        Err(denial) => return render(&denial.into(), &headers),
    };
    let user = context.current_user().map(|user| user.user_id);
    let Some(place) = user.ok().and_then(|user| web.streams().take(user)) else {
        return refuse(Code::TooManyRequests, &headers);
    };
    let engine = context.engine();
    let newest = match engine.last_entry(&proof).await {
        Ok(newest) => newest,
        Err(error) => return fail(&error, &headers),
    };
    let from_header = headers.get("last-event-id");
    let from_header = from_header.and_then(|id| id.to_str().ok().map(str::to_owned));
    let asked = from_header.or_else(|| context.facts().query("after"));
    let after = asked.and_then(|after| after.parse().ok()).unwrap_or(newest);
    let is_late = newest.saturating_sub(after) > MAX_GAP;
    match engine
        .select_events(&proof, &filter, after.clamp(0, newest))
        .await
    {
        Ok(entries) => response(Live {
            context,
            entries,
            place,
            next: match is_late {
                true => Next::Reset,
                false => Next::Missed,
            },
            said_at: Instant::now(),
        }),
        Err(error) => fail(&error, &headers),
    }
}

/// What a stream does next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Sends what its browser missed.
    Missed,
    /// Asks its browser to load the page again.
    Reset,
    /// Waits for new entries.
    Wait,
    /// Ends.
    End,
}

struct Live {
    context: RequestContext,
    entries: SelectedEvents,
    place: Place,
    next: Next,
    said_at: Instant,
}

impl Live {
    /// The next events; `None` at the end.
    async fn next(&mut self) -> Option<String> {
        loop {
            match self.next {
                Next::End => return None,
                Next::Reset => return Some(self.end("reset")),
                Next::Missed => self.next = Next::Wait,
                Next::Wait => {
                    tokio::select! {
                        () = self.place.stopped() => return None,
                        () = sleep(INTERVAL) => {}
                    }
                    if self.entries.extend().await.is_err() {
                        // The browser comes back.
                        return None;
                    }
                }
            }
            let new = match self.entries.next().await {
                Ok(new) => new.unwrap_or_default(),
                Err(Error::Denied(_)) => return Some(self.end("end")),
                Err(_) => return None,
            };
            if new.len() > MAX_MISSED {
                return Some(self.end("reset"));
            }
            let has_news = !new.is_empty();
            if has_news || self.said_at.elapsed() >= HEARTBEAT {
                self.said_at = Instant::now();
                let rows: String = new.into_iter().map(|entry| self.row(entry)).collect();
                return Some(rows + &format!("id: {}\n\n", self.entries.position()));
            }
        }
    }

    fn row(&self, entry: EventView) -> String {
        let seq = entry.seq;
        let html = live_row(&self.context, entry);
        let lines = html
            .split(['\n', '\r'])
            .map(|line| format!("data: {line}\n"));
        format!("id: {seq}\n{}\n", lines.collect::<String>())
    }

    fn end(&mut self, event: &str) -> String {
        self.next = Next::End;
        format!("event: {event}\ndata:\n\n")
    }
}

fn response(live: Live) -> Response {
    // At once, so that the browser knows that it is connected.
    let first = format!("retry: 3000\nid: {}\n\n", live.entries.position());
    let state = (Some(first), live);
    let events = futures_util::stream::unfold(state, |(first, mut live)| async move {
        let text = match first {
            Some(first) => first,
            None => live.next().await?,
        };
        Some((Ok::<_, Error>(Bytes::from(text)), (None, live)))
    });
    (
        [
            (header::CONTENT_TYPE, "text/event-stream"),
            (header::CACHE_CONTROL, "no-store"),
            // nginx would keep events until its buffer is full.
            (HeaderName::from_static("x-accel-buffering"), "no"),
        ],
        Body::from_stream(events),
    )
        .into_response()
}
