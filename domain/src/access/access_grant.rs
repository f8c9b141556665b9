//! Grants: one user's access to one service, and what the service learns of them.

use crate::{
    access::service::ServiceName,
    event::{GrantAdded, GrantChanged, GrantNames, GrantRemoved},
    id::{AccessGrantId, ServiceId, UserId},
    identity::email::Email,
    name::DisplayName,
    tokens::scope::{TokenScope, TokenScopes},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use strum::{EnumString, IntoStaticStr};
use time::OffsetDateTime;

/// One thing that a service may learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(parse_err_ty = ScopeError, parse_err_fn = unknown_scope)]
pub enum Scope {
    /// The user's display name.
    #[strum(serialize = "read:username")]
    Username,
    /// The user's e-mail address.
    #[strum(serialize = "read:email")]
    Email,
    /// Whether the user is an administrator.
    #[strum(serialize = "read:user-role")]
    UserRole,
}

impl Scope {
    /// Every scope, in the order in which they are printed.
    pub const ALL: [Self; 3] = [Self::Username, Self::Email, Self::UserRole];

    /// The name in requests, responses and rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Username => 1,
            Self::Email => 2,
            Self::UserRole => 4,
        }
    }
}

/// The text is not a scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a scope")]
pub struct ScopeError(String);

fn unknown_scope(text: &str) -> ScopeError {
    ScopeError(text.chars().filter(|c| !c.is_control()).take(40).collect())
}

/// A set of scopes; printed space-separated as in RFC 6749 §3.3. The empty set is fine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scopes(u8);

impl Scopes {
    /// No scope: the service learns only the pseudonymous subject.
    pub const NONE: Self = Self(0);
    /// Every scope; what an administrator's own access carries.
    pub const ALL: Self = Self(7);

    /// Whether the set has this scope.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// The scopes in printed order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .into_iter()
            .filter(move |scope| self.contains(*scope))
    }
}

impl From<Scopes> for TokenScopes {
    /// The same for a token: what its service may learn is a scope beside those of the service itself.
    fn from(scopes: Scopes) -> Self {
        scopes
            .iter()
            .filter_map(|scope| TokenScope::parse(scope.as_str()).ok())
            .collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |set, scope| set | scope.bit()))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, scope) in self.iter().enumerate() {
            if place > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl FromStr for Scopes {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        text.split_ascii_whitespace().map(str::parse).collect()
    }
}

impl TryFrom<String> for Scopes {
    type Error = ScopeError;

    fn try_from(text: String) -> Result<Self, ScopeError> {
        text.parse()
    }
}

impl From<Scopes> for String {
    fn from(scopes: Scopes) -> Self {
        scopes.to_string()
    }
}

/// Where a grant comes from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum AccessGrantOrigin {
    /// An administrator gave it.
    Explicit,
    /// Made at an administrator's first access; counts only while they administer.
    #[default]
    Admin,
}

impl AccessGrantOrigin {
    /// The stored name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Reads a stored name; unknown ones are the weaker, [`AccessGrantOrigin::Admin`].
    #[must_use]
    pub fn from_word(name: &str) -> Self {
        name.parse().unwrap_or_default()
    }
}

/// An access grant as lists and pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessGrantView {
    /// The grant.
    pub id: AccessGrantId,
    /// Whose.
    pub user_id: UserId,
    /// Their address.
    pub email: Email,
    /// Their name.
    pub user: DisplayName,
    /// To which service.
    pub service_id: ServiceId,
    /// Its name.
    pub service: ServiceName,
    /// What the service learns.
    pub scopes: Scopes,
    /// Where it comes from.
    pub origin: AccessGrantOrigin,
    /// When it was given.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it ends by itself.
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
}

/// An access grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessGrant {
    /// The grant.
    pub id: AccessGrantId,
    /// Whose.
    pub user_id: UserId,
    /// To which service.
    pub service_id: ServiceId,
    /// What the service learns.
    pub scopes: Scopes,
    /// Where it comes from.
    pub origin: AccessGrantOrigin,
    /// The pseudonymous subject by which the service knows the user, sealed.
    pub subject_sealed: Vec<u8>,
    /// When it was given.
    pub created_at: OffsetDateTime,
    /// When it ends by itself.
    pub expires_at: Option<OffsetDateTime>,
}

impl AccessGrant {
    /// The event of a new grant.
    #[must_use]
    pub const fn add(self, names: GrantNames) -> GrantAdded {
        GrantAdded { grant: self, names }
    }

    /// Changes what the grant carries; it becomes an explicit one. The subject stays.
    #[must_use]
    pub fn change(
        self,
        scopes: Scopes,
        expires_at: Option<OffsetDateTime>,
        names: GrantNames,
    ) -> (Self, GrantChanged) {
        let grant = Self {
            scopes,
            expires_at,
            origin: AccessGrantOrigin::Explicit,
            ..self.clone()
        };
        let event = GrantChanged {
            grant: grant.clone(),
            before: self,
            names,
        };
        (grant, event)
    }

    /// Takes the grant away.
    #[must_use]
    pub const fn remove(self, names: GrantNames) -> GrantRemoved {
        GrantRemoved { grant: self, names }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_print_and_parse_back() {
        for bits in 0..8 {
            let scopes = Scopes(bits);
            assert_eq!(scopes.to_string().parse(), Ok(scopes));
        }
        assert_eq!(
            "read:email  read:username"
                .parse::<Scopes>()
                .map(|s| s.to_string()),
            Ok("read:username read:email".to_owned())
        );
        assert_eq!(TokenScopes::from(Scopes::ALL).iter().count(), 3);
        assert!("read:everything".parse::<Scopes>().is_err());
    }
}
