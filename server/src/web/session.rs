//! Browser sessions: a random name in a cookie, the contents on the server.
//!
//! Not a general store of values: a session says on which device somebody signed in, when, and when
//! they were last here. It is written where it changes and by our own clock, whatever the status
//! of the answer; and it always begins under a new name (no fixation: Keycloak CVE-2026-7507).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use latchkey_domain::{
    access::permission::{CurrentUser, SessionLimits, SignIn},
    id::DeviceId,
};
use latchkey_engine::{Engine, Error, Result, SessionFacts, SessionRow};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// 256 bits, as promised for session secrets.
const ID_BYTES: usize = 32;
/// The last activity is kept to within this: a row is not written for every request.
const ACTIVITY_GRAIN: Duration = Duration::seconds(30);

/// A session of this browser that the server knows.
#[derive(Debug)]
pub(super) struct Session {
    id: [u8; ID_BYTES],
    /// What it says.
    pub(super) facts: SessionFacts,
}

#[derive(Serialize, Deserialize)]
struct Contents {
    device_id: DeviceId,
    signed_in_at: i64,
    last_active_at: i64,
}

fn parse(cookie: &str) -> Option<[u8; ID_BYTES]> {
    // Length first: a header can be long, and decoding it would be work for an attacker's pleasure.
    if cookie.len() != ID_BYTES.div_ceil(3) * 4 - 1 {
        return None;
    }
    URL_SAFE_NO_PAD.decode(cookie).ok()?.try_into().ok()
}

fn row(device_id: DeviceId, sign_in: SignIn, expires_at: OffsetDateTime) -> Result<SessionRow> {
    let contents = Contents {
        device_id,
        signed_in_at: sign_in.at.unix_timestamp(),
        last_active_at: sign_in.last_active_at.unix_timestamp(),
    };
    let data = serde_json::to_vec(&contents).map_err(Error::internal)?;
    Ok(SessionRow {
        device_id: Some(device_id),
        data,
        expires_at,
    })
}

impl Session {
    /// The session that the cookie names, if there is one.
    pub(super) async fn load(engine: &Engine, cookie: Option<&str>) -> Result<Option<Self>> {
        let Some(id) = cookie.and_then(parse) else {
            return Ok(None);
        };
        let Some(loaded) = engine.load_session(&id).await? else {
            return Ok(None);
        };
        let Ok(contents) = serde_json::from_slice::<Contents>(&loaded.row.data) else {
            return Ok(None);
        };
        let (Ok(at), Ok(last_active_at)) = (
            OffsetDateTime::from_unix_timestamp(contents.signed_in_at),
            OffsetDateTime::from_unix_timestamp(contents.last_active_at),
        ) else {
            return Ok(None);
        };
        Ok(Some(Self {
            id,
            facts: SessionFacts {
                device_id: contents.device_id,
                sign_in: SignIn { at, last_active_at },
                digest: loaded.digest,
            },
        }))
    }

    /// Begins a session for somebody who just signed in; returns the cookie's value. `None` when what they
    /// signed in to has ended since.
    pub(super) async fn start(
        engine: &Engine,
        current_user: &CurrentUser,
    ) -> Result<Option<String>> {
        let now = engine.now();
        let sign_in = current_user.sign_in.unwrap_or(SignIn {
            at: now,
            last_active_at: now,
        });
        // From the operating system, not from the engine's generator: that one can be seeded for
        // tests, and nothing ever needs to foresee the name of a session.
        let mut id = [0; ID_BYTES];
        getrandom::fill(&mut id).map_err(Error::internal)?;
        let expires_at = sign_in.at + SessionLimits::of(current_user.role).absolute;
        let is_begun = engine
            .save_session(&id, row(current_user.device_id, sign_in, expires_at)?, true)
            .await?;
        Ok(is_begun.then(|| URL_SAFE_NO_PAD.encode(id)))
    }

    /// Remembers that the person is here, now and then. Returns whether the session is still there.
    pub(super) async fn touch(&self, engine: &Engine, current_user: &CurrentUser) -> Result<bool> {
        let now = engine.now();
        if now - self.facts.sign_in.last_active_at < ACTIVITY_GRAIN {
            return Ok(true);
        }
        let sign_in = SignIn {
            last_active_at: now,
            ..self.facts.sign_in
        };
        let expires_at = sign_in.at + SessionLimits::of(current_user.role).absolute;
        let row = row(self.facts.device_id, sign_in, expires_at)?;
        engine.save_session(&self.id, row, false).await
    }

    /// Ends it on the server: its cookie is worth nothing from now on.
    pub(super) async fn end(self, engine: &Engine) -> Result<()> {
        engine.delete_session(&self.id).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_looked_up() {
        let name = URL_SAFE_NO_PAD.encode([7; ID_BYTES]);
        assert_eq!(parse(&name), Some([7; ID_BYTES]));
        for wrong in [
            "",
            "x",
            &name[1..],
            &format!("{name}A"),
            &format!("{}=", &name[1..]),
            &name.replace('B', "+"),
            &"A".repeat(100_000),
        ] {
            assert_eq!(parse(wrong), None, "{wrong:.60}");
        }
    }
}
