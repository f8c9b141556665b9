//! Whether the address belongs to the service, and whether browsers send the device cookie to it.

#[cfg(test)]
mod tests;

use crate::{
    cli::{finding::Finding, proxy::doctor::exchange::host_and_port},
    cookie_domain::{
        common_domain, common_domain_of_all, domain_matches, is_public_suffix, registrable,
    },
};
use latchkey_domain::request::host::{Host, HostPattern};
use url::Url;

/// The address, the configuration and the hosts in the database.
pub(in super::super) struct TargetUrl<'a> {
    pub(in super::super) url: &'a Url,
    pub(in super::super) service: &'a str,
    /// The service's hosts.
    pub(in super::super) hosts: &'a [HostPattern],
    /// Latchkey's own address.
    pub(in super::super) public_url: &'a Url,
    pub(in super::super) cookie_domain: Option<&'a Host>,
    /// Where `cookie.domain` was set.
    pub(in super::super) origin: &'a str,
    /// The hosts of all services.
    pub(in super::super) all_hosts: &'a [HostPattern],
}

impl TargetUrl<'_> {
    /// All checks that need no request.
    pub(in super::super) fn check(&self) -> Vec<Finding> {
        let mut findings = vec![self.check_host(), self.check_scheme(), self.check_cookie()];
        findings.extend(self.check_cookie_domain());
        findings
    }

    /// Whether the address is one of the service.
    pub(in super::super) fn is_of_service(&self) -> bool {
        let is_https = self.url.scheme() == "https";
        Host::parse(&host_and_port(self.url))
            .is_ok_and(|host| self.hosts.iter().any(|own| own.matches(&host, is_https)))
    }

    fn check_host(&self) -> Finding {
        const CHECK: &str = "host";
        let (service, host) = (self.service, host_and_port(self.url));
        if self.is_of_service() {
            let message = format!("{host} is a host of {service}");
            return Finding::ok(CHECK, "host_of_service", message);
        }
        let hosts: Vec<_> = self.hosts.iter().map(ToString::to_string).collect();
        let known = match hosts.is_empty() {
            true => format!("{service} has no hosts"),
            false => format!("the hosts of {service} are {}", hosts.join(", ")),
        };
        Finding::failed(
            CHECK,
            "host_unknown",
            format!(
                "{host} is not a host of {service}: {known}. Give --url one of these, or add the host on the service's page; Latchkey refuses requests for unknown hosts"
            ),
        )
    }

    fn check_scheme(&self) -> Finding {
        const CHECK: &str = "scheme";
        let name = name(self.url);
        match (self.url.scheme(), self.public_url.scheme()) {
            ("https", "http") => Finding::failed(
                CHECK,
                "public_url_not_https",
                format!(
                    "the service is on https and public_url is {}: write its https address",
                    self.public_url
                ),
            ),
            ("https", _) => Finding::ok(CHECK, "https", "https"),
            _ if name == "localhost" || name.ends_with(".localhost") => Finding::ok(
                CHECK,
                "http_on_localhost",
                "http, which browsers treat as secure on localhost only",
            ),
            _ => Finding::failed(
                CHECK,
                "not_https",
                format!(
                    "browsers send the device cookie over https only, so no one is signed in at http://{name}: let the proxy terminate TLS there, and give --url the https address"
                ),
            ),
        }
    }

    fn check_cookie(&self) -> Finding {
        const CHECK: &str = "cookie";
        let (target, own) = (name(self.url), name(self.public_url));
        let sent = |message| Finding::ok(CHECK, "cookie_sent", message);
        let not_sent = |message| Finding::failed(CHECK, "cookie_not_sent", message);
        let Some(domain) = self.cookie_domain else {
            if target == own {
                return sent(format!(
                    "browsers send the device cookie to {own}, where the service is too"
                ));
            }
            let remedy = match common_domain(target, own) {
                Some(domain) => format!("write under [cookie]: domain = \"{domain}\""),
                None => format!(
                    "serve Latchkey on a name beside {target}{}, and set cookie.domain to the domain above both",
                    below_registrable(target)
                ),
            };
            return not_sent(format!(
                "browsers send the device cookie to {own} and not to {target}, so everyone is anonymous there; {remedy}"
            ));
        };
        match domain_matches(target, domain.as_str()) {
            true => sent(format!(
                "browsers send the device cookie to {domain} and all hosts below it"
            )),
            false => not_sent(format!(
                "cookie.domain ({}) is {domain}, so browsers do not send the device cookie to {target}; serve {} below {domain}, or set cookie.domain to the domain above both",
                self.origin, self.service
            )),
        }
    }

    /// A cookie domain with more hosts than the services need exposes the cookie to the others.
    fn check_cookie_domain(&self) -> Option<Finding> {
        const CHECK: &str = "cookie domain";
        let domain = self.cookie_domain?.as_str();
        if is_public_suffix(domain) {
            return Some(Finding::failed(
                CHECK,
                "cookie_domain_public_suffix",
                format!(
                    "cookie.domain ({}) is {domain}, below which anyone can register a name: browsers keep no such cookie. Write a domain of your own",
                    self.origin
                ),
            ));
        }
        let needed = common_domain_of_all(name(self.public_url), self.all_hosts)?;
        if needed == domain || !domain_matches(&needed, domain) {
            return None;
        }
        Some(Finding::warning(
            CHECK,
            "cookie_domain_too_wide",
            format!(
                "cookie.domain ({}) is {domain}, and Latchkey and all services are below {needed}: write {needed}, so that browsers send the cookie to no other host",
                self.origin
            ),
        ))
    }
}

fn name(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

/// Below which domain a name can share cookies with others.
fn below_registrable(name: &str) -> String {
    registrable(name).map_or_else(String::new, |own| format!(" (below {own})"))
}
