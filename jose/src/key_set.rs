//! Sets of public keys (RFC 7517 §5).

use crate::{Jwk, JwkError, PublicKey};
use serde::Deserialize as _;
use serde_json::Value;

/// Keys with different ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeySet(Vec<PublicKey>);

impl KeySet {
    /// A set of these keys. Of two different ones with one id, neither is in it: which one is meant cannot be said.
    #[must_use]
    pub fn new(keys: impl IntoIterator<Item = PublicKey>) -> Self {
        let keys: Vec<_> = keys.into_iter().collect();
        let is_clear = |key: &PublicKey| {
            let mut same = keys.iter().filter(|other| other.id() == key.id());
            same.all(|other| other == key)
        };
        let mut set: Vec<PublicKey> = Vec::new();
        for key in &keys {
            if is_clear(key) && !set.contains(key) {
                set.push(key.clone());
            }
        }
        Self(set)
    }

    /// The keys of a JWK set (RFC 7517 §5) that can be used; others are left out, as §5 asks.
    ///
    /// # Errors
    /// [`JwkError`] when the text is not a JWK set.
    pub fn parse(text: &str) -> Result<Self, JwkError> {
        let set: Value = serde_json::from_str(text).map_err(|_| JwkError)?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or(JwkError)?;
        let key = |value: &Value| {
            // Only an object is a key: serde would also read an array of its values.
            let jwk = Jwk::deserialize(value.as_object()?).ok()?;
            PublicKey::from_jwk(&jwk).ok()
        };
        Ok(Self::new(keys.iter().filter_map(key)))
    }

    /// The key with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&PublicKey> {
        self.0.iter().find(|key| key.id() == id)
    }

    /// All keys.
    pub fn iter(&self) -> impl Iterator<Item = &PublicKey> {
        self.0.iter()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
