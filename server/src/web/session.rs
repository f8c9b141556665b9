//! Browser sessions: tower-sessions keeps id and contents, the engine stores them.
//!
//! A session says on which device a user signed in, when, and when they were last active. Its id has 128 bits and is
//! worthless without the device's 256-bit secret: a session counts only on its own device.
//!
//! Our own layer stands in place of tower-sessions': that one writes after the response, and only if it is no 5xx, but
//! what happened before an error stays happened; a session that ended meanwhile must be noticed before the handler
//! runs; and of two cookies of the same name it believes one.

mod store;

use latchkey_domain::{
    access::permission::{CurrentUser, SessionLimits, SignIn},
    id::DeviceId,
};
use latchkey_engine::{Engine, Result, SessionFacts};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::EngineStore;
use time::{Duration, OffsetDateTime};
use tower_sessions_core::{
    Expiry, Session as Stored,
    session::{Error as SessionError, Id},
};

/// The last activity is kept to within this: a row is not written for every request.
const ACTIVITY_GRAIN: Duration = Duration::seconds(30);

/// Under this key the contents are stored.
const KEY: &str = "sign_in";

/// A session of this browser that the server knows.
#[derive(Debug)]
pub(super) struct Session {
    stored: Stored,
    store: Arc<EngineStore>,
    /// What it says.
    pub(super) facts: SessionFacts,
}

#[derive(Serialize, Deserialize)]
struct Contents {
    device_id: DeviceId,
    signed_in_at: i64,
    last_active_at: i64,
}

impl Contents {
    const fn new(device_id: DeviceId, sign_in: SignIn) -> Self {
        Self {
            device_id,
            signed_in_at: sign_in.at.unix_timestamp(),
            last_active_at: sign_in.last_active_at.unix_timestamp(),
        }
    }

    fn sign_in(&self) -> Option<SignIn> {
        let at = |seconds| OffsetDateTime::from_unix_timestamp(seconds).ok();
        Some(SignIn {
            at: at(self.signed_in_at)?,
            last_active_at: at(self.last_active_at)?,
        })
    }
}

impl Session {
    /// The session that the cookie names, if there is one.
    pub(super) async fn load(engine: &Engine, cookie: Option<&str>) -> Result<Option<Self>> {
        let Some(id) = cookie.and_then(|cookie| cookie.parse::<Id>().ok()) else {
            return Ok(None);
        };
        let store = Arc::new(EngineStore::new(engine));
        let stored = Stored::new(Some(id), Arc::clone(&store), None);
        let contents: Contents = match stored.get(KEY).await {
            Ok(Some(contents)) => contents,
            Ok(None) | Err(SessionError::SerdeJson(_)) => return Ok(None),
            Err(error) => return Err(store.error(error)),
        };
        let (Some(sign_in), Some(digest)) = (contents.sign_in(), store.digest()) else {
            return Ok(None);
        };
        Ok(Some(Self {
            stored,
            store,
            facts: SessionFacts {
                device_id: contents.device_id,
                sign_in,
                digest,
            },
        }))
    }

    /// Begins a session for a user who just signed in, always under a new id (no fixation: Keycloak CVE-2026-7507);
    /// returns the cookie's value. `None` when the device has ended since.
    pub(super) async fn start(
        engine: &Engine,
        current_user: &CurrentUser,
    ) -> Result<Option<String>> {
        let now = engine.now();
        let sign_in = current_user.sign_in.unwrap_or(SignIn {
            at: now,
            last_active_at: now,
        });
        let store = Arc::new(EngineStore::new(engine));
        let stored = Stored::new(None, Arc::clone(&store), None);
        let contents = Contents::new(current_user.device_id, sign_in);
        let is_begun = save(&stored, &store, &contents, sign_in, current_user).await?;
        Ok(stored.id().filter(|_| is_begun).map(|id| id.to_string()))
    }

    /// Remembers that the user is active, every now and then. Returns the sign-in, if the session is still there.
    pub(super) async fn touch(
        &self,
        engine: &Engine,
        current_user: &CurrentUser,
    ) -> Result<Option<SignIn>> {
        let now = engine.now();
        if now - self.facts.sign_in.last_active_at < ACTIVITY_GRAIN {
            return Ok(Some(self.facts.sign_in));
        }
        let sign_in = SignIn {
            last_active_at: now,
            ..self.facts.sign_in
        };
        let contents = Contents::new(self.facts.device_id, sign_in);
        let is_there = save(&self.stored, &self.store, &contents, sign_in, current_user).await?;
        Ok(is_there.then_some(sign_in))
    }

    /// Ends it on the server: its cookie is worth nothing from now on.
    pub(super) async fn end(self) -> Result<()> {
        let ended = self.stored.delete().await;
        ended.map_err(|error| self.store.error(error))
    }
}

/// Writes the contents; whether the session, or its device, is still there.
async fn save(
    stored: &Stored,
    store: &EngineStore,
    contents: &Contents,
    sign_in: SignIn,
    current_user: &CurrentUser,
) -> Result<bool> {
    let expires_at = sign_in.at + SessionLimits::of(current_user.role).absolute;
    stored.set_expiry(Some(Expiry::AtDateTime(expires_at)));
    let saved = async {
        stored.insert(KEY, contents).await?;
        stored.save().await
    };
    match saved.await {
        Ok(()) => Ok(true),
        Err(_) if store.has_ended() => Ok(false),
        Err(error) => Err(store.error(error)),
    }
}
