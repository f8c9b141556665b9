//! The headers in which a proxy tells a service who it let in.

use super::{error::ConfigError, values::Values};
use axum::http::HeaderName;
use latchkey_app::identity::IdentityHeaders;

/// What nobody may choose: it would steer the connection or the answer, or speak for the browser or
/// the proxy.
const TAKEN: [&str; 19] = [
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
    "x-original-method",
    "x-original-url",
    "x-requested-with",
];

/// The names, by what they carry.
#[derive(Debug, Clone)]
pub struct Identity {
    /// As pages and snippets write them, and as they are sent.
    pub headers: IdentityHeaders,
}

impl Identity {
    /// What is in force where nothing is configured.
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
                    if TAKEN.contains(&name.as_str())
                        || name.as_str().starts_with("x-forwarded-")
                            && is_of_the_way(name.as_str()) =>
                {
                    Err(refuse("that header means something else"))
                }
                Ok(name) => Ok(name),
                Err(_) => Err(refuse("that is not a header's name")),
            }
        };
        let headers = IdentityHeaders {
            subject: name("identity.subject")?,
            email: name("identity.email")?,
            name: name("identity.name")?,
            role: name("identity.role")?,
            scopes: name("identity.scopes")?,
            assurance: name("identity.assurance")?,
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

/// What proxies write of the way that a request came.
fn is_of_the_way(name: &str) -> bool {
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
    fn r20_names_are_plain_and_mean_nothing_else() {
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
    fn r25_our_own_names_are_taken_out_where_others_were_chosen() {
        for (_, name) in Identity::by_default().headers.all() {
            let mut all = latchkey_app::snippet::UNTRUSTED.iter();
            assert!(
                all.any(|known| known.eq_ignore_ascii_case(name.as_str())),
                "{name}"
            );
        }
    }
}
