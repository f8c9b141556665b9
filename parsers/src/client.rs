//! The client of a request: its address and its browser, as far as either can be known.

use http::{HeaderMap, HeaderName, header};
use std::net::{IpAddr, SocketAddr};

/// How much of `User-Agent` is kept, in bytes.
pub const MAX_USER_AGENT_BYTES: usize = 512;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address: the last hop in `X-Forwarded-For` that is not a trusted proxy, or `peer` itself.
///
/// Read from the right: each trusted proxy appended the address that it saw. What is further left was
/// written by the client and may be anything (authentik CVE-2024-47070).
#[must_use]
pub fn address(
    peer: IpAddr,
    headers: &HeaderMap,
    is_trusted_proxy: impl Fn(IpAddr) -> bool,
) -> IpAddr {
    // A line that is not visible ASCII becomes a hop that cannot be parsed. If it were skipped, the line to its left would
    // count, which the client may have written.
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    let mut hops = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
    let mut current = peer.to_canonical();
    while is_trusted_proxy(current) {
        // If the chain ends or is malformed, the last proxy itself is the last address that is known.
        match hops.next().and_then(|hop| parse_hop(hop.trim())) {
            Some(hop) => current = hop.to_canonical(),
            None => break,
        }
    }
    current
}

/// The client's address if it is not that of a proxy: what asks for somebody else may be one itself, and then says nothing of its client.
#[must_use]
pub fn forwarded_address(
    peer: IpAddr,
    headers: &HeaderMap,
    is_trusted_proxy: impl Fn(IpAddr) -> bool,
) -> Option<IpAddr> {
    if !is_trusted_proxy(peer) {
        return None;
    }
    let client = address(peer, headers, &is_trusted_proxy);
    (!is_trusted_proxy(client)).then_some(client)
}

/// What the browser of a request that is asked about calls itself, in the header `name`. Only what every browser's header begins with
/// counts: a proxy or a service may send a name of its own, and a browser's media player and download manager have their own, too,
/// and send its cookies. Nothing if there are several.
#[must_use]
pub fn forwarded_browser<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut lines = headers.get_all(name).into_iter();
    let line = lines.next()?.to_str().ok()?;
    let line = &line[..line.len().min(MAX_USER_AGENT_BYTES)];
    (lines.next().is_none() && line.starts_with("Mozilla/")).then_some(line)
}

/// An address as proxies write it. Some add the port (Azure Application Gateway), and IPv6 addresses are then
/// in brackets (RFC 3986 §3.2.2).
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let bracketed = || {
        hop.strip_prefix('[')?
            .strip_suffix(']')?
            .parse()
            .ok()
            .map(IpAddr::V6)
    };
    let plain = hop.parse::<IpAddr>().ok();
    plain
        .or_else(|| Some(hop.parse::<SocketAddr>().ok()?.ip()))
        .or_else(bracketed)
}

/// The browser's `User-Agent`, without control characters and at most [`MAX_USER_AGENT_BYTES`] long; empty if
/// there is none.
#[must_use]
pub fn user_agent(headers: &HeaderMap) -> String {
    let Some(line) = headers.get(header::USER_AGENT) else {
        return String::new();
    };
    let mut text = String::from_utf8_lossy(line.as_bytes()).into_owned();
    text.retain(|c| !c.is_control());
    text.truncate(text.floor_char_boundary(MAX_USER_AGENT_BYTES));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn is_trusted_proxy(address: IpAddr) -> bool {
        matches!(address, IpAddr::V4(address) if address.octets()[0] == 10)
    }

    fn seen(peer: &str, forwarded: &[&str]) -> String {
        let headers = forwarded
            .iter()
            .map(|line| {
                (
                    FORWARDED_FOR,
                    HeaderValue::from_bytes(line.as_bytes()).unwrap(),
                )
            })
            .collect();
        address(peer.parse().unwrap(), &headers, is_trusted_proxy).to_string()
    }

    #[test]
    fn r4_only_a_trusted_proxy_says_where_a_request_came_from() {
        assert_eq!(seen("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(seen("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(seen("::ffff:10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
    }

    #[test]
    fn r4_the_rightmost_untrusted_hop_counts_whatever_the_client_wrote_before() {
        assert_eq!(
            seen("10.0.0.1", &["127.0.0.1, 198.51.100.7"]),
            "198.51.100.7"
        );
        assert_eq!(
            seen("10.0.0.1", &["127.0.0.1, 198.51.100.7, 10.0.0.2"]),
            "198.51.100.7"
        );
        assert_eq!(
            seen("10.0.0.1", &["127.0.0.1", "198.51.100.7"]),
            "198.51.100.7"
        );
    }

    #[test]
    fn r4_an_unreadable_line_ends_the_chain() {
        assert_eq!(seen("10.0.0.1", &["127.0.0.1", "é"]), "10.0.0.1");
        assert_eq!(
            seen("10.0.0.1", &["127.0.0.1", "é, 10.0.0.3", "10.0.0.2"]),
            "10.0.0.2"
        );
        assert_eq!(seen("10.0.0.1", &["é", "198.51.100.7"]), "198.51.100.7");
    }

    #[test]
    fn must_survive_21_empty_or_malformed_chains_leave_the_proxy_itself() {
        for forwarded in [
            &[][..],
            &[""],
            &["unknown"],
            &["198.51.100.7, garbage"],
            &[","],
            &["198.51.100.7,"],
        ] {
            assert_eq!(seen("10.0.0.1", forwarded), "10.0.0.1", "{forwarded:?}");
        }
    }

    #[test]
    fn field_5_a_hop_with_a_port_or_in_brackets_is_an_address() {
        for (hop, address) in [
            ("203.0.113.7:51008", "203.0.113.7"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[::ffff:203.0.113.7]:443", "203.0.113.7"),
            (
                "198.51.100.7, 203.0.113.7:51008, 10.0.0.2:80",
                "203.0.113.7",
            ),
            ("203.0.113.7:51008, [::ffff:10.0.0.2]:80", "203.0.113.7"),
        ] {
            assert_eq!(seen("10.0.0.1", &[hop]), address, "{hop}");
        }
        for hop in [
            "203.0.113.7:",
            "203.0.113.7:x",
            "203.0.113.7:99999",
            "203.0.113.7:80:80",
            "[203.0.113.7]",
            "[203.0.113.7]:80",
            "[2001:db8::1",
            "2001:db8::1]",
            "[2001:db8::1]:",
            "[]",
            ":80",
        ] {
            assert_eq!(seen("10.0.0.1", &[hop]), "10.0.0.1", "{hop}");
        }
    }

    #[test]
    fn audit_54_an_address_counts_if_a_trusted_proxy_says_it_of_a_client() {
        let said = |peer: &str, forwarded: &'static str| {
            let line = (FORWARDED_FOR, HeaderValue::from_static(forwarded));
            let headers = [line].into_iter().collect();
            let address = forwarded_address(peer.parse().unwrap(), &headers, is_trusted_proxy);
            address.map(|address| address.to_string())
        };
        let client = Some("198.51.100.7".to_owned());
        assert_eq!(said("10.0.0.1", "198.51.100.7"), client);
        assert_eq!(
            said("10.0.0.1", "127.0.0.1, 198.51.100.7, 10.0.0.2"),
            client
        );
        // Whoever asks is no client, and what it says counts only if it is trusted.
        assert_eq!(said("192.0.2.1", "198.51.100.7"), None);
        for unknown in ["", "unknown", "10.0.0.2"] {
            assert_eq!(said("10.0.0.1", unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_browser_is_what_calls_itself_as_browsers_do() {
        let said = |lines: &[&'static str]| {
            let lines = lines.iter().map(|line| HeaderValue::from_static(line));
            let headers = lines.map(|line| (header::USER_AGENT, line)).collect();
            forwarded_browser(&headers, &header::USER_AGENT).map(str::to_owned)
        };
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(said(&[firefox]).as_deref(), Some(firefox));
        for lines in [
            &[][..],
            &[""],
            &["Go-http-client/1.1"],
            &["AppleCoreMedia/1.0.0.22A3354 (iPhone; U; CPU OS 18_0 like Mac OS X; de_de)"],
            &[firefox, firefox],
        ] {
            assert_eq!(said(lines), None, "{lines:?}");
        }
    }

    #[test]
    fn r12_the_user_agent_is_truncated_and_has_no_control_characters() {
        let long = "ü".repeat(600);
        let headers: HeaderMap = [(
            header::USER_AGENT,
            HeaderValue::from_bytes(format!("x{long}").as_bytes()).unwrap(),
        )]
        .into_iter()
        .collect();
        assert_eq!(user_agent(&headers).len(), 511);
        let headers: HeaderMap = [(
            header::USER_AGENT,
            HeaderValue::from_bytes(b"a\tb\xff").unwrap(),
        )]
        .into_iter()
        .collect();
        assert_eq!(user_agent(&headers), "ab\u{fffd}");
    }
}
