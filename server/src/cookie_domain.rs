//! Domains of cookies: which hosts they match (RFC 6265 §5.1.3), and for which domains browsers keep none: public
//! suffixes such as `com`, `co.uk`, `duckdns.org` and `github.io` (§5.3), by both parts of the list at
//! publicsuffix.org.

use latchkey_domain::request::host::HostPattern;

/// Whether anyone can register a name below this one. Every single label counts, such as `localhost`.
pub(crate) fn is_public_suffix(name: &str) -> bool {
    psl::suffix_str(name) == Some(name)
}

/// The registrable domain of a name: one label more than its public suffix.
pub(crate) fn registrable(name: &str) -> Option<&str> {
    psl::domain_str(name)
}

/// Whether a name matches this domain, so that browsers send it cookies of the domain.
pub(crate) fn domain_matches(name: &str, domain: &str) -> bool {
    name == domain
        || name
            .strip_suffix(domain)
            .is_some_and(|rest| rest.ends_with('.'))
}

/// The longest domain that both names match; none if that is a public suffix.
pub(crate) fn common_domain(one: &str, other: &str) -> Option<String> {
    let mut labels: Vec<_> = one
        .rsplit('.')
        .zip(other.rsplit('.'))
        .take_while(|(one, other)| one == other)
        .map(|(label, _)| label)
        .collect();
    labels.reverse();
    Some(labels.join(".")).filter(|domain| !is_public_suffix(domain) && !domain.is_empty())
}

/// The longest domain that a name and the names of all hosts match; none if that is a public suffix.
pub(crate) fn common_domain_of_all(name: &str, hosts: &[HostPattern]) -> Option<String> {
    names(hosts).try_fold(name.to_owned(), |all, host| common_domain(&all, host))
}

/// The names of hosts, without ports.
pub(crate) fn names(hosts: &[HostPattern]) -> impl Iterator<Item = &str> {
    hosts
        .iter()
        .map(|host| host.host().as_str().split(':').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_3_both_parts_of_the_public_suffix_list_and_unlisted_suffixes_count() {
        for (name, own) in [
            ("com", None),
            ("co.uk", None),
            ("duckdns.org", None),
            ("github.io", None),
            ("localhost", None),
            ("lan", None),
            ("login.example.com", Some("example.com")),
            ("example.co.uk", Some("example.co.uk")),
            ("login.yours.duckdns.org", Some("yours.duckdns.org")),
            ("login.field.localhost", Some("field.localhost")),
            ("nas.lan", Some("nas.lan")),
        ] {
            assert_eq!(registrable(name), own, "{name}");
            assert_eq!(is_public_suffix(name), own.is_none(), "{name}");
        }
    }
}
