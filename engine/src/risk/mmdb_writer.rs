//! Writes small files in MaxMind's format (MaxMind DB File Format Specification 2.0), for tests.

use std::{collections::BTreeMap, net::IpAddr};

/// A value of the data section.
pub(crate) enum Value {
    Text(String),
    Double(f64),
    U16(u16),
    U32(u32),
    U64(u64),
    Map(Vec<(String, Value)>),
}

fn control(kind: u8, length: usize, out: &mut Vec<u8>) {
    assert!(length < 29, "longer than tests need");
    let length = u8::try_from(length).unwrap();
    match kind {
        ..8 => out.push(kind << 5 | length),
        _ => out.extend([length, kind - 7]),
    }
}

impl Value {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => {
                control(2, text.len(), out);
                out.extend(text.as_bytes());
            }
            Self::Double(value) => {
                control(3, 8, out);
                out.extend(value.to_be_bytes());
            }
            Self::U16(value) => {
                control(5, 2, out);
                out.extend(value.to_be_bytes());
            }
            Self::U32(value) => {
                control(6, 4, out);
                out.extend(value.to_be_bytes());
            }
            Self::U64(value) => {
                control(9, 8, out);
                out.extend(value.to_be_bytes());
            }
            Self::Map(fields) => {
                control(7, fields.len(), out);
                for (name, value) in fields {
                    Self::Text(name.clone()).encode(out);
                    value.encode(out);
                }
            }
        }
    }
}

/// The bytes of a file with these networks. Its tree is that of IPv6, with IPv4 in `::/96`.
pub(crate) fn write(kind: &str, networks: &[(&str, Value)]) -> Vec<u8> {
    // Bits that lead to data, or to another node.
    enum Record {
        Nothing,
        Node(usize),
        Data(usize),
    }
    let mut nodes: Vec<[Record; 2]> = vec![[Record::Nothing, Record::Nothing]];
    let mut data = Vec::new();
    for (network, value) in networks {
        let at = data.len();
        value.encode(&mut data);
        let (address, length) = network.split_once('/').unwrap();
        let length: usize = length.parse().unwrap();
        let (bits, length) = match address.parse().unwrap() {
            IpAddr::V4(ip) => (u128::from(ip.to_bits()), length + 96),
            IpAddr::V6(ip) => (ip.to_bits(), length),
        };
        let mut node = 0;
        for depth in 0..length {
            let bit = usize::from(bits >> (127 - depth) & 1 == 1);
            if depth + 1 == length {
                nodes[node][bit] = Record::Data(at);
                break;
            }
            node = match nodes[node][bit] {
                Record::Node(next) => next,
                _ => {
                    nodes.push([Record::Nothing, Record::Nothing]);
                    let next = nodes.len() - 1;
                    nodes[node][bit] = Record::Node(next);
                    next
                }
            };
        }
    }
    let count = nodes.len();
    let mut file = Vec::new();
    for node in &nodes {
        for record in node {
            let value = match record {
                Record::Nothing => count,
                Record::Node(next) => *next,
                Record::Data(at) => count + 16 + at,
            };
            file.extend(u32::try_from(value).unwrap().to_be_bytes());
        }
    }
    file.extend([0; 16]);
    file.extend(data);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    let metadata = BTreeMap::from([
        ("binary_format_major_version", Value::U16(2)),
        ("binary_format_minor_version", Value::U16(0)),
        ("build_epoch", Value::U64(1_700_000_000)),
        ("database_type", Value::Text(kind.to_owned())),
        (
            "description",
            Value::Map(vec![("en".to_owned(), Value::Text("test".to_owned()))]),
        ),
        ("ip_version", Value::U16(6)),
        ("languages", Value::Map(Vec::new())),
        ("node_count", Value::U32(u32::try_from(count).unwrap())),
        ("record_size", Value::U16(32)),
    ]);
    control(7, metadata.len(), &mut file);
    for (name, value) in metadata {
        Value::Text(name.to_owned()).encode(&mut file);
        match (name, &value) {
            // An empty array.
            ("languages", _) => control(11, 0, &mut file),
            _ => value.encode(&mut file),
        }
    }
    file
}
