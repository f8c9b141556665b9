//! Names under which strangers register: `com`, `co.uk`, `duckdns.org`, `github.io`. Browsers keep no cookie for one
//! (RFC 6265 §5.3), by the list at publicsuffix.org, of which they use both parts.

/// Whether everybody can have a name below this one. A single label is one, `localhost` among them.
pub(crate) fn is_public_suffix(name: &str) -> bool {
    psl::suffix_str(name) == Some(name)
}

/// The highest name above this one that is somebody's own.
pub(crate) fn registrable(name: &str) -> Option<&str> {
    psl::domain_str(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_3_both_parts_of_the_list_and_unlisted_labels_count() {
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
