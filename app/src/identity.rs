//! The headers that tell a service who the user is.

use http::HeaderName;

/// The names of the headers.
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
    /// The scopes of the grant.
    pub scopes: HeaderName,
    /// The assurance of the device.
    pub assurance: HeaderName,
    /// How unusual the device was last.
    pub risk: HeaderName,
    /// All of it, signed.
    pub assertion: HeaderName,
}

impl IdentityHeaders {
    /// All of them with what they carry, in display order.
    #[must_use]
    pub const fn all(&self) -> [(&'static str, &HeaderName); 8] {
        [
            ("subject", &self.subject),
            ("email", &self.email),
            ("name", &self.name),
            ("role", &self.role),
            ("scopes", &self.scopes),
            ("assurance", &self.assurance),
            ("risk", &self.risk),
            ("assertion", &self.assertion),
        ]
    }
}
