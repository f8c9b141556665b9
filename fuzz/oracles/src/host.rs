//! A pattern in the first line and a host in the second: both print canonically, browsers resolve the host as it is
//! parsed, and a pattern matches no other host.

use latchkey_domain::request::host::{Host, HostPattern};
use url::Url;

/// Checks a host pattern, and a host in the next line.
pub fn check(text: &str) {
    let (pattern, host) = text.split_once('\n').unwrap_or((text, text));
    let (pattern, host) = (HostPattern::parse(pattern), Host::parse(host));
    if let Ok(pattern) = &pattern {
        assert_eq!(
            HostPattern::parse(&pattern.to_string()).as_ref(),
            Ok(pattern)
        );
    }
    let Ok(host) = host else { return };
    assert_eq!(Host::parse(host.as_str()).as_ref(), Ok(&host));
    assert_eq!(host.as_str(), host.as_str().to_ascii_lowercase());
    for is_https in [true, false] {
        let scheme = if is_https { "https" } else { "http" };
        let plain = host.without_own_port(is_https);
        // As browsers parse it (WHATWG URL); they refuse only names that are invalid Punycode.
        match Url::parse(&format!("{scheme}://{host}/")) {
            Ok(url) => assert_eq!(url.as_str(), format!("{scheme}://{plain}/")),
            Err(_) => assert!(host.as_str().contains("xn--"), "{host}"),
        }
        // The default port of the other scheme is another host.
        let others = if is_https { ":80" } else { ":443" };
        assert_eq!(
            HostPattern::from(host.clone()).matches(&host, is_https),
            !host.as_str().ends_with(others)
        );
        if let Ok(pattern) = &pattern
            && pattern.matches(&host, is_https)
        {
            let own = pattern.host().as_str();
            let first = plain.strip_suffix(own);
            match pattern.is_wildcard() {
                true => assert!(
                    first.is_some_and(|first| first.find('.') == Some(first.len() - 1)),
                    "{pattern} is no {host}"
                ),
                false => assert_eq!(first, Some(""), "{pattern} is no {host}"),
            }
        }
    }
}
