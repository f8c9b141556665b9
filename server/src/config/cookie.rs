//! How far the device cookie reaches.

use super::{error::ConfigError, server::Server, values::Values};
use latchkey_domain::host::Host;

/// The device cookie's reach.
#[derive(Debug, Clone)]
pub struct Cookie {
    /// The domain all of whose hosts get the cookie; none: only our own host.
    pub domain: Option<Host>,
}

impl Cookie {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        let refuse = |text: &str, problem| {
            values.refuse(
                "cookie.domain",
                text,
                problem,
                "write the name alone, like example.com",
            )
        };
        let domain = match values.optional("cookie.domain") {
            None => None,
            Some(text) if text.starts_with('.') => {
                return Err(refuse(text, "it begins with a dot"));
            }
            Some(text) => match Host::parse(text) {
                Ok(host) if !host.as_str().contains(':') => Some(host),
                Ok(_) => return Err(refuse(text, "a cookie's domain has no port")),
                Err(_) => return Err(refuse(text, "that is not a plain name")),
            },
        };
        Ok(Self { domain })
    }

    pub(super) fn validate(&self, server: &Server, values: &Values) -> Result<(), ConfigError> {
        let Some(domain) = &self.domain else {
            return Ok(());
        };
        let name = server.public_url.url().host_str().unwrap_or_default();
        let is_parent = name == domain.as_str()
            || name
                .strip_suffix(domain.as_str())
                .is_some_and(|rest| rest.ends_with('.'));
        if !is_parent {
            let remedy = format!("write {name} or a domain above it, or change public_url");
            return Err(values.refuse(
                "cookie.domain",
                domain.as_str(),
                format!("browsers refuse it, because public_url is on {name}"),
                remedy,
            ));
        }
        // A cookie for a whole top-level domain would go to strangers; browsers refuse it.
        if !domain.as_str().contains('.') && domain.as_str() != "localhost" {
            return Err(values.refuse(
                "cookie.domain",
                domain.as_str(),
                "that is a whole top-level domain",
                "write a domain of yours, like example.com",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(domain: &str) -> Result<Option<Host>, ConfigError> {
        let mut values = Values::defaults();
        values.put_flag("public_url", "--public-url", "https://login.example.com");
        values.put_flag("cookie.domain", "--flag", domain);
        let cookie = Cookie::read(&values)?;
        cookie
            .validate(&Server::read(&values)?, &values)
            .map(|()| cookie.domain)
    }

    #[test]
    fn the_domain_must_be_ours() {
        assert_eq!(
            with("Example.com").unwrap(),
            Some(Host::parse("example.com").unwrap())
        );
        assert_eq!(with("").unwrap(), None);
        for domain in [
            ".example.com",
            "com",
            "other.com",
            "ample.com",
            "example.com:443",
            "https://example.com",
            "a.login.example.com",
        ] {
            assert!(with(domain).is_err(), "{domain}");
        }
    }
}
