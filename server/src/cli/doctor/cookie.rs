//! Whether browsers send the device cookie to the services.

use crate::{
    cli::finding::Finding,
    cookie_domain::{common_domain_of_all, domain_matches, names},
};
use latchkey_domain::request::host::{Host, HostPattern};

const CHECK: &str = "cookie";

/// By the hosts of all services, for a Latchkey of this name.
pub(super) fn check(own: &str, domain: Option<&Host>, hosts: &[HostPattern]) -> Finding {
    let is_sent_to = |name: &str| match domain {
        Some(domain) => domain_matches(name, domain.as_str()),
        None => name == own,
    };
    let mut missed: Vec<_> = names(hosts).filter(|name| !is_sent_to(name)).collect();
    missed.sort_unstable();
    missed.dedup();
    let scope = match domain {
        Some(domain) => {
            format!("browsers send the device cookie to {domain} and all hosts below it")
        }
        None => format!("browsers send the device cookie to {own} only"),
    };
    if missed.is_empty() {
        return Finding::ok(CHECK, "cookie_sent", scope);
    }
    let remedy = match common_domain_of_all(own, hosts) {
        Some(domain) => format!("set cookie.domain to {domain}"),
        None => {
            "serve Latchkey and the services below one domain of yours, and set cookie.domain to it"
                .to_owned()
        }
    };
    Finding::warning(
        CHECK,
        "cookie_not_sent",
        format!(
            "{scope}, not to {}: everyone is anonymous there; {remedy}",
            missed.join(", ")
        ),
    )
}

#[cfg(test)]
mod tests {
    use crate::cli::finding::Status;

    #[test]
    fn field_3_services_to_which_the_cookie_is_not_sent_are_named_with_a_domain_that_works() {
        let check = |own: &str, domain: Option<&str>, hosts: &[&str]| {
            let hosts: Vec<_> = hosts.iter().map(|host| host.parse().unwrap()).collect();
            let domain = domain.map(|domain| domain.parse().unwrap());
            super::check(own, domain.as_ref(), &hosts)
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
            let finding = check(own, domain, hosts);
            assert_eq!(finding.status, Status::Ok, "{}", finding.message);
        }
        for (own, domain, hosts, text) in [
            (
                "login.apps.example.com",
                Some("apps.example.com"),
                &["photos.example.com:8443", "wiki.apps.example.com"][..],
                "not to photos.example.com: everyone is anonymous there; set cookie.domain to example.com",
            ),
            (
                "login.example.com",
                None,
                &["photos.example.com", "photos.example.com:8443"],
                "to login.example.com only, not to photos.example.com: everyone is anonymous there; set cookie.domain to example.com",
            ),
            (
                "login.duckdns.org",
                None,
                &["photos.duckdns.org"],
                "below one domain of yours",
            ),
        ] {
            let finding = check(own, domain, hosts);
            assert!(
                finding.status == Status::Warning && finding.message.contains(text),
                "{}",
                finding.message
            );
        }
    }
}
