//! Copies of what the lists of events show: `/activity/export` and `/admin/audit/export`, as CSV or as lines of JSON.
//!
//! A copy is sent while it is read, in parts, and the query of the page applies to it. It writes nothing; another site must not start one
//! all the same, because a user has few places for them. If it cannot be completed, the connection is
//! closed before its end, so that no browser takes it for complete.

use super::{
    Web,
    error::{fail, refuse, render},
    route::Route,
    route_policy::{BodyLimit, Checks, Csrf, ErrorForm, RoutePolicy},
    streams::Place,
};
use axum::{
    Extension,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use latchkey_app::{
    components::event_filter::message,
    error::{AppError, Code},
    format,
    own_event::OwnEvent,
    pages::activity,
    request_context::RequestContext,
    routes::{Access, Rate},
};
use latchkey_domain::{
    access::permission::{AuditRead, CurrentUser, Permission},
    audit::{
        csv::{self, EVENT_COLUMNS},
        event::EventView,
        filter::{EventFilter, FilterField},
    },
    pagination::ListQuery,
};
use latchkey_engine::{Error, SelectedEvents};
use serde::Serialize;

/// The routes.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    let route = |path: &'static str, access, handler: MethodRouter<Web>| Route {
        router: "event_export",
        method: Method::GET,
        path: path.into(),
        policy: RoutePolicy::Checked(Checks {
            access,
            csrf: Csrf::OwnRead,
            rate: Rate::Request,
            body: BodyLimit::Unread,
            prolongs_session: true,
            errors: ErrorForm::Negotiated,
        }),
        handler,
    };
    let auditors = Access::Permission(Permission::AuditRead);
    [
        route("/activity/export", Access::User, get(own)),
        route("/admin/audit/export", auditors, get(all)),
    ]
    .into_iter()
}

/// The form of a copy.
#[derive(Clone, Copy)]
enum Format {
    Csv,
    JsonLines,
}

/// How the events of a copy are written.
#[derive(Clone)]
enum Writer {
    /// As their user is told.
    Own(Box<CurrentUser>),
    /// As the log has them.
    Whole,
}

impl Writer {
    fn header(&self, format: Format) -> String {
        match (format, self) {
            (Format::JsonLines, _) => String::new(),
            (Format::Csv, Self::Own(_)) => csv::line(OwnEvent::FIELDS),
            (Format::Csv, Self::Whole) => csv::line(EVENT_COLUMNS),
        }
    }

    fn line(&self, format: Format, event: &EventView) -> serde_json::Result<String> {
        Ok(match (format, self) {
            (Format::Csv, Self::Own(user)) => csv::line(OwnEvent::of(event, user).values()),
            (Format::Csv, Self::Whole) => csv::event_line(event, &format::rfc3339(event.time)),
            (Format::JsonLines, Self::Own(user)) => json_line(&OwnEvent::of(event, user))?,
            (Format::JsonLines, Self::Whole) => json_line(event)?,
        })
    }
}

fn json_line(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(serde_json::to_string(value)? + "\n")
}

async fn own(
    State(web): State<Web>,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
) -> Response {
    let (format, filter) = match asked(&context, activity::FIELDS) {
        Ok(asked) => asked,
        Err(error) => return render(&error, &headers),
    };
    let user = match context.current_user() {
        Ok(user) => user.clone(),
        Err(denial) => return render(&denial.into(), &headers),
    };
    let Some(place) = web.streams().take_for_own(user.user_id) else {
        return refuse(Code::TooManyRequests, &headers);
    };
    match context.engine().select_my_events(&user, &filter).await {
        Ok(events) => {
            let writer = Writer::Own(Box::new(user));
            response("activity", format, writer, events, place)
        }
        Err(error) => fail(&error, &headers),
    }
}

async fn all(
    State(web): State<Web>,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
) -> Response {
    let (format, filter) = match asked(&context, &FilterField::ALL) {
        Ok(asked) => asked,
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
    match context.engine().select_events(&proof, &filter, 0).await {
        Ok(events) => response("audit", format, Writer::Whole, events, place),
        Err(error) => fail(&error, &headers),
    }
}

/// What the address asks for.
fn asked(
    context: &RequestContext,
    fields: &[FilterField],
) -> Result<(Format, EventFilter), AppError> {
    let value = |name: &str| context.facts().query(name).unwrap_or_default();
    let format = match &*value("format") {
        "csv" => Format::Csv,
        "jsonl" => Format::JsonLines,
        _ => return Err(AppError::unusable_value("format").of_page()),
    };
    Ok((format, filter(context, fields)?))
}

/// The filter that the address of a list has.
pub(super) fn filter(
    context: &RequestContext,
    fields: &[FilterField],
) -> Result<EventFilter, AppError> {
    let value = |name: &str| context.facts().query(name).unwrap_or_default();
    let read = EventFilter::parse(|field| match fields.contains(&field) {
        true => value(field.as_str()),
        false => String::new(),
    });
    let filter = read.map_err(|faults| match faults.first_key_value() {
        Some((field, fault)) => AppError::unusable_parameter(field.as_str(), message(*fault)),
        None => Code::BadInput.into(),
    })?;
    let query = ListQuery {
        search: value("q"),
        filter: value("filter"),
        ..ListQuery::default()
    };
    Ok(filter.with_query(&query.bounded()))
}

fn response(
    name: &str,
    format: Format,
    writer: Writer,
    events: SelectedEvents,
    place: Place,
) -> Response {
    let (content_type, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
        Format::JsonLines => ("application/jsonl; charset=utf-8", "jsonl"),
    };
    let header = Bytes::from(writer.header(format));
    let state = (events, writer, Some(header), place);
    let parts = futures_util::stream::try_unfold(
        state,
        move |(mut events, writer, header, place)| async move {
            if let Some(header) = header.filter(|header| !header.is_empty()) {
                return Ok(Some((header, (events, writer, None, place))));
            }
            if place.is_stopped() {
                return Err(Error::Busy {
                    wait: std::time::Duration::from_secs(1),
                });
            }
            let Some(part) = events.next().await? else {
                return Ok(None);
            };
            let lines: serde_json::Result<Vec<_>> = part
                .iter()
                .map(|event| writer.line(format, event))
                .collect();
            let lines = lines.map_err(Error::internal)?.concat();
            Ok::<_, Error>(Some((Bytes::from(lines), (events, writer, None, place))))
        },
    );
    let disposition = format!("attachment; filename=\"latchkey-{name}.{ending}\"");
    (
        [
            (header::CONTENT_TYPE, content_type.to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        Body::from_stream(parts),
    )
        .into_response()
}
