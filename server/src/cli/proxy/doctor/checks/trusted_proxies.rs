//! Which addresses `proxy.trusted` and `proxy.forward_auth` list: an address in the first can set the client
//! address of a request, and one in the second can ask about every service without a token.
//!
//! | | ok | warning | failed |
//! |---|---|---|---|
//! | loopback | all | | |
//! | private IPv4 (RFC 1918, RFC 6598) | /16 and longer | shorter | |
//! | unique local IPv6 (RFC 4193) | /48 and longer | shorter | |
//! | public IPv4 | /24 and longer | /16 to /23 | shorter |
//! | public IPv6 | /64 and longer | /48 to /63 | shorter |
//!
//! Docker gives a network a /16, as Kubernetes gives the pods of a cluster; a /48 is one site (RFC 4193 §3.1,
//! RFC 6177 §2). A wider range contains machines that are not proxies. On the internet, a /24 and a /64 are the
//! smallest blocks that belong to one network; a range wider than a /16 or a /48 spans several networks.

use crate::{
    cli::finding::Finding,
    config::proxy::{Network, Proxy},
};
use std::net::IpAddr;

/// One of the two settings.
struct Setting<'a> {
    name: &'static str,
    /// Where it was set.
    origin: &'a str,
    /// What an address in it is allowed.
    permission: &'static str,
    /// The message if it lists no address.
    empty: String,
}

/// One finding for each setting, or one for each range that is too wide. `origins` says where
/// `proxy.trusted` and `proxy.forward_auth` were set.
pub(in super::super) fn check(proxy: &Proxy, origins: [&str; 2]) -> Vec<Finding> {
    let token = "every proxy must send the service's token";
    let trusted = Setting {
        name: "proxy.trusted",
        origin: origins[0],
        permission: "set the client address that is logged and rate-limited",
        empty: "no proxy is trusted; list the proxy here so that Latchkey logs the addresses of clients"
            .to_owned(),
    };
    let forward_auth = Setting {
        name: "proxy.forward_auth",
        origin: origins[1],
        permission: "ask about every service without a token",
        empty: match proxy.advice() {
            Some(advice) => format!("{token}; {advice}"),
            None => token.to_owned(),
        },
    };
    let mut findings = trusted.check(&proxy.trusted);
    findings.extend(forward_auth.check(&proxy.forward_auth));
    findings
}

impl Setting<'_> {
    fn check(&self, networks: &[Network]) -> Vec<Finding> {
        if networks.is_empty() {
            return vec![Finding::ok(self.name, "no_addresses", self.empty.as_str())];
        }
        let wide: Vec<_> = networks
            .iter()
            .filter_map(|network| self.check_width(network))
            .collect();
        if wide.is_empty() {
            let all: Vec<_> = networks.iter().map(ToString::to_string).collect();
            let message = format!("{} ({})", all.join(", "), self.origin);
            return vec![Finding::ok(self.name, "addresses_listed", message)];
        }
        wide
    }

    fn check_width(&self, network: &Network) -> Option<Finding> {
        let (min_ok, min_warning) = prefix_limits(network);
        let prefix = network.prefix_len();
        if prefix >= min_ok {
            return None;
        }
        let single = if network.address().is_ipv4() { 32 } else { 128 };
        let message = format!(
            "{} ({}) has {network}: any host in it can {}. List the proxy's own address, like {}/{single}",
            self.name,
            self.origin,
            self.permission,
            network.address()
        );
        const CODE: &str = "range_too_wide";
        Some(match prefix < min_warning {
            true => Finding::failed(self.name, CODE, message),
            false => Finding::warning(self.name, CODE, message),
        })
    }
}

/// The shortest prefix lengths that are ok, and that are only a warning.
fn prefix_limits(network: &Network) -> (u8, u8) {
    let (address, prefix) = (network.address(), network.prefix_len());
    let is_in = |space: &str, bits: u8| {
        prefix >= bits && Network::parse(space).is_ok_and(|space| space.contains(address))
    };
    match address {
        IpAddr::V4(_) if is_in("127.0.0.0/8", 8) => (0, 0),
        IpAddr::V4(_)
            if is_in("10.0.0.0/8", 8)
                || is_in("172.16.0.0/12", 12)
                || is_in("192.168.0.0/16", 16)
                || is_in("100.64.0.0/10", 10) =>
        {
            (16, 0)
        }
        IpAddr::V4(_) => (24, 16),
        IpAddr::V6(_) if is_in("fc00::/7", 7) => (48, 0),
        IpAddr::V6(_) => (64, 48),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::finding::Status;

    fn proxy(trusted: &[&str], forward_auth: &[&str]) -> Proxy {
        let networks = |all: &[&str]| {
            all.iter()
                .map(|text| Network::parse(text).unwrap())
                .collect()
        };
        Proxy {
            trusted: networks(trusted),
            forward_auth: networks(forward_auth),
        }
    }

    fn status(text: &str) -> Status {
        let found = check(&proxy(&[text], &[text]), ["here", "there"]);
        assert_eq!(found[0].status, found[1].status);
        found[0].status
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
            // They contain private addresses, and many others.
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
    fn a_wide_range_is_reported_with_its_origin_and_the_remedy() {
        let origins = ["latchkey.toml, line 5", "LATCHKEY_PROXY_FORWARD_AUTH"];
        let wide = ["10.1.2.3/8", "::1"];
        let found = check(&proxy(&wide, &wide), origins);
        assert_eq!(found.len(), 2);
        for (finding, start, permission) in [
            (
                &found[0],
                "proxy.trusted (latchkey.toml, line 5) has 10.1.2.3/8:",
                "set the client address that is logged",
            ),
            (
                &found[1],
                "proxy.forward_auth (LATCHKEY_PROXY_FORWARD_AUTH) has 10.1.2.3/8:",
                "ask about every service without a token",
            ),
        ] {
            let message = &finding.message;
            assert!(
                message.starts_with(start)
                    && message.contains(permission)
                    && message.ends_with("like 10.1.2.3/32"),
                "{message}"
            );
        }
        let none = check(&Proxy::default(), ["default"; 2]);
        assert!(none[1].message.ends_with("must send the service's token"));
    }

    #[test]
    fn audit_14_a_proxy_that_is_only_trusted_is_told_of_the_other_setting() {
        let found = check(&proxy(&["10.0.0.2/32"], &[]), ["here", "default"]);
        assert!(
            found[1].status == Status::Ok
                && found[1]
                    .message
                    .contains("list it in proxy.forward_auth too"),
            "{}",
            found[1].message
        );
        let found = check(&proxy(&[], &["10.0.0.2/32"]), ["default", "here"]);
        assert_eq!(found[1].message, "10.0.0.2/32 (here)");
        assert!(found[0].message.contains("no proxy is trusted"));
    }
}
