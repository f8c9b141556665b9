//! The hosts to which browsers send the device cookie.

use super::{error::ConfigError, server::Server, values::Values};
use crate::cookie_domain::{domain_matches, is_public_suffix, registrable};
use latchkey_domain::request::host::Host;
use std::net::Ipv4Addr;

/// The scope of the device cookie.
#[derive(Debug, Clone)]
pub struct Cookie {
    /// The domain to whose hosts the cookie is sent; none: to our own host only.
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
        if let Some((problem, remedy)) = rejected_by_browsers(domain.as_str(), name) {
            return Err(values.refuse("cookie.domain", domain.as_str(), problem, remedy));
        }
        if !domain_matches(name, domain.as_str()) {
            let remedy = format!("write {name} or a domain above it, or change public_url");
            return Err(values.refuse(
                "cookie.domain",
                domain.as_str(),
                format!("browsers reject it, because public_url is on {name}"),
                remedy,
            ));
        }
        Ok(())
    }
}

/// Why browsers keep no cookie for a domain, and what to write for a Latchkey of this name instead. Browsers do
/// not report it: users would sign in and be anonymous at the next service.
fn rejected_by_browsers(domain: &str, name: &str) -> Option<(String, String)> {
    if domain.parse::<Ipv4Addr>().is_ok() {
        return Some((
            "browsers share no cookie among addresses".to_owned(),
            "give Latchkey and the services names, and write the domain above them".to_owned(),
        ));
    }
    if domain == "localhost" {
        return Some((
            "browsers share no cookie below it".to_owned(),
            "leave it out for services on other ports of localhost; or open Latchkey at a name like login.field.localhost, and write field.localhost"
                .to_owned(),
        ));
    }
    if !is_public_suffix(domain) {
        return None;
    }
    let own = registrable(name)
        .filter(|own| domain_matches(own, domain))
        .map_or_else(|| format!("yours.{domain}"), str::to_owned);
    Some((
        "that is a public suffix, below which anyone can register a name: browsers keep no cookie for it".to_owned(),
        format!("write a domain of your own, like {own}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(domain: &str) -> Result<Option<Host>, ConfigError> {
        at("https://login.example.com", domain)
    }

    fn at(public_url: &str, domain: &str) -> Result<Option<Host>, ConfigError> {
        let mut values = Values::defaults();
        values.put_flag("public_url", "--public-url", public_url);
        values.put_flag("cookie.domain", "--flag", domain);
        let cookie = Cookie::read(&values)?;
        cookie
            .validate(&Server::read(&values)?, &values)
            .map(|()| cookie.domain)
    }

    #[test]
    fn the_cookie_domain_must_contain_the_public_host() {
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

    #[test]
    fn field_3_a_domain_for_which_browsers_keep_no_cookie_is_refused_with_a_remedy() {
        for (public_url, domain, text) in [
            (
                "https://login.yours.duckdns.org",
                "duckdns.org",
                "like yours.duckdns.org",
            ),
            (
                "https://yours.duckdns.org",
                "duckdns.org",
                "like yours.duckdns.org",
            ),
            ("https://login.example.co.uk", "co.uk", "like example.co.uk"),
            ("https://ada.github.io", "github.io", "like ada.github.io"),
            ("https://login.example.com", "com", "like example.com"),
            (
                "https://login.example.com",
                "github.io",
                "like yours.github.io",
            ),
            (
                "http://localhost:3000",
                "localhost",
                "write field.localhost",
            ),
            (
                "https://login.example.com",
                "192.0.2.7",
                "share no cookie among addresses",
            ),
        ] {
            let error = at(public_url, domain).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("`cookie.domain` (--flag) is `{domain}`: "))
                    && error.contains(text),
                "{error}"
            );
        }
        for (public_url, domain) in [
            ("https://login.yours.duckdns.org", "yours.duckdns.org"),
            ("https://login.example.co.uk", "example.co.uk"),
            ("http://login.field.localhost:3000", "field.localhost"),
            ("https://login.nas.lan", "nas.lan"),
        ] {
            assert!(at(public_url, domain).is_ok(), "{domain}");
        }
    }
}
