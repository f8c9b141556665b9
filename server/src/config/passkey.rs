//! Where passkeys can be used besides the public URL, and which authenticators may keep them.

use super::{error::ConfigError, server::Server, values::Values};
use crate::cookie_domain::registrable;
use latchkey_domain::{identity::authenticator::Aaguid, request::host::Host};
use latchkey_engine::AttestationPolicy;
use std::collections::BTreeSet;
use url::Url;

/// The labels that every browser reads (WebAuthn L3 §5.11.1); further ones may be ignored.
const MAX_LABELS: usize = 5;

/// Settings of passkeys.
#[derive(Debug, Clone, Default)]
pub struct Passkey {
    /// Other origins at which passkeys that are bound to the public URL can be used.
    pub related_origins: Vec<Url>,
    /// Which models are accepted, if authenticators must attest theirs.
    pub attestation: Option<AttestationPolicy>,
}

impl Passkey {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        let origin = |text: &String| {
            related_origin(text).map_err(|problem| {
                refuse(values, text, problem, "write it like https://example.net")
            })
        };
        let origins = values.list("passkey.related_origins").iter().map(origin);
        Ok(Self {
            related_origins: origins.collect::<Result<_, _>>()?,
            attestation: attestation(values)?,
        })
    }

    pub(super) fn validate(&self, server: &Server, values: &Values) -> Result<(), ConfigError> {
        let own = server.public_url.url().origin();
        let mut labels = BTreeSet::new();
        for url in &self.related_origins {
            let (text, host) = (origin_text(url), url.host_str().unwrap_or_default());
            if url.origin() == own {
                let problem = "that is public_url, where passkeys can be used anyway";
                return Err(refuse(values, &text, problem, "leave it out"));
            }
            let domain = registrable(host).ok_or_else(|| {
                let problem = "that is a public suffix, below which anyone can register a name";
                refuse(values, &text, problem, "write a name of your own")
            })?;
            labels.extend(domain.split('.').next().map(str::to_owned));
            if labels.len() > MAX_LABELS {
                let problem = "it is the sixth name, and browsers read five";
                let remedy = "list fewer; example.com and example.net are one name";
                return Err(refuse(values, &text, problem, remedy));
            }
        }
        Ok(())
    }
}

fn attestation(values: &Values) -> Result<Option<AttestationPolicy>, ConfigError> {
    const NAME: &str = "passkey.attestation";
    let metadata_file = values.path("passkey.metadata_file");
    let models = values.list("passkey.aaguids").iter().map(|text| {
        aaguid(text).ok_or_else(|| {
            let remedy = "write it like 2fc0579f-8113-47ea-b116-bb5a8db9202a";
            values.refuse("passkey.aaguids", text, "that is not an AAGUID", remedy)
        })
    });
    let models: Vec<_> = models.collect::<Result<_, _>>()?;
    let text = values.text(NAME);
    match (text, metadata_file) {
        ("direct", Some(metadata_file)) => Ok(Some(AttestationPolicy {
            metadata_file,
            models,
        })),
        ("none", None) if models.is_empty() => Ok(None),
        ("direct", None) => Err(values.refuse(
            NAME,
            text,
            "nothing says whose attestation is trusted",
            "name the file of the FIDO Metadata Service in passkey.metadata_file",
        )),
        ("none", _) => Err(values.refuse(
            NAME,
            text,
            "without attestation a model is only claimed, and passkey.metadata_file and passkey.aaguids would accept every claim",
            "write direct, or leave both out",
        )),
        _ => Err(values.refuse(
            NAME,
            text,
            "it is neither none nor direct",
            "write none or direct",
        )),
    }
}

fn aaguid(text: &str) -> Option<Aaguid> {
    Aaguid::from_uuid(text.parse().ok()?)
}

fn refuse(values: &Values, text: &str, problem: &str, remedy: &str) -> ConfigError {
    values.refuse("passkey.related_origins", text, problem, remedy)
}

/// An origin as browsers send it: `https://example.net`, without a path.
fn related_origin(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "that is not a URL")?;
    if url.scheme() != "https" {
        return Err("browsers accept related origins over https only");
    }
    let Some(url::Host::Domain(name)) = url.host() else {
        return Err("its host is an address; passkeys are bound to a name");
    };
    // No wildcard, which URLs may have.
    Host::parse(name).map_err(|_| "its host is not a plain name")?;
    // Also refuses a path, a query and a user name.
    match origin_text(&url) == text.trim_end_matches('/') {
        true => Ok(url),
        false => Err("that is not an origin as browsers send it"),
    }
}

/// An origin as browsers send it (RFC 6454 §6.2).
#[must_use]
pub fn origin_text(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(origins: &str) -> Result<Passkey, ConfigError> {
        let mut values = Values::defaults();
        values.put_flag("public_url", "--public-url", "https://login.example.com");
        values.put_flag("passkey.related_origins", "--flag", origins);
        let passkey = Passkey::read(&values)?;
        passkey.validate(&Server::read(&values)?, &values)?;
        Ok(passkey)
    }

    #[test]
    fn related_origins_are_origins_over_https() {
        let read = with("https://login.example.net, https://example.org:8443").unwrap();
        let texts: Vec<_> = read.related_origins.iter().map(origin_text).collect();
        assert_eq!(
            texts,
            ["https://login.example.net", "https://example.org:8443"]
        );
        for refused in [
            "http://login.example.net",
            "login.example.net",
            "https://login.example.net/page",
            "https://login.example.net?x",
            "https://ada@login.example.net",
            "https://LOGIN.example.net",
            "https://192.0.2.1",
            "https://co.uk",
            "https://login.example.com",
            "android:apk-key-hash:abc",
            "https://*.example.net",
        ] {
            assert!(with(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn models_are_listed_only_where_they_are_attested() {
        const MODEL: &str = "2fc0579f-8113-47ea-b116-bb5a8db9202a";
        let with = |attestation: &str, file: &str, models: &str| {
            let mut values = Values::defaults();
            for (name, text) in [
                ("passkey.attestation", attestation),
                ("passkey.metadata_file", file),
                ("passkey.aaguids", models),
            ] {
                values.put_flag(name, "--flag", text);
            }
            Passkey::read(&values).map(|passkey| passkey.attestation)
        };
        assert!(with("none", "", "").unwrap().is_none());
        let policy = with("direct", "blob.jwt", MODEL).unwrap().unwrap();
        assert_eq!(policy.models.len(), 1);
        assert!(with("direct", "blob.jwt", "").unwrap().is_some());
        for (attestation, file, models) in [
            ("direct", "", ""),
            ("direct", "", MODEL),
            ("none", "blob.jwt", ""),
            ("none", "", MODEL),
            ("indirect", "blob.jwt", ""),
            ("direct", "blob.jwt", "YubiKey"),
            ("direct", "blob.jwt", "00000000-0000-0000-0000-000000000000"),
        ] {
            assert!(with(attestation, file, models).is_err());
        }
    }

    #[test]
    fn as_many_names_are_accepted_as_browsers_read() {
        let five = "https://a.com,https://b.com,https://c.com,https://d.com,https://e.com";
        assert!(with(five).is_ok());
        // One name below several suffixes counts once.
        assert!(with(&format!("{five},https://a.co.uk,https://login.a.de")).is_ok());
        assert!(with(&format!("{five},https://f.com")).is_err());
    }
}
