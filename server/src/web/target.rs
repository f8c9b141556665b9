//! The way to the sign-in page and back to where somebody was going.
//!
//! A short target travels in the address. A long one waits on the server (`engine/src/kept.rs`) and the address has its
//! name; anybody can ask for long addresses, so only so many are kept from one network and from all.

use super::{Web, admission::Source, client};
use axum::http::HeaderMap;
use latchkey_app::answer;
use latchkey_domain::return_to::{LONG, MAX_LENGTH};
use latchkey_engine::{Lane, Result};
use std::net::SocketAddr;

/// The sign-in page that leads back to `target`, a path of ours or the address of a service's page. Of one that cannot be
/// kept the beginning is left: the page without its query, or the service.
pub(super) async fn sign_in_page(
    web: &Web,
    peer: Option<SocketAddr>,
    headers: &HeaderMap,
    target: &str,
) -> String {
    if target.len() <= LONG {
        return answer::sign_in_page(target);
    }
    let source = Source::of(client::address_of(peer, headers, web.proxy()));
    match kept(web, source, target).await {
        Ok(Some(name)) => answer::sign_in_page(&name),
        Ok(None) => answer::sign_in_page(beginning_of(target)),
        Err(cause) => {
            tracing::error!(error = %cause, "a long target could not be kept");
            answer::sign_in_page(beginning_of(target))
        }
    }
}

async fn kept(web: &Web, source: Source, target: &str) -> Result<Option<String>> {
    let web = web.clone().in_lane(Lane::Anonymous);
    let engine = web.engine();
    // What nobody is led to is not worth a row.
    if target.len() > MAX_LENGTH || engine.return_target(target).await?.is_none() {
        return Ok(None);
    }
    let name = engine.name_of_target(target);
    if !engine.is_target_kept(&name).await? {
        if !web.admission().may_keep_target(source) {
            return Ok(None);
        }
        engine.keep_target(&name, target).await?;
    }
    Ok(Some(name))
}

/// What is left of a target that is too long: without its query, or else its host alone.
fn beginning_of(target: &str) -> &str {
    let page = target.split(['?', '#']).next().unwrap_or_default();
    if page.len() <= LONG {
        return page;
    }
    let host_ends = target
        .find("://")
        .and_then(|scheme| Some(scheme + 3 + target.get(scheme + 3..)?.find('/')?));
    host_ends.map_or("/", |end| &target[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_target_leads_to_the_same_host() {
        let long = "x".repeat(LONG);
        for (target, left) in [
            (format!("/admin/users?q={long}"), "/admin/users"),
            (format!("/{long}?q=1"), "/"),
            (
                format!("https://photos.example.com/a?{long}"),
                "https://photos.example.com/a",
            ),
            (
                format!("https://photos.example.com/{long}/a?b"),
                "https://photos.example.com",
            ),
            (
                format!("https://photos.example.com?{long}"),
                "https://photos.example.com",
            ),
        ] {
            assert_eq!(beginning_of(&target), left);
        }
    }
}
