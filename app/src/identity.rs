//! The headers in which a service is told who came.

use http::HeaderName;

/// Their names, by what they carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityHeaders {
    /// The pseudonym.
    pub subject: HeaderName,
    /// The e-mail address.
    pub email: HeaderName,
    /// The name.
    pub name: HeaderName,
    /// The role.
    pub role: HeaderName,
    /// What the service may learn.
    pub scopes: HeaderName,
    /// How sure we are of the device.
    pub assurance: HeaderName,
    /// All of it, signed.
    pub assertion: HeaderName,
}

impl IdentityHeaders {
    /// All of them, each after the word for what it carries, in the order in which they are shown.
    #[must_use]
    pub const fn all(&self) -> [(&'static str, &HeaderName); 7] {
        [
            ("subject", &self.subject),
            ("email", &self.email),
            ("name", &self.name),
            ("role", &self.role),
            ("scopes", &self.scopes),
            ("assurance", &self.assurance),
            ("assertion", &self.assertion),
        ]
    }
}
