//! Whether the address belongs to the service, and whether the device cookie comes along to it.

#[cfg(test)]
mod tests;

use crate::{
    cli::finding::Finding,
    config::cookie::{is_below, shared},
    public_suffix::{is_public_suffix, registrable},
};
use latchkey_domain::request::host::{Host, HostPattern};
use url::Url;

/// What the configuration and the database say.
pub(super) struct Reach<'a> {
    pub(super) url: &'a Url,
    pub(super) service: &'a str,
    /// The service's hosts.
    pub(super) hosts: &'a [HostPattern],
    /// Latchkey's own address.
    pub(super) public_url: &'a Url,
    pub(super) cookie_domain: Option<&'a Host>,
    /// Where `cookie.domain` was set.
    pub(super) origin: &'a str,
    /// The hosts of all services.
    pub(super) all_hosts: &'a [HostPattern],
}

impl Reach<'_> {
    /// Everything that can be told without asking anybody.
    pub(super) fn judge(&self) -> Vec<Finding> {
        let mut found = vec![self.host(), self.scheme(), self.cookie()];
        found.extend(self.width());
        found
    }

    /// Whether the address is one of the service.
    pub(super) fn is_of_the_service(&self) -> bool {
        let is_https = self.url.scheme() == "https";
        Host::parse(&super::exchange::place(self.url))
            .is_ok_and(|host| self.hosts.iter().any(|own| own.matches(&host, is_https)))
    }

    fn host(&self) -> Finding {
        let (service, place) = (self.service, super::exchange::place(self.url));
        if self.is_of_the_service() {
            return Finding::ok("host", format!("{place} is a host of {service}"));
        }
        let hosts: Vec<_> = self.hosts.iter().map(ToString::to_string).collect();
        let known = match hosts.is_empty() {
            true => format!("{service} has no hosts"),
            false => format!("the hosts of {service} are {}", hosts.join(", ")),
        };
        Finding::failed(
            "host",
            format!(
                "{place} is no host of {service}: {known}. Give --url one of these, or add the host on the service's page; Latchkey refuses every question about a host that it does not know"
            ),
        )
    }

    fn scheme(&self) -> Finding {
        let (asked, own) = (self.url.scheme(), self.public_url.scheme());
        let name = name(self.url);
        if asked == "https" && own == "http" {
            return Finding::failed(
                "scheme",
                format!(
                    "people come over https and public_url is {}: write its https address",
                    self.public_url
                ),
            );
        }
        if asked == "https" {
            return Finding::ok("scheme", "https");
        }
        if name == "localhost" || name.ends_with(".localhost") {
            return Finding::ok(
                "scheme",
                "http, which browsers take for safe on this machine alone",
            );
        }
        Finding::failed(
            "scheme",
            format!(
                "browsers send the device cookie over https only, so nobody is signed in at http://{name}: let the proxy speak TLS there, and give --url the https address"
            ),
        )
    }

    fn cookie(&self) -> Finding {
        let (asked, own) = (name(self.url), name(self.public_url));
        let Some(domain) = self.cookie_domain else {
            if asked == own {
                return Finding::ok(
                    "cookie",
                    format!("the device cookie is one of {own}, so it comes along"),
                );
            }
            let remedy = match shared(asked, own) {
                Some(domain) => format!("write under [cookie]: domain = \"{domain}\""),
                None => format!(
                    "serve Latchkey on a name beside {asked}{}, and set cookie.domain to what they share",
                    beside(asked)
                ),
            };
            return Finding::failed(
                "cookie",
                format!(
                    "the device cookie stays on {own} and never comes to {asked}, so everybody is a stranger there; {remedy}"
                ),
            );
        };
        match is_below(asked, domain.as_str()) {
            true => Finding::ok(
                "cookie",
                format!("the device cookie is one of {domain} and all below it, so it comes along"),
            ),
            false => Finding::failed(
                "cookie",
                format!(
                    "cookie.domain ({}) is {domain}, so the device cookie never comes to {asked}; serve {} below {domain}, or set cookie.domain to what they share",
                    self.origin, self.service
                ),
            ),
        }
    }

    /// A cookie for more hosts than there are services goes to whoever gets one of the others.
    fn width(&self) -> Option<Finding> {
        let domain = self.cookie_domain?.as_str();
        if is_public_suffix(domain) {
            return Some(Finding::failed(
                "cookie domain",
                format!(
                    "cookie.domain ({}) is {domain}, under which everybody can have a name: browsers keep no such cookie. Write a domain of yours",
                    self.origin
                ),
            ));
        }
        let mut hosts = self
            .all_hosts
            .iter()
            .map(|host| host.host().as_str().split(':').next().unwrap_or_default());
        let own = name(self.public_url).to_owned();
        let needed = hosts.try_fold(own, |all, host| shared(&all, host))?;
        if needed == domain || !is_below(&needed, domain) {
            return None;
        }
        Some(Finding::warning(
            "cookie domain",
            format!(
                "cookie.domain ({}) is {domain}, and Latchkey and all services are below {needed}: write {needed}, so that the cookie goes nowhere else",
                self.origin
            ),
        ))
    }
}

fn name(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

/// Where a name can share a cookie with others.
fn beside(name: &str) -> String {
    registrable(name).map_or_else(String::new, |own| format!(" (below {own})"))
}
