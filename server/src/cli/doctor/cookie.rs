//! Whether the device cookie comes along to the services.

use crate::{
    cli::finding::Finding,
    config::cookie::{is_below, shared},
};
use latchkey_domain::request::host::{Host, HostPattern};

const CHECK: &str = "cookie";

/// By the hosts of all services, for a Latchkey of this name.
pub(super) fn judge(own: &str, domain: Option<&Host>, hosts: &[HostPattern]) -> Finding {
    let names = || {
        hosts
            .iter()
            .map(|host| host.host().as_str().split(':').next().unwrap_or_default())
    };
    let is_reached = |name: &str| match domain {
        Some(domain) => is_below(name, domain.as_str()),
        None => name == own,
    };
    let mut missed: Vec<_> = names().filter(|name| !is_reached(name)).collect();
    missed.sort_unstable();
    missed.dedup();
    let reach = match domain {
        Some(domain) => format!("the device cookie goes to {domain} and all below it"),
        None => format!("the device cookie stays on {own}"),
    };
    if missed.is_empty() {
        return Finding::ok(CHECK, reach);
    }
    let above = names().try_fold(own.to_owned(), |all, name| shared(&all, name));
    let remedy = match above {
        Some(above) => format!("set cookie.domain to {above}"),
        None => {
            "serve Latchkey and the services below one domain of yours, and set cookie.domain to it"
                .to_owned()
        }
    };
    Finding::warning(
        CHECK,
        format!(
            "{reach}, and never to {}: everybody is a stranger there; {remedy}",
            missed.join(", ")
        ),
    )
}

#[cfg(test)]
mod tests {
    use crate::cli::finding::Status;

    #[test]
    fn field_3_services_that_the_cookie_never_reaches_are_named_with_the_domain_that_does() {
        let judge = |own: &str, domain: Option<&str>, hosts: &[&str]| {
            let hosts: Vec<_> = hosts.iter().map(|host| host.parse().unwrap()).collect();
            let domain = domain.map(|domain| domain.parse().unwrap());
            super::judge(own, domain.as_ref(), &hosts)
        };
        for (own, domain, hosts) in [
            (
                "login.example.com",
                Some("example.com"),
                &["photos.example.com", "*.apps.example.com"][..],
            ),
            ("localhost", None, &["localhost:8080"]),
            ("login.example.com", None, &[]),
        ] {
            let found = judge(own, domain, hosts);
            assert_eq!(found.status, Status::Ok, "{}", found.message);
        }
        for (own, domain, hosts, words) in [
            (
                "login.apps.example.com",
                Some("apps.example.com"),
                &["photos.example.com:8443", "wiki.apps.example.com"][..],
                "never to photos.example.com: everybody is a stranger there; set cookie.domain to example.com",
            ),
            (
                "login.example.com",
                None,
                &["photos.example.com", "photos.example.com:8443"],
                "stays on login.example.com, and never to photos.example.com: everybody is a stranger there; set cookie.domain to example.com",
            ),
            (
                "login.duckdns.org",
                None,
                &["photos.duckdns.org"],
                "below one domain of yours",
            ),
        ] {
            let found = judge(own, domain, hosts);
            assert!(
                found.status == Status::Warning && found.message.contains(words),
                "{}",
                found.message
            );
        }
    }
}
