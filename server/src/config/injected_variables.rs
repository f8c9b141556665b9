//! Variables that a platform injects and that look like ours.
//!
//! Kubernetes sets variables for the services of a namespace in each container (`LATCHKEY_SERVICE_HOST`,
//! `LATCHKEY_PORT_3000_TCP`, …), as do Docker's links. A service named `latchkey` or `latchkey-internal` must not
//! prevent Latchkey from starting. They are recognized by the end of the name and the form of the value.

use std::net::IpAddr;

const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];

/// Whether this variable was injected.
pub(super) fn is_injected(variable: &str, value: &str) -> bool {
    variable.strip_prefix("LATCHKEY").is_some_and(|rest| {
        rest.match_indices('_')
            .any(|(start, _)| is_of_service(&rest[start + 1..], value))
    })
}

/// By the part of the name after that of the service.
fn is_of_service(end: &str, value: &str) -> bool {
    let is_number = |text: &str| text.parse::<u16>().is_ok();
    match end {
        "SERVICE_HOST" => value.parse::<IpAddr>().is_ok(),
        "SERVICE_PORT" => is_number(value),
        "PORT" => is_address(value),
        // Of a Docker link, like `/web/latchkey`.
        "NAME" => value.starts_with('/'),
        _ if end.starts_with("SERVICE_PORT_") => is_number(value),
        _ if end.starts_with("ENV_") => true,
        _ => end
            .strip_prefix("PORT_")
            .is_some_and(|port| is_of_port(port, value)),
    }
}

/// `3000_TCP`, alone or followed by the part of an address.
fn is_of_port(port: &str, value: &str) -> bool {
    let mut parts = port.split('_');
    let (number, protocol, part) = (parts.next(), parts.next(), parts.next());
    let is_port = number.is_some_and(|number| number.parse::<u16>().is_ok())
        && protocol.is_some_and(|protocol| PROTOCOLS.contains(&protocol))
        && parts.next().is_none();
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
    fn field_5_variables_of_kubernetes_and_docker_are_recognized() {
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
        // A typo of the operator is reported.
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
    fn field_5_no_setting_is_mistaken_for_an_injected_variable() {
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
