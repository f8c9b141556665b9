//! What a service learns of an access token that was accepted.

use super::delegation::Delegated;
use latchkey_domain::{
    access::subject::Subject,
    id::{ClientId, UserId},
    identity::{device::Assurance, user::Role},
    tokens::scope::TokenScopes,
};
use time::OffsetDateTime;

/// A token that was accepted.
#[derive(Debug, Clone)]
pub struct AcceptedToken {
    /// Its client.
    pub client: ClientId,
    /// What it rests on: the id of a token family, or by what its client authenticated (`sid`).
    pub(crate) rests_on: String,
    /// The user for whom it speaks; `None` if it speaks for its client.
    pub user: Option<TokenUser>,
    /// What it may do.
    pub scopes: TokenScopes,
    /// Its `jti`.
    pub id: String,
    /// When it was issued, in seconds since the Unix epoch.
    pub issued_at: i64,
    /// When it ends.
    pub expires_at: i64,
    /// Whether the nonce of its proof is about to end, so that the client needs the next one.
    pub has_old_nonce: bool,
}

/// A user for whom a token speaks, as its service knows them.
#[derive(Debug, Clone)]
pub struct TokenUser {
    pub(crate) id: UserId,
    pub(super) delegated: Delegated,
    /// When they had authenticated.
    pub auth_time: OffsetDateTime,
    /// How (RFC 8176).
    pub auth_methods: &'static [&'static str],
}

impl TokenUser {
    /// By what the service knows them.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.delegated.subject
    }

    /// How sure we are of their device.
    #[must_use]
    pub fn assurance(&self) -> Assurance {
        self.delegated.assurance
    }
}

impl AcceptedToken {
    /// Whose requests it counts among: those of its client, for its user if it has one.
    #[must_use]
    pub fn counted_as(&self) -> (ClientId, Option<UserId>) {
        (self.client, self.user.as_ref().map(|user| user.id))
    }

    /// `sub`: the user as the service knows them, or the client.
    #[must_use]
    pub fn subject(&self) -> String {
        match &self.user {
            Some(user) => user.subject().to_string(),
            None => self.client.to_string(),
        }
    }

    /// Whether it speaks for an administrator, also if its service may not learn that.
    pub(crate) fn is_of_administrator(&self) -> bool {
        let user = self.user.as_ref();
        user.is_some_and(|user| user.delegated.user_role() == Role::Admin)
    }

    /// The user's name, with `read:username`.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.user.as_ref()?.delegated.username(&self.scopes)
    }

    /// The user's address, with `read:email`.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.user.as_ref()?.delegated.email(&self.scopes)
    }

    /// The user's role, with `read:user-role`.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.user.as_ref()?.delegated.role(&self.scopes)
    }
}
