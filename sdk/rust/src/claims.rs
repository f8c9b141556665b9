//! Who calls.

use crate::Error;
use latchkey_jose::{Object, Registered};
use serde_json::Value;
use std::collections::BTreeSet;

/// Who calls, as a verified token says it. Times are in seconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    /// The subject.
    pub subject: String,
    /// The audience: this service.
    pub audience: String,
    /// The scopes.
    pub scopes: BTreeSet<String>,
    /// When the token was issued.
    pub issued_at: i64,
    /// When it ends.
    pub expires_at: i64,
    /// Its id; identity tokens have none.
    pub id: Option<String>,
    /// Every claim.
    pub all: Object,
}

impl Claims {
    pub(crate) fn new(registered: Registered, has_id: bool) -> Self {
        let scope = registered.claims.get("scope").and_then(Value::as_str);
        let scopes = scope.unwrap_or_default().split(' ');
        Self {
            subject: registered.subject,
            audience: registered.audience,
            scopes: scopes
                .filter(|scope| !scope.is_empty())
                .map(str::to_owned)
                .collect(),
            issued_at: registered.issued_at,
            expires_at: registered.expires_at,
            id: has_id.then_some(registered.id),
            all: registered.claims,
        }
    }

    /// Refuses a token that does not have this scope.
    ///
    /// # Errors
    /// [`Error::InsufficientScope`].
    pub fn require(&self, scope: &str) -> Result<(), Error> {
        match self.scopes.contains(scope) {
            true => Ok(()),
            false => Err(Error::InsufficientScope(scope.to_owned())),
        }
    }
}
