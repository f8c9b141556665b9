//! Scopes of access tokens (RFC 6749 §3.3): names that a service gives to what a token may do there.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr};
use thiserror::Error;

use crate::{
    access::permission::{Permission, PermissionSet},
    text::parsed_text,
};

/// The longest scope, in bytes.
pub const MAX_SCOPE_LENGTH: usize = 64;

/// The most scopes in one set: a token is sent with every request.
pub const MAX_SCOPES: usize = 32;

/// In front of the name of a permission.
const MANAGEMENT_PREFIX: &str = "latchkey:";

/// The name of the service whose tokens the management API accepts. There is no API while there is no such service.
pub const MANAGEMENT_SERVICE: &str = "latchkey";

/// A scope, such as `photos:read`. Letters count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenScope(String);

/// The text is not a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenScopeError {
    /// Empty, too long, or with a character that RFC 6749 does not allow.
    #[error("not a scope")]
    Text,
    /// More than [`MAX_SCOPES`].
    #[error("too many scopes")]
    TooMany,
}

impl TokenScope {
    /// Parses a scope.
    ///
    /// # Errors
    /// [`TokenScopeError::Text`].
    pub fn parse(text: &str) -> Result<Self, TokenScopeError> {
        // `scope-token` of RFC 6749 §3.3: printable ASCII without space, quotation mark and backslash.
        let is_allowed = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        match (1..=MAX_SCOPE_LENGTH).contains(&text.len()) && text.bytes().all(is_allowed) {
            true => Ok(Self(text.to_owned())),
            false => Err(TokenScopeError::Text),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether only the management API accepts it.
    #[must_use]
    pub fn is_management(&self) -> bool {
        self.0.starts_with(MANAGEMENT_PREFIX)
    }

    /// What it permits in Latchkey itself: `latchkey:users:read` permits `users:read`.
    #[must_use]
    pub fn permission(&self) -> Option<Permission> {
        self.0.strip_prefix(MANAGEMENT_PREFIX)?.parse().ok()
    }
}

impl From<Permission> for TokenScope {
    fn from(permission: Permission) -> Self {
        Self(format!("{MANAGEMENT_PREFIX}{permission}"))
    }
}

impl From<PermissionSet> for TokenScopes {
    fn from(permissions: PermissionSet) -> Self {
        permissions.iter().map(TokenScope::from).collect()
    }
}

parsed_text!(TokenScope, TokenScopeError, as_str);

/// A set of scopes; printed with spaces between, in alphabetical order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenScopes(BTreeSet<TokenScope>);

impl TokenScopes {
    /// Whether this set has all scopes of another.
    #[must_use]
    pub fn contains_all(&self, other: &Self) -> bool {
        other.0.is_subset(&self.0)
    }

    /// The scopes that both sets have.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    /// The scopes that one of both sets has.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// The scopes of this set that another does not have.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).cloned().collect())
    }

    /// What they permit in Latchkey itself.
    #[must_use]
    pub fn permissions(&self) -> PermissionSet {
        self.0.iter().filter_map(TokenScope::permission).collect()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes, in order.
    pub fn iter(&self) -> impl Iterator<Item = &TokenScope> {
        self.0.iter()
    }
}

impl FromIterator<TokenScope> for TokenScopes {
    fn from_iter<I: IntoIterator<Item = TokenScope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl FromStr for TokenScopes {
    type Err = TokenScopeError;

    /// Scopes with spaces between. One that comes twice is there once.
    fn from_str(text: &str) -> Result<Self, TokenScopeError> {
        let scopes = text
            .split(' ')
            .filter(|scope| !scope.is_empty())
            .map(TokenScope::parse);
        let scopes: BTreeSet<_> = scopes.collect::<Result<_, _>>()?;
        match scopes.len() <= MAX_SCOPES {
            true => Ok(Self(scopes)),
            false => Err(TokenScopeError::TooMany),
        }
    }
}

impl fmt::Display for TokenScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, scope) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl TryFrom<String> for TokenScopes {
    type Error = TokenScopeError;

    fn try_from(text: String) -> Result<Self, TokenScopeError> {
        text.parse()
    }
}

impl From<TokenScopes> for String {
    fn from(scopes: TokenScopes) -> Self {
        scopes.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_what_rfc_6749_allows() {
        for text in ["a", "photos:read", "!", "#[]^~", &"x".repeat(64)] {
            assert!(TokenScope::parse(text).is_ok(), "{text:?}");
        }
        for text in [
            "",
            " ",
            "a b",
            "a\"b",
            "a\\b",
            "ä",
            "a\u{7f}",
            "a\n",
            &"x".repeat(65),
        ] {
            assert_eq!(
                TokenScope::parse(text),
                Err(TokenScopeError::Text),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_set_is_printed_in_order_and_has_each_scope_once() {
        let set: TokenScopes = " b a  b ".parse().unwrap();
        assert_eq!(set.to_string(), "a b");
        assert!("".parse::<TokenScopes>().unwrap().is_empty() && !set.is_empty());
        let one: TokenScopes = "b c".parse().unwrap();
        assert!(set.contains_all(&"a".parse().unwrap()) && !set.contains_all(&one));
        assert_eq!(set.intersection(&one).to_string(), "b");
        assert_eq!(set.union(&one).to_string(), "a b c");
        let many = |count: usize| (0..count).map(|n| format!("s{n} ")).collect::<String>();
        assert!(many(MAX_SCOPES).parse::<TokenScopes>().is_ok());
        assert_eq!(
            many(MAX_SCOPES + 1).parse::<TokenScopes>(),
            Err(TokenScopeError::TooMany)
        );
        assert_eq!("a \"".parse::<TokenScopes>(), Err(TokenScopeError::Text));
    }

    #[test]
    fn a_set_is_stored_as_its_text() {
        let set = TokenScopes::try_from("b a".to_owned()).unwrap();
        let names: Vec<_> = set.iter().map(TokenScope::as_str).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(String::from(set), "a b");
        assert_eq!(
            TokenScopes::try_from("\"".to_owned()),
            Err(TokenScopeError::Text)
        );
    }
}
