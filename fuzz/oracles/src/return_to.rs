//! Wherever a text asks to be led after signing in: here, to a known host, or nowhere.

use latchkey_domain::{
    request::host::HostPattern,
    request::return_to::{AllowedTargets, ReturnTo},
};
use url::Url;

/// Checks a return address.
pub fn check(text: &str) {
    for allow_http in [false, true] {
        let hosts = [
            "photos.example.com",
            "wiki.example.com:8443",
            "*.apps.example.com",
        ];
        let allowed = AllowedTargets {
            hosts: hosts
                .iter()
                .map(|host| HostPattern::parse(host).unwrap())
                .collect(),
            allow_http,
        };
        let Some(target) = ReturnTo::parse(text, &allowed) else {
            continue;
        };
        assert_eq!(target.as_str(), text);
        assert_eq!(
            ReturnTo::parse(target.as_str(), &allowed).as_ref(),
            Some(&target)
        );
        // As browsers resolve it (WHATWG URL).
        let base = Url::parse("https://login.example.com/login").unwrap();
        let Ok(url) = base.join(target.as_str()) else {
            // A browser that does not know where to go stays.
            assert!(text.contains("xn--"), "{text}");
            continue;
        };
        assert!(url.scheme() == "https" || allow_http && url.scheme() == "http");
        assert!(url.username().is_empty() && url.password().is_none());
        let host = url.host_str().unwrap();
        let is_known = match (host, url.port()) {
            ("login.example.com", None) => text.starts_with('/'),
            ("photos.example.com", None) | ("wiki.example.com", Some(8443)) => true,
            (host, None) => host
                .strip_suffix(".apps.example.com")
                .is_some_and(|label| !label.contains('.')),
            _ => false,
        };
        assert!(is_known, "{text} leads to {url}");
    }
}
