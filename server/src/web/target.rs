//! The way to the sign-in page and back to where somebody was going.
//!
//! A short target travels in the address. A long one waits on the server (`engine/src/kept.rs`) and the address has its
//! name; anybody can ask for long addresses, so only so many are kept from one network and from all.

use super::{Web, admission::Source, client};
use axum::http::HeaderMap;
use latchkey_app::response;
use latchkey_domain::request::return_to::{LONG, MAX_LENGTH};
use latchkey_engine::{Lane, Result, SAVED_REQUEST_LIFETIME};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::timeout;

/// How long somebody waits for their target to be kept. Where a proxy waits for an answer, anybody's long address would
/// otherwise wait for whatever else is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Patience {
    /// A page of ours.
    Public,
    /// A proxy's question.
    Internal,
}

impl Patience {
    const fn time(self) -> Duration {
        match self {
            Self::Public => Duration::from_secs(1),
            Self::Internal => Duration::from_millis(50),
        }
    }
}

/// The names of targets that were kept lately: what is asked for again is not written again.
#[derive(Default)]
pub(super) struct KeptTargets(Mutex<HashMap<String, i64>>);

impl KeptTargets {
    fn has(&self, name: &str, now: i64) -> bool {
        self.lock().get(name).is_some_and(|until| *until > now)
    }

    /// As many as may be kept in half an hour: the quotas bound them.
    fn note(&self, name: &str, now: i64) {
        let mut names = self.lock();
        names.retain(|_, until| *until > now);
        names.insert(
            name.to_owned(),
            now + SAVED_REQUEST_LIFETIME.whole_seconds() / 2,
        );
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The sign-in page that leads back to `target`, a path of ours or the address of a service's page. Of one that cannot be
/// kept the beginning is left: the page without its query, or the service.
pub(super) async fn sign_in_page(
    web: &Web,
    peer: Option<SocketAddr>,
    headers: &HeaderMap,
    target: &str,
    patience: Patience,
) -> String {
    if target.len() <= LONG {
        return response::sign_in_page(target);
    }
    let source = Source::of(client::address_of(peer, headers, web.proxy()));
    match timeout(patience.time(), kept(web, source, target)).await {
        Ok(Ok(Some(name))) => return response::sign_in_page(&name),
        Ok(Ok(None)) => {}
        Ok(Err(cause)) => tracing::debug!(error = %cause, "a long target could not be kept"),
        Err(_) => tracing::debug!("a long target could not be kept in time"),
    }
    response::sign_in_page(beginning_of(target))
}

async fn kept(web: &Web, source: Source, target: &str) -> Result<Option<String>> {
    let web = web.clone().in_lane(Lane::Anonymous);
    let engine = web.engine();
    // What nobody is led to is not worth a row.
    if target.len() > MAX_LENGTH || engine.return_target(target).await?.is_none() {
        return Ok(None);
    }
    let (name, now) = (
        engine.handle_of_target(target),
        engine.now().unix_timestamp(),
    );
    if !web.kept_targets().has(&name, now) {
        if !web.admission().may_keep_target(source) {
            return Ok(None);
        }
        engine.save_target(&name, target).await?;
        web.kept_targets().note(&name, now);
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
