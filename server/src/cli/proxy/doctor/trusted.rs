//! Whom `proxy.trusted` and `proxy.forward_auth` name: every address in the first may say where a request
//! came from, and every address in the second may ask about every service without a token.
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

use crate::{
    cli::finding::Finding,
    config::proxy::{Network, Proxy},
};
use std::net::IpAddr;

/// One of the two settings.
struct Setting<'a> {
    check: &'static str,
    name: &'static str,
    /// Where it was set.
    origin: &'a str,
    /// What an address in it may do.
    power: &'static str,
    /// What holds while nobody is named.
    without: String,
}

/// For each setting one finding, or one for each range that is too wide. `origins` says where
/// `proxy.trusted` and `proxy.forward_auth` were set.
pub(super) fn judge(proxy: &Proxy, origins: [&str; 2]) -> Vec<Finding> {
    let token = "no address may ask without a token, so the proxy must send the service's token";
    let trusted = Setting {
        check: "trusted",
        name: "proxy.trusted",
        origin: origins[0],
        power: "choose the address that is logged",
        without:
            "no address is trusted; to log where people come from, name the proxy in proxy.trusted"
                .to_owned(),
    };
    let callers = Setting {
        check: "callers",
        name: "proxy.forward_auth",
        origin: origins[1],
        power: "ask about every service without a token",
        without: match proxy.advice() {
            Some(advice) => format!("{token}; {advice}"),
            None => token.to_owned(),
        },
    };
    let mut found = trusted.judge(&proxy.trusted);
    found.extend(callers.judge(&proxy.forward_auth));
    found
}

impl Setting<'_> {
    fn judge(&self, networks: &[Network]) -> Vec<Finding> {
        if networks.is_empty() {
            return vec![Finding::ok(self.check, self.without.as_str())];
        }
        let wide: Vec<_> = networks
            .iter()
            .filter_map(|network| self.judge_one(network))
            .collect();
        if wide.is_empty() {
            let all: Vec<_> = networks.iter().map(ToString::to_string).collect();
            let message = format!("{} ({})", all.join(", "), self.origin);
            return vec![Finding::ok(self.check, message)];
        }
        wide
    }

    fn judge_one(&self, network: &Network) -> Option<Finding> {
        let (warned, wrong) = limits(network);
        let prefix = network.prefix();
        if prefix >= warned {
            return None;
        }
        let single = if network.base().is_ipv4() { 32 } else { 128 };
        let message = format!(
            "{} ({}) has {network}: whoever gets an address in it may {}. Write the proxy's own, like {}/{single}",
            self.name,
            self.origin,
            self.power,
            network.base()
        );
        Some(match prefix < wrong {
            true => Finding::failed(self.check, message),
            false => Finding::warning(self.check, message),
        })
    }
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
        let found = judge(&proxy(&[text], &[text]), ["here", "there"]);
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
        let origins = ["latchkey.toml, line 5", "LATCHKEY_PROXY_FORWARD_AUTH"];
        let wide = ["10.1.2.3/8", "::1"];
        let found = judge(&proxy(&wide, &wide), origins);
        assert_eq!(found.len(), 2);
        for (found, start, power) in [
            (
                &found[0],
                "proxy.trusted (latchkey.toml, line 5) has 10.1.2.3/8:",
                "choose the address that is logged",
            ),
            (
                &found[1],
                "proxy.forward_auth (LATCHKEY_PROXY_FORWARD_AUTH) has 10.1.2.3/8:",
                "ask about every service without a token",
            ),
        ] {
            let message = &found.message;
            assert!(
                message.starts_with(start)
                    && message.contains(power)
                    && message.ends_with("like 10.1.2.3/32"),
                "{message}"
            );
        }
        let none = judge(&Proxy::default(), ["default"; 2]);
        assert!(none[1].message.ends_with("must send the service's token"));
    }

    #[test]
    fn audit_14_whoever_wrote_the_one_setting_is_told_of_the_other() {
        let found = judge(&proxy(&["10.0.0.2/32"], &[]), ["here", "default"]);
        assert!(
            found[1].status == Status::Ok
                && found[1].message.contains("named in proxy.forward_auth too"),
            "{}",
            found[1].message
        );
        let found = judge(&proxy(&[], &["10.0.0.2/32"]), ["default", "here"]);
        assert_eq!(found[1].message, "10.0.0.2/32 (here)");
        assert!(found[0].message.contains("no address is trusted"));
    }
}
