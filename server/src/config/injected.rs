//! Variables that a platform sets beside ours, because a service of its own has our name.
//!
//! Kubernetes tells each container where the services of its namespace are (`LATCHKEY_SERVICE_HOST`,
//! `LATCHKEY_PORT_3000_TCP`, …), and so do Docker's links. A service that is called `latchkey`, or
//! `latchkey-internal`, must not keep Latchkey from starting. They are told by their shape: the end of the
//! name, and what the value looks like.

use std::net::IpAddr;

const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];

/// Whether this variable is of that family.
pub(super) fn is_injected(variable: &str, value: &str) -> bool {
    variable.strip_prefix("LATCHKEY").is_some_and(|rest| {
        rest.match_indices('_')
            .any(|(start, _)| is_of_a_service(&rest[start + 1..], value))
    })
}

/// What stands behind the name of the service.
fn is_of_a_service(end: &str, value: &str) -> bool {
    let is_number = |text: &str| text.parse::<u16>().is_ok();
    match end {
        "SERVICE_HOST" => value.parse::<IpAddr>().is_ok(),
        "SERVICE_PORT" => is_number(value),
        "PORT" => is_address(value),
        // Of a Docker link: `/web/latchkey`.
        "NAME" => value.starts_with('/'),
        _ if end.starts_with("SERVICE_PORT_") => is_number(value),
        _ if end.starts_with("ENV_") => true,
        _ => end
            .strip_prefix("PORT_")
            .is_some_and(|port| is_of_a_port(port, value)),
    }
}

/// `3000_TCP`, alone or with a part of the address.
fn is_of_a_port(port: &str, value: &str) -> bool {
    let mut words = port.split('_');
    let (number, protocol, part) = (words.next(), words.next(), words.next());
    let is_port = number.is_some_and(|number| number.parse::<u16>().is_ok())
        && protocol.is_some_and(|protocol| PROTOCOLS.contains(&protocol))
        && words.next().is_none();
    is_port
        && match part {
            None => is_address(value),
            Some("PROTO") => PROTOCOLS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(value)),
            Some("PORT") => value.parse::<u16>().is_ok(),
            Some("ADDR") => value.parse::<IpAddr>().is_ok(),
            Some(_) => false,
        }
}

/// `tcp://10.96.12.7:3000`
fn is_address(value: &str) -> bool {
    value.split_once("://").is_some_and(|(protocol, _)| {
        PROTOCOLS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(protocol))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::key::KEYS;

    #[test]
    fn field_5_what_kubernetes_and_docker_inject_is_told_by_its_shape() {
        for (variable, value) in [
            ("LATCHKEY_SERVICE_HOST", "10.96.12.7"),
            ("LATCHKEY_SERVICE_HOST", "fd00::7"),
            ("LATCHKEY_SERVICE_PORT", "3000"),
            ("LATCHKEY_SERVICE_PORT_HTTP", "3000"),
            ("LATCHKEY_SERVICE_PORT_HTTP_ALT", "3001"),
            ("LATCHKEY_PORT", "tcp://10.96.12.7:3000"),
            ("LATCHKEY_PORT_3000_TCP", "tcp://10.96.12.7:3000"),
            ("LATCHKEY_PORT_3000_TCP_PROTO", "tcp"),
            ("LATCHKEY_PORT_3000_TCP_PORT", "3000"),
            ("LATCHKEY_PORT_3000_TCP_ADDR", "10.96.12.7"),
            ("LATCHKEY_PORT_443_UDP", "udp://[fd00::7]:443"),
            ("LATCHKEY_PORT_443_UDP_ADDR", "fd00::7"),
            ("LATCHKEY_PORT_9_SCTP_PROTO", "sctp"),
            ("LATCHKEY_INTERNAL_SERVICE_HOST", "10.96.12.8"),
            ("LATCHKEY_INTERNAL_PORT", "tcp://10.96.12.8:3001"),
            ("LATCHKEY_INTERNAL_PORT_3001_TCP", "tcp://10.96.12.8:3001"),
            ("LATCHKEY_PUBLIC_SERVICE_PORT", "3000"),
            ("LATCHKEY_NAME", "/web/latchkey"),
            ("LATCHKEY_ENV_LANG", "C"),
        ] {
            assert!(is_injected(variable, value), "{variable}={value}");
        }
        // A slip of somebody's is not lost among them.
        for (variable, value) in [
            ("LATCHKEY_PORT", "3000"),
            ("LATCHKEY_PUBLIC_PORT", "3000"),
            ("LATCHKEY_PORT_3000", "tcp://10.96.12.7:3000"),
            ("LATCHKEY_PORT_X_TCP", "tcp://10.96.12.7:3000"),
            ("LATCHKEY_PORT_3000_TCP_HOST", "10.96.12.7"),
            ("LATCHKEY_SERVICE_HOST", "latchkey.example.com"),
            ("LATCHKEY_SERVICE_NAME", "latchkey"),
            ("LATCHKEYS_PROXY_TRUSTED", "10.0.0.0/8"),
            ("LATCHKEY_PUBLIC_UR", "https://login.example.com"),
            ("LATCHKEY", ""),
        ] {
            assert!(!is_injected(variable, value), "{variable}={value}");
        }
    }

    #[test]
    fn field_5_no_setting_of_ours_is_taken_for_one() {
        for key in KEYS {
            for value in [
                key.default,
                "10.0.0.7",
                "3000",
                "tcp://10.0.0.7:3000",
                "tcp",
            ] {
                assert!(!is_injected(&key.variable(), value), "{}", key.name);
            }
        }
    }
}
