//! The sign-in page's URL with the return address in it.
//!
//! A short return address is part of the URL. A long one is saved on the server
//! (`engine/src/ephemeral/saved_request.rs`), and the URL contains its name. Anonymous clients can cause this, so the
//! number of saved addresses is limited per network and in total.

use super::{Web, admission::Source, client};
use axum::http::HeaderMap;
use latchkey_app::url;
use latchkey_domain::request::return_to::{LONG, MAX_LENGTH};
use latchkey_engine::{Lane, Result, SAVED_REQUEST_LIFETIME};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::timeout;

/// How long a response waits until its return address is saved. Otherwise a proxy's request with a long address would
/// wait for all other writes.
#[derive(Debug, Clone, Copy)]
pub(super) enum SaveTimeout {
    /// For a browser.
    Public,
    /// For a proxy.
    Internal,
}

impl SaveTimeout {
    const fn duration(self) -> Duration {
        match self {
            Self::Public => Duration::from_secs(1),
            Self::Internal => Duration::from_millis(50),
        }
    }
}

/// The names of addresses that were saved recently, which are not written again.
#[derive(Default)]
pub(super) struct SavedTargets(Mutex<HashMap<String, i64>>);

impl SavedTargets {
    fn has(&self, name: &str, now: i64) -> bool {
        self.lock().get(name).is_some_and(|until| *until > now)
    }

    /// Bounded by the quotas: at most as many as may be saved in half an hour.
    fn insert(&self, name: &str, now: i64) {
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

/// The sign-in page that returns to `target`, a path of ours or the URL of a service's page. If a long target cannot be
/// saved, it is shortened to the page without its query, or to the service.
pub(super) async fn sign_in_url(
    web: &Web,
    peer: Option<SocketAddr>,
    headers: &HeaderMap,
    target: &str,
    save_timeout: SaveTimeout,
) -> String {
    if target.len() <= LONG {
        return url::sign_in_url(target);
    }
    let source = Source::of(client::address_of(peer, headers, web.proxy()));
    match timeout(save_timeout.duration(), save(web, source, target)).await {
        Ok(Ok(Some(name))) => return url::sign_in_url(&name),
        Ok(Ok(None)) => {}
        Ok(Err(cause)) => {
            tracing::debug!(error = %cause, "a long return address could not be saved")
        }
        Err(_) => tracing::debug!("a long return address could not be saved in time"),
    }
    url::sign_in_url(shortened(target))
}

async fn save(web: &Web, source: Source, target: &str) -> Result<Option<String>> {
    let web = web.clone().in_lane(Lane::Anonymous);
    let engine = web.engine();
    // A target that would be refused after signing in is not saved.
    if target.len() > MAX_LENGTH || engine.return_target(target).await?.is_none() {
        return Ok(None);
    }
    let (name, now) = (
        engine.handle_of_target(target),
        engine.now().unix_timestamp(),
    );
    if !web.saved_targets().has(&name, now) {
        if !web.admission().may_keep_target(source) {
            return Ok(None);
        }
        engine.save_target(&name, target).await?;
        web.saved_targets().insert(&name, now);
    }
    Ok(Some(name))
}

/// A target without its query or, if it is still too long, its host only.
fn shortened(target: &str) -> &str {
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
    fn a_shortened_target_has_the_same_host() {
        let long = "x".repeat(LONG);
        for (target, expected) in [
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
            assert_eq!(shortened(&target), expected);
        }
    }
}
