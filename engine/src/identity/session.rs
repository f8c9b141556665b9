//! Browser sessions; the web layer decides what is in them.

use crate::{
    Conflict, Engine, Error, IssuedCookie, Noun, RequestOrigin, Result, SessionError, SessionRow,
    audit::acted_from::ActedFrom,
    identity,
    identity::cascade::TOKEN_FAMILY,
    identity::recovery::protection,
    identity::user::require_user_under_authority,
    keys::{device_cookie::DeviceCookie, keyring},
    tokens::store::family::FamilyOwner,
    unit_of_work::{Actor, Tx},
};
use latchkey_domain::{
    access::permission::{
        Authorizes, CurrentUser, SelfRevocation, SessionDigest, SessionsRead, SessionsRevoke,
    },
    event::{Ended, SignedOut},
    id::{DeviceId, UserId},
    identity::device::DeviceKind,
    identity::email::Email,
    name::DisplayName,
    pagination::{Batch, Cursor, MAX_BATCH},
    secret::SecretBytes,
};
use serde::Serialize;
use time::OffsetDateTime;

/// A session that was found.
#[derive(Debug, Clone)]
pub struct LoadedSession {
    /// Its contents.
    pub row: SessionRow,
    /// By what it is found again within a change.
    pub digest: SessionDigest,
}

/// A session as lists show it. A device has one at most, so its id names the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionView {
    /// The device.
    pub device_id: DeviceId,
    /// Whose.
    pub user_id: UserId,
    /// Their address.
    pub email: Email,
    /// What its owner calls the device.
    pub device: DisplayName,
    /// What sort of thing it is.
    pub kind: DeviceKind,
    /// The address it was last seen from.
    pub ip: Option<String>,
    /// When its user signed in.
    #[serde(with = "time::serde::rfc3339")]
    pub started_at: OffsetDateTime,
    /// When it was last used, to within a few seconds.
    #[serde(with = "time::serde::rfc3339")]
    pub last_active_at: OffsetDateTime,
    /// When it ends at the latest.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// All sessions of a user, who has no more devices than that.
pub(crate) const ALL: Cursor<DeviceId> = Cursor {
    after: None,
    limit: MAX_BATCH,
};

/// A session is found by the digest of its id: a leaked database holds no session.
fn lookup_digest(id: &[u8]) -> SessionDigest {
    keyring::digest("session", id)
}

impl Engine {
    /// Stores a new session.
    ///
    /// # Errors
    /// [`SessionError::IdTaken`]; [`SessionError::Ended`] when the sign-in on its device has ended meanwhile.
    pub async fn create_session(&self, id: &[u8], row: SessionRow) -> Result<(), SessionError> {
        let permit = self.acquire_write_permit().await?;
        let store = &self.inner.ephemeral;
        store
            .create_session(permit.db(), lookup_digest(id), row)
            .await
    }

    /// Stores the new contents of a session.
    ///
    /// # Errors
    /// [`SessionError::Ended`] when it has ended meanwhile: it does not come back.
    pub async fn save_session(&self, id: &[u8], row: SessionRow) -> Result<(), SessionError> {
        let permit = self.acquire_write_permit().await?;
        let store = &self.inner.ephemeral;
        store
            .save_session(permit.db(), lookup_digest(id), row)
            .await
    }

    /// The session of that id, unless it has ended.
    ///
    /// # Errors
    /// Internal only.
    pub async fn load_session(&self, id: &[u8]) -> Result<Option<LoadedSession>> {
        let digest = lookup_digest(id);
        let store = &self.inner.ephemeral;
        let row = store.session(self.db(), digest, self.now()).await?;
        Ok(row.map(|row| LoadedSession { row, digest }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Internal only.
    pub async fn delete_session(&self, id: &[u8]) -> Result<()> {
        let permit = self.acquire_write_permit().await?;
        let store = &self.inner.ephemeral;
        store.delete_session(permit.db(), lookup_digest(id)).await
    }

    /// Signs this device out: its cookie opens nothing and its sessions end; the device and its passkey
    /// stay, so that the user can come back with it, and an administrator can still revoke both. Returns the cookie by
    /// which this browser, and no copy of the old cookie, is recognised from now on; `None` if the device had ended.
    ///
    /// # Errors
    /// Internal only; an already ended device is fine.
    pub async fn sign_out(
        &self,
        current_user: &CurrentUser,
        origin: &RequestOrigin,
    ) -> Result<Option<IssuedCookie>> {
        let keys = &self.inner.keys;
        let mut tx = self.begin(Actor::from(current_user), origin).await?;
        let device = identity::store::device::find(&tx, current_user.device_id).await?;
        let Some(device) = device else {
            return Ok(None);
        };
        let cookie = DeviceCookie {
            device: device.id,
            secret: SecretBytes::new(self.inner.settings.rng.bytes()),
            expires_at: device.expires_at,
        };
        let Ok((device, event)) = device.sign_out_here(self.now(), cookie.secret_tag(keys)) else {
            return Ok(None);
        };
        tx.act_from(ActedFrom::device(&device, origin).in_session(current_user.session));
        end_sign_in(&mut tx, device.id, event).await?;
        tx.commit().await?;
        Ok(Some(cookie.issue(keys)))
    }

    /// A batch of the sessions that have not ended; of one user when asked.
    ///
    /// # Errors
    /// Internal only.
    pub async fn session_batch(
        &self,
        _proof: &dyn Authorizes<SessionsRead>,
        cursor: Cursor<DeviceId>,
        user: Option<UserId>,
    ) -> Result<Batch<SessionView>> {
        self.sessions(cursor, user).await
    }

    /// The sessions of this user that have not ended.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_sessions(&self, current_user: &CurrentUser) -> Result<Vec<SessionView>> {
        Ok(self.sessions(ALL, Some(current_user.user_id)).await?.items)
    }

    /// The sessions of a user that have not ended.
    ///
    /// # Errors
    /// Internal only.
    pub async fn sessions_of(
        &self,
        _proof: &dyn Authorizes<SessionsRead>,
        user: UserId,
    ) -> Result<Vec<SessionView>> {
        Ok(self.sessions(ALL, Some(user)).await?.items)
    }

    pub(crate) async fn sessions(
        &self,
        cursor: Cursor<DeviceId>,
        user: Option<UserId>,
    ) -> Result<Batch<SessionView>> {
        let cursor = Cursor {
            limit: cursor.limit.clamp(1, MAX_BATCH),
            ..cursor
        };
        let (db, store) = (self.read(), &self.inner.ephemeral);
        let found = store
            .live_devices(self.db(), cursor, user, self.now())
            .await?;
        let found = Batch::of(found, cursor.limit);
        let mut items = Vec::with_capacity(found.items.len());
        for (id, expires_at) in found.items {
            // Deleted meanwhile, it has no session either.
            let Some(device) = identity::store::device::find(&db, id).await? else {
                continue;
            };
            let Some(user) = identity::store::user::find(&db, device.user_id).await? else {
                continue;
            };
            items.push(SessionView {
                device_id: id,
                user_id: user.id,
                email: user.email,
                device: device.name,
                kind: device.kind,
                ip: device.last_ip,
                started_at: device.last_auth_at,
                last_active_at: device.last_seen_at,
                expires_at,
            });
        }
        Ok(Batch {
            items,
            has_more: found.has_more,
        })
    }

    /// Signs another device of this user out, as [`Engine::sign_out`] does.
    ///
    /// # Errors
    /// Not found when it is not theirs, or not signed in; conflict when this device is in recovery, and the user signed in on the
    /// other one since.
    pub async fn end_my_session(
        &self,
        proof: impl Into<SelfRevocation>,
        device: DeviceId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let proof = proof.into();
        let mut tx = self.begin(&proof, origin).await?;
        let missing = || Error::NotFound(Noun::Device);
        let device = identity::store::device::find(&tx, device).await?;
        let user = proof.current_user().user_id;
        let device = device.filter(|device| device.user_id == user);
        let device = device.ok_or_else(missing)?;
        let here = proof.current_user().device_id;
        let since = protection::recovering_since(&tx, here, self.now()).await?;
        if since.is_some_and(|since| device.withstands_recovery(since)) {
            return Err(Error::conflict("device", Conflict::SignedInSinceRecovery));
        }
        let (device, event) = device.sign_out(self.now()).map_err(|_| missing())?;
        end_sign_in(&mut tx, device.id, event).await?;
        tx.commit().await
    }

    /// Signs all devices of this user out that have a session, but this one, and those that a recovery on this one does not
    /// end. Returns how many.
    ///
    /// # Errors
    /// Internal only.
    pub async fn end_my_other_sessions(
        &self,
        proof: impl Into<SelfRevocation>,
        origin: &RequestOrigin,
    ) -> Result<u64> {
        let proof = proof.into();
        let mut tx = self.begin(&proof, origin).await?;
        let (user, here) = (proof.current_user().user_id, proof.current_user().device_id);
        let store = &self.inner.ephemeral;
        // A user has fewer devices than a batch has sessions.
        let live = store
            .live_devices(tx.db(), ALL, Some(user), self.now())
            .await?;
        let since = protection::recovering_since(&tx, here, self.now()).await?;
        let mut ended = 0;
        for (id, _) in live.into_iter().filter(|(id, _)| *id != here) {
            let device = identity::store::device::find(&tx, id).await?;
            let device = device
                .filter(|device| since.is_none_or(|since| !device.withstands_recovery(since)));
            if let Some(Ok((device, event))) = device.map(|device| device.sign_out(self.now())) {
                end_sign_in(&mut tx, device.id, event).await?;
                ended += 1;
            }
        }
        tx.commit().await?;
        Ok(ended)
    }

    /// Signs a device out, whosever it is, as [`Engine::sign_out`] does.
    ///
    /// # Errors
    /// Not found when the device is not signed in; forbidden for one of a user who may do more than the caller.
    pub async fn end_session(
        &self,
        proof: &dyn Authorizes<SessionsRevoke>,
        device: DeviceId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let missing = || Error::NotFound(Noun::Device);
        let device = identity::store::device::find(&tx, device).await?;
        let device = device.ok_or_else(missing)?;
        require_user_under_authority(&tx, device.user_id).await?;
        let (device, event) = device.sign_out(self.now()).map_err(|_| missing())?;
        end_sign_in(&mut tx, device.id, event).await?;
        tx.commit().await
    }
}

/// Ends what belongs to a sign-in on a device, with the sign-in.
async fn end_sign_in(tx: &mut Tx<'_>, device: DeviceId, event: SignedOut) -> Result<()> {
    let sessions = tx.end_sessions_of_device(device).await?;
    let families = tx.end_token_families(FamilyOwner::Device(device)).await?;
    let ended = Ended::new([(sessions, "session"), (families, TOKEN_FAMILY)]);
    tx.apply(SignedOut { ended, ..event }).await
}
