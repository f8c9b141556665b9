//! `X-Forwarded-For` lines: the client's address is the last one that is not a trusted proxy's, or a proxy's if the
//! chain ends before or cannot be read.

use http::{HeaderMap, HeaderName, HeaderValue};
use latchkey_parsers::client::address;
use std::net::{IpAddr, Ipv4Addr};

fn is_trusted(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.octets()[0] == 10)
}

fn headers<'a>(lines: impl Iterator<Item = &'a [u8]>) -> HeaderMap {
    lines
        .filter_map(|line| HeaderValue::from_bytes(line).ok())
        .map(|line| (HeaderName::from_static("x-forwarded-for"), line))
        .collect()
}

/// Checks `X-Forwarded-For` lines.
pub fn check(data: &[u8]) {
    let lines = || data.split(|byte| *byte == b'\n');
    let [untrusted, proxy] =
        [[192, 0, 2, 1], [10, 0, 0, 1]].map(|octets| IpAddr::V4(Ipv4Addr::from(octets)));
    // The header of an untrusted peer is not believed.
    assert_eq!(address(untrusted, &headers(lines()), is_trusted), untrusted);

    let client = address(proxy, &headers(lines()), is_trusted);
    assert_eq!(client, client.to_canonical());
    // Nothing counts from a line on that cannot be read, towards the client.
    let all: Vec<_> = lines()
        .filter(|line| HeaderValue::from_bytes(line).is_ok())
        .collect();
    let is_readable = |line: &&[u8]| {
        let is_shown = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t');
        line.iter().all(is_shown)
    };
    let read = all
        .iter()
        .rev()
        .take_while(|line| is_readable(line))
        .count();
    let after = headers(all.iter().skip(all.len() - read).copied());
    assert_eq!(address(proxy, &after, is_trusted), client);
    // What a client writes in front of its own address changes nothing.
    if !is_trusted(client) {
        let longer = headers([&b"198.51.100.99"[..]].into_iter().chain(lines()));
        assert_eq!(address(proxy, &longer, is_trusted), client);
    }
}
