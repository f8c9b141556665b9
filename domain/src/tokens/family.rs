//! Token families: what a user approved for a program on a device of theirs, and the refresh tokens that come of it.
//!
//! A refresh token is used once and replaced (RFC 9700 §4.14.2). One that was replaced and comes again was stolen, or its
//! response was lost. The program that has the key which the family is bound to gets the same successor again for a moment;
//! anyone else ends the family.

mod view;

pub use view::TokenFamilyView;

use crate::{
    event::{NamedUser, TokenFamilyEnded, TokenFamilyStarted},
    id::{DeviceId, ServiceId, TokenFamilyId, UserId},
    identity::device::{AuthMethod, Device},
    tokens::{
        access_token::LEEWAY,
        client::{Client, GrantType},
        scope::TokenScopes,
    },
};
use time::{Duration, OffsetDateTime};

/// How long a family lasts whose refresh tokens anybody can use who has them.
pub const BEARER_LIFETIME: Duration = Duration::hours(16);

/// How long a family lasts that is bound to a key.
pub const BOUND_LIFETIME: Duration = Duration::days(7);

/// For how long a refresh that was answered is answered again, if it is bound to a key.
pub const RETRY_WINDOW: Duration = Duration::seconds(30);

/// What a user approved for a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFamily {
    /// The family.
    pub id: TokenFamilyId,
    /// Who approved it.
    pub user_id: UserId,
    /// On which device; the family ends with its sign-in.
    pub device_id: DeviceId,
    /// For which program.
    pub client_id: crate::id::ClientId,
    /// At which service.
    pub audience: ServiceId,
    /// What it may do there.
    pub scopes: TokenScopes,
    /// How the program got it.
    pub grant_type: GrantType,
    /// The thumbprint of the key that its tokens are bound to (RFC 9449 §6).
    pub key: Option<String>,
    /// When the user had authenticated on the device.
    pub auth_time: OffsetDateTime,
    /// How.
    pub auth_method: AuthMethod,
    /// The last passkey assertion on the device, at that time.
    pub passkey_verified_at: Option<OffsetDateTime>,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When it ends, however often it is used.
    pub expires_at: OffsetDateTime,
    /// Random bytes in its refresh tokens, so that keys alone make none.
    pub salt: Vec<u8>,
    /// The number of its newest refresh token, from 1.
    pub generation: u32,
    /// When that was issued.
    pub refreshed_at: OffsetDateTime,
}

/// Why a family ended before it expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FamilyEnd {
    /// A refresh token was used a second time.
    Reused,
    /// The program gave its tokens back.
    ByProgram,
    /// Its user or an administrator revoked it.
    Revoked,
}

impl FamilyEnd {
    /// What the audit log says.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reused => "a used refresh token was sent again",
            Self::ByProgram => "the program revoked it",
            Self::Revoked => "its access was revoked",
        }
    }
}

/// What a refresh token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// It is the newest one: it is replaced.
    Newest,
    /// Its successor was just issued to the same key: the same one is issued again.
    Retry,
    /// It was replaced: the family ends.
    Reused,
    /// The family is over.
    Expired,
    /// The request does not prove the key of the family. Nothing changes: who has no key has not used the token.
    NotItsKey,
}

impl TokenFamily {
    /// Begins a family that a user approved on a device.
    #[must_use]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is of another type, and all are needed"
    )]
    pub fn start(
        id: TokenFamilyId,
        client: &Client,
        device: &Device,
        audience: ServiceId,
        scopes: TokenScopes,
        grant_type: GrantType,
        key: Option<String>,
        salt: [u8; 16],
        now: OffsetDateTime,
    ) -> Self {
        let is_refreshed = client.grant_types.contains(&GrantType::RefreshToken);
        let lifetime = match (&key, is_refreshed) {
            // Its one access token is all there is.
            (_, false) => client.token_lifetime + LEEWAY,
            (None, true) => BEARER_LIFETIME,
            (Some(_), true) => BOUND_LIFETIME,
        };
        Self {
            id,
            user_id: device.user_id,
            device_id: device.id,
            client_id: client.id,
            audience,
            scopes,
            grant_type,
            key,
            auth_time: device.last_auth_at,
            auth_method: device.auth_method,
            passkey_verified_at: device.passkey_verified_at,
            created_at: now,
            expires_at: now + lifetime,
            salt: salt.to_vec(),
            generation: 1,
            refreshed_at: now,
        }
    }

    /// The same for a program that is a native device: it rests on that device, and ends with it.
    #[must_use]
    pub fn on_native(self, device: &Device) -> Self {
        Self {
            device_id: device.id,
            grant_type: GrantType::JwtBearer,
            expires_at: device.expires_at,
            ..self
        }
    }

    /// The event of its beginning.
    #[must_use]
    pub fn started(self, client: Client, user: NamedUser) -> TokenFamilyStarted {
        TokenFamilyStarted {
            family: self,
            client,
            user,
        }
    }

    /// Its end, for this reason.
    #[must_use]
    pub fn end(
        self,
        client: Client,
        user: NamedUser,
        reason: FamilyEnd,
        at: OffsetDateTime,
    ) -> TokenFamilyEnded {
        TokenFamilyEnded {
            family: self,
            client,
            user,
            at,
            reason,
        }
    }

    /// What a genuine refresh token of this number is good for, for whoever proved to have `key`.
    #[must_use]
    pub fn present(&self, generation: u32, key: Option<&str>, now: OffsetDateTime) -> Presented {
        if self.expires_at <= now {
            return Presented::Expired;
        }
        if self.key.is_some() && self.key.as_deref() != key {
            return Presented::NotItsKey;
        }
        if generation == self.generation {
            return Presented::Newest;
        }
        let is_last = generation.checked_add(1) == Some(self.generation);
        // The process that issued the successor may have a clock that is ahead of this one's.
        let is_fresh = (-LEEWAY..=RETRY_WINDOW).contains(&(now - self.refreshed_at));
        match self.key.is_some() && is_last && is_fresh {
            true => Presented::Retry,
            false => Presented::Reused,
        }
    }

    /// The passkey assertion that its tokens can rest on: not a later one, which was made for something else, and none that
    /// was taken from the device since.
    #[must_use]
    pub fn passkey_of(&self, device: Option<OffsetDateTime>) -> Option<OffsetDateTime> {
        Some(self.passkey_verified_at?.min(device?))
    }
}

#[cfg(test)]
mod tests;
