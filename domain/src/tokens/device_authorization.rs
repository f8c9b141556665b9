//! Device authorizations (RFC 8628): a program without a browser shows a code, and its user approves on a device of theirs.

use crate::{
    access::permission::PermissionSet,
    event::{DeviceAuthorizationApproved, DeviceAuthorizationDenied, NamedUser},
    id::{ClientId, DeviceId, ServiceId, UserId},
    tokens::{
        client::Client,
        scope::{TokenScope, TokenScopes},
    },
};
use time::{Duration, OffsetDateTime};

/// How long a code can be approved.
pub const LIFETIME: Duration = Duration::minutes(10);

/// How long a program waits between two requests, at first.
pub const INTERVAL: Duration = Duration::seconds(5);

/// By how much a program that asks sooner has to slow down (RFC 8628 §3.5).
pub const SLOW_DOWN: Duration = Duration::seconds(5);

/// What a program asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceAuthorization {
    /// By what the program finds it: the digest of its device code.
    pub device_code: [u8; 32],
    /// By what the user finds it: the digest of the code that they type.
    pub user_code: [u8; 32],
    /// The program.
    pub client_id: ClientId,
    /// At which service.
    pub audience: ServiceId,
    /// What it wants to do there.
    pub scopes: TokenScopes,
    /// The thumbprint of the key that its tokens will be bound to.
    pub key: Option<String>,
    /// The public key, as a JWK, if the program becomes a device of the user.
    pub public_key: Option<String>,
    /// From which address it asked, for whoever approves it.
    pub ip: Option<String>,
    /// When it asked.
    pub created_at: OffsetDateTime,
    /// When the codes end.
    pub expires_at: OffsetDateTime,
    /// What its user decided.
    pub state: AuthorizationState,
}

/// What the user decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizationState {
    /// Nothing yet.
    Pending,
    /// They approved it.
    Approved {
        /// Who.
        user: UserId,
        /// On which device.
        device: DeviceId,
    },
    /// They denied it.
    Denied,
}

/// The user decided before, or too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this authorization cannot be decided any more")]
pub struct NotPending;

/// Why an authorization cannot be approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotApprovable {
    /// It was decided before, or too late.
    #[error(transparent)]
    NotPending(#[from] NotPending),
    /// The user can grant nothing of what was asked for.
    #[error("nothing of it can be granted")]
    NothingToGrant,
}

impl DeviceAuthorization {
    /// What a user with these permissions can grant of it: in Latchkey itself no more than their role has, and never more than
    /// the client may have (RFC 6749 §3.3).
    #[must_use]
    pub fn grantable(&self, client: &Client, permissions: PermissionSet) -> TokenScopes {
        let of_role = |scope: &&TokenScope| match scope.permission() {
            Some(permission) => permissions.contains(permission),
            None => !scope.is_management(),
        };
        let of_client = self.scopes.intersection(&client.scopes);
        of_client.iter().filter(of_role).cloned().collect()
    }

    /// A user approves it on a device, or as much of it as they can grant.
    ///
    /// # Errors
    /// [`NotApprovable`].
    pub fn approve(
        self,
        client: Client,
        (user, permissions): (NamedUser, PermissionSet),
        device: DeviceId,
        now: OffsetDateTime,
    ) -> Result<(Self, DeviceAuthorizationApproved), NotApprovable> {
        let scopes = self.grantable(&client, permissions);
        let pending = self.pending(now)?;
        if scopes.is_empty() && !pending.scopes.is_empty() {
            return Err(NotApprovable::NothingToGrant);
        }
        let state = AuthorizationState::Approved {
            user: user.id,
            device,
        };
        let authorization = Self {
            scopes,
            ..pending.in_state(state)
        };
        let event = DeviceAuthorizationApproved {
            authorization: authorization.clone(),
            client,
            user,
        };
        Ok((authorization, event))
    }

    /// A user denies it.
    ///
    /// # Errors
    /// [`NotPending`].
    pub fn deny(
        self,
        client: Client,
        user: NamedUser,
        now: OffsetDateTime,
    ) -> Result<(Self, DeviceAuthorizationDenied), NotPending> {
        let authorization = self.pending(now)?.in_state(AuthorizationState::Denied);
        let event = DeviceAuthorizationDenied {
            authorization: authorization.clone(),
            client,
            user,
        };
        Ok((authorization, event))
    }

    fn pending(self, now: OffsetDateTime) -> Result<Self, NotPending> {
        match self.state {
            AuthorizationState::Pending if now < self.expires_at => Ok(self),
            _ => Err(NotPending),
        }
    }

    fn in_state(self, state: AuthorizationState) -> Self {
        Self { state, ..self }
    }
}

#[cfg(test)]
mod tests;
