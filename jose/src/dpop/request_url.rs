//! The target URI of a request, as the claim `htu` is compared (RFC 9449 §4.3, check 9).

#[cfg(test)]
mod tests;

use std::net::{Ipv4Addr, Ipv6Addr};

/// A URI of http or https without query and fragment, normalized by syntax and scheme (RFC 3986 §6.2.2, §6.2.3): the case of
/// scheme and host, an empty or default port, an empty path, escapes that are not needed, the case of escapes, and dot segments.
///
/// `None` for what is not such a URI, and for what two readers could take for two different URIs: user information, ports with
/// leading zeros, numbers as hosts in any form but the usual one, hosts with empty labels or escapes, paths with empty segments, or
/// whose dot segments go above the root or remove a segment with escapes or delimiters.
pub(super) fn normalized(uri: &str) -> Option<String> {
    let uri = uri.split(['?', '#']).next()?;
    let (scheme, rest) = uri.split_once("://")?;
    let (scheme, default_port) = match scheme.to_ascii_lowercase().as_str() {
        "https" => ("https", 443),
        "http" => ("http", 80),
        _ => return None,
    };
    let (authority, path) = match rest.find('/') {
        Some(start) => rest.split_at(start),
        None => (rest, "/"),
    };
    let (host, port) = match authority.strip_prefix('[') {
        Some(address) => {
            let (address, rest) = address.split_once(']')?;
            let address: Ipv6Addr = address.parse().ok()?;
            let port = match rest {
                "" => "",
                rest => rest.strip_prefix(':')?,
            };
            (format!("[{address}]"), port)
        }
        None => {
            let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
            (normalized_host(host)?, port)
        }
    };
    let port = match normalized_port(port, default_port)? {
        port if port == default_port => String::new(),
        port => format!(":{port}"),
    };
    Some(format!("{scheme}://{host}{port}{}", normalized_path(path)?))
}

/// A name, or an IPv4 address. A last label that browsers take for a number (URL Standard, "ends in a number checker") makes an
/// address, in one form only.
fn normalized_host(host: &str) -> Option<String> {
    let is_label = |label: &str| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        !label.is_empty() && label.bytes().all(is_part)
    };
    let host = host.to_ascii_lowercase();
    let last = host.rsplit('.').next()?;
    let is_number = last.starts_with("0x") || last.bytes().all(|byte| byte.is_ascii_digit());
    let is_host = host.split('.').all(is_label) && (!is_number || host.parse::<Ipv4Addr>().is_ok());
    is_host.then_some(host)
}

fn normalized_port(port: &str, default: u16) -> Option<u16> {
    match port.bytes().next() {
        None => Some(default),
        // `parse` alone would also read `+443` and `0443`.
        Some(b'1'..=b'9') => port.parse().ok(),
        Some(_) => None,
    }
}

/// A path without dot segments (RFC 3986 §5.2.4), which begins with a slash.
fn normalized_path(path: &str) -> Option<String> {
    let mut segments: Vec<String> = Vec::new();
    let mut rest = path.strip_prefix('/')?.split('/').peekable();
    while let Some(segment) = rest.next() {
        let is_last = rest.peek().is_none();
        let segment = normalized_segment(segment)?;
        match segment.as_str() {
            "." => {}
            ".." => {
                // For servers that unescape first, `a%2Fb/..` is `a/`; for some that cut off parameters, `..;/..` is `../..`.
                segments
                    .pop()
                    .filter(|removed| removed.bytes().all(is_unreserved))?;
            }
            // Some servers merge slashes. The last segment is empty if the path ends with one.
            "" if !is_last => return None,
            _ => {
                segments.push(segment);
                continue;
            }
        }
        if is_last {
            segments.push(String::new());
        }
    }
    Some(format!("/{}", segments.join("/")))
}

/// A segment (RFC 3986 §3.3) in which only those characters are escaped that have to be, with capital letters.
fn normalized_segment(segment: &str) -> Option<String> {
    let mut bytes = segment.bytes();
    let mut normalized = String::with_capacity(segment.len());
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                let escaped = u8::try_from(digit()? * 16 + digit()?).ok()?;
                match is_unreserved(escaped) {
                    true => normalized.push(char::from(escaped)),
                    false => normalized.push_str(&format!("%{escaped:02X}")),
                }
            }
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' | b':'
            | b'@' => {
                normalized.push(char::from(byte));
            }
            byte if is_unreserved(byte) => normalized.push(char::from(byte)),
            _ => return None,
        }
    }
    Some(normalized)
}

/// RFC 3986 §2.3.
const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}
