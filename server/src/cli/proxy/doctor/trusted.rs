//! Whom `proxy.trusted` believes: every address in it may ask about every service without a token,
//! and say where a request came from.
//!
//! | | fine | a warning | wrong |
//! |---|---|---|---|
//! | loopback | all of it | | |
//! | private IPv4 (RFC 1918, RFC 6598) | /16 and longer | shorter | |
//! | unique local IPv6 (RFC 4193) | /48 and longer | shorter | |
//! | public IPv4 | /24 and longer | /16 to /23 | shorter |
//! | public IPv6 | /64 and longer | /48 to /63 | shorter |
//!
//! A /16 is what Docker gives a network and Kubernetes a cluster's pods, and a /48 is one site
//! (RFC 4193 §3.1, RFC 6177 §2): more than that holds machines that are no proxies. In public, a /24
//! and a /64 are the smallest that one network has to itself; beyond a /16 and a /48 it is
//! several, and strangers are among them.

use crate::{cli::finding::Finding, config::proxy::Network};
use std::net::IpAddr;

const CHECK: &str = "trusted";

/// One finding, or one for each range that is too wide. `origin` says where it was set.
pub(super) fn judge(trusted: &[Network], origin: &str) -> Vec<Finding> {
    if trusted.is_empty() {
        return vec![Finding::ok(
            CHECK,
            "no address is trusted, so the proxy must send the service's token; \
             and to log where people come from, name the proxy in proxy.trusted",
        )];
    }
    let wide: Vec<_> = trusted
        .iter()
        .filter_map(|network| judge_one(network, origin))
        .collect();
    if wide.is_empty() {
        let all: Vec<_> = trusted.iter().map(ToString::to_string).collect();
        return vec![Finding::ok(CHECK, format!("{} ({origin})", all.join(", ")))];
    }
    wide
}

fn judge_one(network: &Network, origin: &str) -> Option<Finding> {
    let (warned, wrong) = limits(network);
    let prefix = network.prefix();
    if prefix >= warned {
        return None;
    }
    let single = if network.base().is_ipv4() { 32 } else { 128 };
    let message = format!(
        "proxy.trusted ({origin}) has {network}: whoever gets an address in it may ask about every service \
         without a token and choose the address that is logged. Write the proxy's own, like {}/{single}",
        network.base()
    );
    Some(match prefix < wrong {
        true => Finding::failed(CHECK, message),
        false => Finding::warning(CHECK, message),
    })
}

/// Below the first it is a warning, below the second wrong.
fn limits(network: &Network) -> (u8, u8) {
    let (base, prefix) = (network.base(), network.prefix());
    let lies_in = |space: &str, bits: u8| {
        prefix >= bits && Network::parse(space).is_ok_and(|space| space.contains(base))
    };
    match base {
        IpAddr::V4(_) if lies_in("127.0.0.0/8", 8) => (0, 0),
        IpAddr::V4(_)
            if lies_in("10.0.0.0/8", 8)
                || lies_in("172.16.0.0/12", 12)
                || lies_in("192.168.0.0/16", 16)
                || lies_in("100.64.0.0/10", 10) =>
        {
            (16, 0)
        }
        IpAddr::V4(_) => (24, 16),
        IpAddr::V6(_) if lies_in("fc00::/7", 7) => (48, 0),
        IpAddr::V6(_) => (64, 48),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::finding::Status;

    fn status(text: &str) -> Status {
        judge(&[Network::parse(text).unwrap()], "here")[0].status
    }

    #[test]
    fn r4_r21_a_range_is_no_wider_than_its_proxies() {
        for (text, expected) in [
            ("127.0.0.1", Status::Ok),
            ("127.0.0.0/8", Status::Ok),
            ("::1", Status::Ok),
            ("10.0.0.7/32", Status::Ok),
            ("172.18.0.0/16", Status::Ok),
            ("10.0.0.0/15", Status::Warning),
            ("10.0.0.0/8", Status::Warning),
            ("172.16.0.0/12", Status::Warning),
            ("100.64.0.0/10", Status::Warning),
            ("fd12:3456:789a::/48", Status::Ok),
            ("fd00::/8", Status::Warning),
            ("203.0.113.0/24", Status::Ok),
            ("203.0.112.0/23", Status::Warning),
            ("104.16.0.0/16", Status::Warning),
            ("104.16.0.0/13", Status::Failed),
            // Private addresses lie in it, and many others.
            ("8.0.0.0/5", Status::Failed),
            ("172.0.0.0/8", Status::Failed),
            ("126.0.0.0/7", Status::Failed),
            ("2001:db8:1:2::/64", Status::Ok),
            ("2001:db8:1::/48", Status::Warning),
            ("2400:cb00::/32", Status::Failed),
            ("f000::/4", Status::Failed),
        ] {
            assert_eq!(status(text), expected, "{text}");
        }
    }

    #[test]
    fn a_wide_range_is_named_with_its_place_and_what_to_write() {
        let found = judge(
            &[
                Network::parse("10.1.2.3/8").unwrap(),
                Network::parse("::1").unwrap(),
            ],
            "latchkey.toml, line 5",
        );
        assert_eq!(found.len(), 1);
        assert!(
            found[0]
                .message
                .starts_with("proxy.trusted (latchkey.toml, line 5) has 10.1.2.3/8:"),
            "{}",
            found[0].message
        );
        assert!(
            found[0].message.ends_with("like 10.1.2.3/32"),
            "{}",
            found[0].message
        );
        assert!(
            judge(&[], "default")[0]
                .message
                .contains("must send the service's token")
        );
    }
}
