//! The identity headers, in which a proxy forwards the user's identity to a service.

use super::{error::ConfigError, values::Values};
use axum::http::HeaderName;
use latchkey_app::identity::IdentityHeaders;

/// Names that cannot be chosen, because they have another meaning in requests or responses.
const RESERVED: [&str; 21] = [
    "accept",
    "authorization",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "forwarded",
    "host",
    "latchkey-location",
    "location",
    "retry-after",
    "set-cookie",
    "transfer-encoding",
    "upgrade",
    "x-envoy-auth-headers-to-remove",
    "x-original-authorization",
    "x-original-method",
    "x-original-url",
    "x-original-user-agent",
    "x-requested-with",
];

/// The identity headers.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Their names.
    pub headers: IdentityHeaders,
}

impl Identity {
    /// The default names.
    #[cfg(test)]
    pub(crate) fn by_default() -> Self {
        Self::read(&Values::defaults()).unwrap()
    }

    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        let name = |key: &'static str| {
            let text = values.text(key);
            let refuse = |problem: &str| {
                values.refuse(key, text, problem, "write a name like Latchkey-Subject")
            };
            let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
            match HeaderName::from_bytes(text.as_bytes()) {
                // `_` and `.` are letters of header names too, and proxies and services take them
                // for `-` (oauth2-proxy CVE-2025-64484).
                Ok(_) if !text.bytes().all(is_plain) => {
                    Err(refuse("it has more than letters, digits and hyphens"))
                }
                Ok(name)
                    if RESERVED.contains(&name.as_str())
                        || name.as_str().starts_with("x-forwarded-")
                            && describes_request(name.as_str()) =>
                {
                    Err(refuse("that header has another meaning"))
                }
                Ok(name) => Ok(name),
                Err(_) => Err(refuse("that is not a header name")),
            }
        };
        let headers = IdentityHeaders {
            subject: name("identity.subject")?,
            email: name("identity.email")?,
            name: name("identity.name")?,
            role: name("identity.role")?,
            scopes: name("identity.scopes")?,
            assurance: name("identity.assurance")?,
            risk: name("identity.risk")?,
            assertion: name("identity.assertion")?,
        };
        let mut names = headers.all().map(|(_, name)| name.as_str());
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(values.refuse(
                "identity.subject",
                twice[0],
                "two of the identity headers have this name",
                "give each its own",
            ));
        }
        Ok(Self { headers })
    }
}

/// Whether proxies use this name to describe the request.
fn describes_request(name: &str) -> bool {
    [
        "for", "host", "proto", "uri", "method", "port", "prefix", "server",
    ]
    .iter()
    .any(|part| name.strip_prefix("x-forwarded-") == Some(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(key: &'static str, text: &str) -> Result<Identity, ConfigError> {
        let mut values = Values::defaults();
        values.put_flag(key, "--flag", text);
        Identity::read(&values)
    }

    #[test]
    fn r20_names_are_plain_and_have_no_other_meaning() {
        assert!(Identity::read(&Values::defaults()).is_ok());
        assert!(with("identity.subject", "Remote-User").is_ok());
        assert!(with("identity.email", "X-Forwarded-Email").is_ok());
        for name in [
            "Remote_User",
            "Remote.User",
            "Remote User",
            "",
            "Cookie",
            "authorization",
            "X-Forwarded-For",
            "X-Original-URL",
            "X-Original-Method",
            "X-Requested-With",
            "Retry-After",
            "Cache-Control",
            "Latchkey-Location",
            "Latchkey-Email",
            "latchkey-email",
        ] {
            assert!(with("identity.subject", name).is_err(), "{name}");
        }
    }

    #[test]
    fn r25_the_default_names_are_removed_if_others_are_configured() {
        for (_, name) in Identity::by_default().headers.all() {
            let mut all = latchkey_app::snippet::UNTRUSTED.iter();
            assert!(
                all.any(|known| known.eq_ignore_ascii_case(name.as_str())),
                "{name}"
            );
        }
    }
}
