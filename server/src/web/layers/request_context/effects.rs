//! What a handler left in the request context becomes cookies and sessions.

use super::BrowserState;
use crate::web::{Web, cookies::SetCookies, session::Session};
use latchkey_app::{flash::Flash, request_context::ResponseEffect};
use latchkey_engine::{KnownBrowser, Lane, Result, SignedIn};
use std::collections::BTreeMap;

/// Applies effects in the order in which they were left.
pub(super) async fn apply(
    web: &Web,
    effects: Vec<ResponseEffect>,
    brought: BrowserState,
    changes: &mut SetCookies,
) -> Result<()> {
    let BrowserState {
        mut session,
        mut enrolments,
        browser,
        device,
        shares_domain,
    } = brought;
    let (engine, cookies) = (web.engine(), web.cookies());
    let now = engine.now();
    for effect in effects {
        match effect {
            ResponseEffect::SignIn(signed_in) => {
                sign_in(web, &signed_in, session.take(), changes).await?
            }
            ResponseEffect::SignOut(cookie) => {
                if let Some(session) = session.take() {
                    session.end().await?;
                }
                changes.end_session();
                changes.clear_site_data();
                if let Some(cookie) = &cookie {
                    changes.set_device(cookies, cookie, now);
                }
            }
            ResponseEffect::ForgetDevice => {
                session = None;
                changes.end_session();
                changes.clear_site_data();
                changes.end_device(cookies);
            }
            ResponseEffect::KeepEnrolment(handle) => {
                enrolments.retain(|known| *known != handle);
                enrolments.insert(0, handle);
                changes.set_enrolments(&enrolments);
            }
            ResponseEffect::EndEnrolment(handle) => {
                enrolments.retain(|known| *known != handle);
                changes.set_enrolments(&enrolments);
            }
            ResponseEffect::KeepApproval(ticket) => changes.set_approval(&ticket),
            ResponseEffect::EndApproval => changes.end_approval(),
            ResponseEffect::Flash(flash) => store_flash(web, *flash, browser, changes).await?,
            ResponseEffect::Theme(theme) => changes.set_theme(theme),
            ResponseEffect::RedirectedTo(redirects) => changes.set_redirects(redirects),
            ResponseEffect::RepeatDevice => {
                // What came may be of a narrower domain, from before it was widened.
                if let Some(device) = &device {
                    changes.set_device(cookies, device, now);
                }
                if !shares_domain {
                    changes.end_narrower(cookies);
                }
            }
            ResponseEffect::CookieProblemLog(problem) => {
                changes.set_no_redirect();
                web.cookie_problems().log(&problem, now);
            }
        }
    }
    Ok(())
}

/// Keeps a result for the next page. A text that is too long for a cookie is kept on the server, if it was typed on a
/// device.
async fn store_flash(
    web: &Web,
    flash: Flash,
    browser: Option<KnownBrowser>,
    changes: &mut SetCookies,
) -> Result<()> {
    let (engine, cookies) = (web.engine(), web.cookies());
    let (user, now) = (browser.map(|browser| browser.user), engine.now());
    // One that is kept here already is passed on as it is: pages are opened more often than forms are sent.
    if !flash.is_kept && changes.set_flash(cookies, &flash, user, now) {
        return Ok(());
    }
    let is_kept = match browser {
        Some(_) if flash.is_kept => true,
        Some(browser) if web.admission().may_keep_form(browser.device) => {
            engine.save_form(browser, &flash.typed).await?
        }
        Some(_) | None => false,
    };
    let shorter = Flash {
        typed: BTreeMap::new(),
        is_kept,
        ..flash
    };
    // Our own texts always fit.
    changes.set_flash(cookies, &shorter, user, now);
    Ok(())
}

/// The session gets a new id and the old one ends, so that an id that an attacker planted is worth nothing afterwards
/// (session fixation: Keycloak CVE-2026-7507).
async fn sign_in(
    web: &Web,
    signed_in: &SignedIn,
    old: Option<Session>,
    changes: &mut SetCookies,
) -> Result<()> {
    // The user is known from now on and does not queue with anonymous requests.
    let web = web.clone().in_lane(Lane::Known);
    let engine = web.engine();
    // First the device: it exists already, and a code is good only once.
    changes.set_device(web.cookies(), &signed_in.cookie, engine.now());
    if let Some(old) = old {
        old.end().await?;
    }
    if let Some(id) = Session::start(engine, &signed_in.current_user).await? {
        changes.set_session(id);
    }
    Ok(())
}
