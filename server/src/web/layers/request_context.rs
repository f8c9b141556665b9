//! A request becomes a [`RequestContext`]; the effects left in it become cookies and sessions.
//!
//! In: cookies and headers are read into facts, once. Out: effects are applied in the order in which
//! they were left, whatever the status of the response: what happened has happened.

mod effects;

use crate::web::{
    Web, client,
    cookies::SetCookies,
    error::{accepts_html, fail, render},
    layers::admission,
    route_policy::RouteState,
    session::Session,
};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Method, Uri, header},
    middleware::Next,
    response::Response,
};
use latchkey_app::{
    flash::Flash,
    request_context::{Facts, RequestContext},
};
use latchkey_domain::access::permission::CurrentUser;
use latchkey_engine::{DeviceAuthentication, IssuedCookie, KnownBrowser, Lane, Result};
use std::net::SocketAddr;
use url::Url;

/// Cookies of other times that are looked at.
const MAX_OTHERS: usize = 8;

/// What the browser sent that a response may change.
struct BrowserState {
    session: Option<Session>,
    enrolments: Vec<String>,
    browser: Option<KnownBrowser>,
    /// Its device cookie, while it is that of a live device.
    device: Option<IssuedCookie>,
    shares_domain: bool,
}

/// Reads the request into a context, and applies what the handler left there.
pub(in crate::web) async fn middleware(
    State(RouteState { web, checks, .. }): State<RouteState>,
    mut request: Request,
    next: Next,
) -> Response {
    let asked = request.headers().clone();
    let lane = request.extensions().get().copied();
    let web = web.in_lane(lane.unwrap_or(Lane::Anonymous));
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(peer)| *peer);
    let mut changes = SetCookies::default();
    let recognised = recognise(
        &web,
        request.uri(),
        &asked,
        peer,
        checks.prolongs_session,
        &mut changes,
    );
    let (facts, brought) = match recognised.await {
        Ok(recognised) => recognised,
        Err(cause) => return fail(&cause, &asked),
    };
    // A genuine cookie of a device that has ended, or with a secret that was replaced, identifies nobody.
    let asked_for = web.clone();
    let (web, _turn) = match (facts.browser, lane) {
        (None, Some(Lane::Known)) => {
            match admission::as_anonymous(&asked_for, peer, &asked, checks.rate).await {
                Ok(turn) => (web.in_lane(Lane::Anonymous), Some(turn)),
                Err(refused) => return refused,
            }
        }
        (_, _) => (web, None),
    };
    point_referer(request.headers_mut(), facts.referring_page.as_deref());
    let is_page = *request.method() == Method::GET && accepts_html(&asked);
    let keeps_any = facts.cookies.keeps_any;
    let context = RequestContext::new(web.engine().clone(), facts);
    request.extensions_mut().insert(context.clone());

    let mut response = next.run(request).await;

    if let Some(error) = context.error() {
        response = render(error, &asked);
    }
    let effects = context.take_effects();
    if let Err(cause) = effects::apply(&web, effects, brought, &mut changes).await {
        response = fail(&cause, &asked);
    }
    // Shown on the page that was just rendered; a redirect or a refusal leaves it to the next page.
    if is_page && response.status().is_success() && web.cookies().has_flash(&asked) {
        changes.end_flash();
    }
    // So that a sign-in knows whether its own cookie will be kept.
    if is_page && response.status().is_success() && !keeps_any {
        changes.set_no_redirect();
    }
    changes.write(response.headers_mut());
    response
}

/// Reads everything that a page or an action may know about the request.
async fn recognise(
    web: &Web,
    uri: &Uri,
    headers: &HeaderMap,
    peer: Option<SocketAddr>,
    prolongs_session: bool,
    changes: &mut SetCookies,
) -> Result<(Facts, BrowserState)> {
    let (engine, cookies) = (web.engine(), web.cookies());
    let now = engine.now();
    let mut session = Session::load(engine, cookies.session(headers)).await?;
    let origin = client::read(peer, headers, web.proxy());
    let mut identified: DeviceAuthentication = engine
        .authenticate(
            cookies.device_of_pages(headers),
            session.as_ref().map(|session| session.facts),
        )
        .await?;
    // What is unusual has to authenticate before it sees anything: its session has just ended.
    if let Some(current_user) = &identified.current_user
        && engine.assess_return(current_user, &origin).await?
    {
        identified.current_user = None;
        identified.renewed = None;
    }
    if let Some(renewed) = &identified.renewed {
        changes.set_device(cookies, renewed, now);
    } else if let Some(same) = &identified.same
        && cookies.is_out_of_step(headers)
    {
        // The domain was configured since, or a sibling host put another device in its place.
        changes.set_device(cookies, same, now);
    }
    let shares_domain = shares_domain(web, headers);
    if identified.same.is_some()
        && !shares_domain
        && cookies
            .unrecognised_device_cookies(headers)
            .next()
            .is_some()
    {
        changes.end_narrower(cookies);
    }
    // Signed out on another device: what this browser stored ends with its next request. Not with a cookie whose secret was
    // replaced: another tab has just signed in, and its session must not end.
    let is_signed_out = identified.browser.is_some() && identified.current_user.is_none();
    if is_signed_out && cookies.session(headers).is_some() {
        changes.end_session();
        changes.clear_site_data();
    }
    let current_user = match identified.current_user {
        Some(current_user) => {
            Some(with_session(web, current_user, &mut session, prolongs_session, changes).await?)
        }
        None => None,
    };
    if let Some(current_user) = current_user.as_ref().filter(|_| prolongs_session) {
        engine.note_seen(current_user, &origin);
    }
    let unread = match &current_user {
        Some(current_user) if accepts_html(headers) => {
            engine.count_unread_notifications(current_user).await?
        }
        _ => 0,
    };
    let facts = Facts {
        current_user,
        unread,
        browser: identified.browser,
        enrolments: cookies.enrolments(headers),
        approval: cookies.approval(headers).map(str::to_owned),
        flash: flash_of(web, headers, identified.browser).await?,
        origin,
        theme: cookies.theme(headers),
        cookies: cookies.device_cookies_received(headers),
        referring_page: referring_page(web, headers),
        path_and_query: uri
            .path_and_query()
            .map_or_else(|| "/".to_owned(), ToString::to_string),
        internal_config: web.internal_config(),
        is_demo: web.is_demo(),
    };
    let brought = BrowserState {
        session,
        enrolments: facts.enrolments.clone(),
        browser: facts.browser,
        device: identified.renewed.or(identified.same),
        shares_domain,
    };
    Ok((facts, brought))
}

/// Whether another program sets cookies with the name of ours that services see. A narrower domain may then be that of
/// another Latchkey, whose cookie is not ours to end.
fn shares_domain(web: &Web, headers: &HeaderMap) -> bool {
    // More than that are forged, and checking each costs time.
    let others: Vec<_> = web
        .cookies()
        .unrecognised_device_cookies(headers)
        .take(MAX_OTHERS + 1)
        .collect();
    others.len() > MAX_OTHERS
        || others
            .iter()
            .any(|value| web.engine().device_of(value).is_none())
}

/// Keeps a live session alive and ends one that has run out.
async fn with_session(
    web: &Web,
    mut current_user: CurrentUser,
    session: &mut Option<Session>,
    prolongs_session: bool,
    changes: &mut SetCookies,
) -> Result<CurrentUser> {
    let engine = web.engine();
    let is_live = current_user
        .sign_in
        .is_some_and(|sign_in| sign_in.is_live(current_user.role, engine.now()));
    match session {
        Some(_) if is_live && !prolongs_session => {}
        Some(live) if is_live => {
            current_user.sign_in = live.touch(engine, &current_user).await?;
            // It ended since it was loaded: it does not come back.
            if current_user.sign_in.is_none() {
                current_user.session = None;
            }
        }
        Some(_) | None => (current_user.sign_in, current_user.session) = (None, None),
    }
    // Ended on the server: a clock that is set back later must not revive it.
    if !is_live && let Some(ended) = session.take() {
        ended.end().await?;
        changes.end_session();
    }
    Ok(current_user)
}

/// The page of ours that a form was sent from: path and query.
fn referring_page(web: &Web, headers: &HeaderMap) -> Option<String> {
    let referer = Url::parse(headers.get(header::REFERER)?.to_str().ok()?).ok()?;
    let is_ours = referer.origin() == web.public_url().url().origin();
    let path = &referer[url::Position::BeforePath..url::Position::AfterQuery];
    // `//` at the start of a Location names another host.
    (is_ours && path.starts_with('/') && !path.starts_with("//") && !path.contains('\\'))
        .then(|| path.to_owned())
}

/// Forms without a better place to go lead back to their referrer: let that be ours, or none.
fn point_referer(headers: &mut HeaderMap, page: Option<&str>) {
    headers.remove(header::REFERER);
    if let Some(page) = page.and_then(|page| HeaderValue::from_str(page).ok()) {
        headers.insert(header::REFERER, page);
    }
}

/// The result that the last response left, with what was typed.
async fn flash_of(
    web: &Web,
    headers: &HeaderMap,
    browser: Option<KnownBrowser>,
) -> Result<Option<Flash>> {
    let user = browser.map(|browser| browser.user);
    let flash = web.cookies().flash(headers, user, web.engine().now());
    Ok(match (flash, browser) {
        (Some(flash), Some(browser)) if flash.is_kept => Some(Flash {
            typed: web.engine().saved_form(browser).await?,
            ..flash
        }),
        (flash, _) => flash,
    })
}
