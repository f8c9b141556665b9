//! Properties that hold for all headers, whoever wrote them.

use super::*;
use http::HeaderValue;
use proptest::{prelude::*, sample::Index};

type Lines = Vec<(String, Vec<u8>)>;

/// A request: its parts, and what the proxy sends for it.
#[derive(Debug, Clone)]
struct Sent {
    method: String,
    proto: &'static str,
    host: String,
    target: String,
    uri: String,
    lines: Lines,
}

fn sent() -> impl Strategy<Value = Sent> {
    let method = prop_oneof![
        4 => prop::sample::select(&["GET", "POST", "PROPFIND"][..]).prop_map(str::to_owned),
        1 => "[A-Za-z!#$%&'*+.^_`|~-]{1,6}",
    ];
    let proto = prop::sample::select(&["https", "http", "wss", "ws"][..]);
    let host = prop_oneof![
        4 => "[A-Za-z][A-Za-z0-9]{0,5}(\\.[a-z]{1,4}){0,3}\\.?(:(443|80|8443))?",
        1 => Just("10.0.0.1".to_owned()),
        1 => Just("xn--bcher-kva.example".to_owned()),
    ];
    // Whatever the `Uri` type accepts in a request's own target is part of the forwarded target too.
    let target = "/[a-zA-Z0-9/._~!$&'()*+,;=:@-]{0,8}(%[0-9a-f]{2}){0,2}(\\?[a-z/?=&.@:-]{0,8})?";
    (method, proto, host, target, 0..4).prop_map(|(method, proto, host, target, kind)| {
        let lines = match kind {
            0 => vec![
                ("x-forwarded-method", method.clone()),
                ("x-forwarded-proto", proto.to_owned()),
                ("x-forwarded-host", host.clone()),
                ("x-forwarded-uri", target.clone()),
            ],
            1 => vec![
                ("x-original-method", method.clone()),
                ("x-original-url", format!("{proto}://{host}{target}")),
            ],
            2 => vec![
                ("x-forwarded-proto", proto.to_owned()),
                ("host", host.clone()),
            ],
            _ => vec![("x-forwarded-proto", proto.to_owned())],
        };
        let uri = match kind {
            2 => format!("{ROUTE}{target}"),
            3 => format!("https://{host}{ROUTE}{target}"),
            _ => ROUTE.to_owned(),
        };
        let owned = |(name, value): (&str, String)| (name.to_owned(), value.into_bytes());
        Sent {
            lines: lines.into_iter().map(owned).collect(),
            method,
            proto,
            host,
            target,
            uri,
        }
    })
}

fn name() -> impl Strategy<Value = String> {
    let own = || (0..ALL.len()).prop_map(|index| ALL[index].as_str().to_owned());
    let alias = (own(), any::<Index>(), prop::sample::select(&["_", "."][..])).prop_map(
        |(name, index, with)| {
            let hyphens: Vec<_> = name.match_indices('-').map(|(index, _)| index).collect();
            let index = *index.get(&hyphens);
            [&name[..index], with, &name[index + 1..]].concat()
        },
    );
    prop_oneof![
        6 => own(),
        2 => alias,
        1 => Just("host".to_owned()),
        1 => Just("cookie".to_owned()),
        1 => Just("x_real.ip".to_owned()),
    ]
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        2 => prop::sample::select(&["https", "http", "HTTPS", "https,http", "ftp", " https"][..])
            .prop_map(|text| text.as_bytes().to_vec()),
        1 => Just(Vec::new()),
        4 => prop::sample::select(&[
            "GET", "G T", "GET,POST",     "wss",
            "photos.example.com", "Photos.example.com.", "a@b", "a,b", "a:443", "a:0", "[::1]",
            "1.2", "0x7f.1", "010.0.0.1", "a.0x1", "0", "256.0.0.1", "10.0.0.1",
            "photos.example.com/x", "/", "//evil.example/", "/../a", "/%zz", "/a b", "/a#b",
            "/\\evil.example", "/%2f", "/@evil", "a", "https://a/b", "https://a",
            "https://a@b/c", "https:///c", "wss://a/", "ftp://a/", "http://a?b/", "http://a#b/",
            "http://0x7f.1/", "https://a\\b/", "https://a/https://b/",
        ][..]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(prop_oneof![Just(b'\t'), b' '..127, 128..=255u8], 0..6),
    ]
}

#[derive(Debug, Clone)]
enum Mutation {
    Remove(Index),
    Double(Index),
    Replace(Index, Vec<u8>),
    Rename(Index, String),
    Add(String, Vec<u8>),
    Uri(&'static str),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let uri = prop::sample::select(
        &[
            "/",
            "*",
            "/forward-auth",
            "/forward-auth/",
            "/forward-auth?a",
            "/forward-auth//a",
            "/forward-auth/../a?b",
            "/forward-auth/\\evil.example",
            "/forward-authx/a",
            "https://a@b/forward-auth/c",
            "https://0x7f.1/forward-auth/c",
            "https://a/forward-auth/c",
            "https://a/forward-auth",
            "a:443",
        ][..],
    );
    prop_oneof![
        any::<Index>().prop_map(Mutation::Remove),
        any::<Index>().prop_map(Mutation::Double),
        (any::<Index>(), value()).prop_map(|(index, value)| Mutation::Replace(index, value)),
        (any::<Index>(), name()).prop_map(|(index, name)| Mutation::Rename(index, name)),
        (name(), value()).prop_map(|(name, value)| Mutation::Add(name, value)),
        uri.prop_map(Mutation::Uri),
    ]
}

impl Mutation {
    fn apply(self, sent: &mut Sent) {
        let lines = &mut sent.lines;
        let count = lines.len();
        match self {
            Self::Add(name, value) => lines.push((name, value)),
            Self::Uri(uri) => uri.clone_into(&mut sent.uri),
            _ if count == 0 => {}
            Self::Remove(index) => {
                lines.remove(index.index(count));
            }
            Self::Double(index) => lines.push(lines[index.index(count)].clone()),
            Self::Replace(index, value) => lines[index.index(count)].1 = value,
            Self::Rename(index, name) => lines[index.index(count)].0 = name,
        }
    }
}

/// Parses it with the method of the request itself, which Envoy uses.
fn read(sent: &Sent) -> Option<Result<ForwardedRequest, ForwardedRequestError>> {
    let mut headers = HeaderMap::new();
    for (name, value) in &sent.lines {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_bytes(value).unwrap());
    }
    // The server refuses requests whose target is not a URI before they get here.
    let uri: Uri = sent.uri.parse().ok()?;
    let method = Method::from_bytes(sent.method.as_bytes()).unwrap();
    Some(ForwardedRequest::parse(&method, &uri, &headers))
}

fn is_https_as(proto: &str) -> Option<bool> {
    [
        ("https", true),
        ("wss", true),
        ("http", false),
        ("ws", false),
    ]
    .into_iter()
    .find_map(|(known, is_https)| (known == proto).then_some(is_https))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_a_proxy_sends_is_what_is_parsed(sent in sent()) {
        let forwarded_request = read(&sent).unwrap();
        let expected = ForwardedRequest {
            method: sent.method,
            is_https: is_https_as(sent.proto).unwrap(),
            host: Host::parse(&sent.host).unwrap(),
            target: sent.target,
            dialect: match sent.lines[0].0.starts_with("x-original") {
                true => ProxyDialect::AuthRequest,
                false => ProxyDialect::Plain,
            },
        };
        prop_assert_eq!(forwarded_request, Ok(expected));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn must_survive_20_21_an_accepted_request_has_one_interpretation(
        mut sent in sent(),
        mutations in prop::collection::vec(mutation(), 0..4),
    ) {
        for mutation in mutations {
            mutation.apply(&mut sent);
        }
        let Some(Ok(forwarded_request)) = read(&sent) else {
            return Ok(());
        };
        // Counted in what was sent, not in the map that the parser reads.
        let lines = |name: &str| sent.lines.iter().filter(|line| line.0 == name).count();
        let value = |name: &str| {
            let line = sent.lines.iter().find(|line| line.0 == name);
            std::str::from_utf8(&line.unwrap().1).unwrap().to_owned()
        };
        let uri: Uri = sent.uri.parse().unwrap();
        let count = (
            lines("x-original-method"),
            lines("x-original-url"),
            lines("x-forwarded-method"),
            lines("x-forwarded-uri"),
        );
        let below = uri.path().strip_prefix(ROUTE).unwrap_or_default();
        match count {
            (1, 1, 0, 0) => {
                prop_assert_eq!(below, "");
                prop_assert_eq!(&value("x-original-method"), &forwarded_request.method);
                let url = value("x-original-url");
                let (proto, rest) = url.split_once("://").unwrap();
                prop_assert_eq!(is_https_as(proto), Some(forwarded_request.is_https));
                prop_assert!(rest.ends_with(&forwarded_request.target));
            }
            (0, 0, 1, 1) => {
                prop_assert_eq!(below, "");
                prop_assert_eq!((lines("x-forwarded-proto"), lines("x-forwarded-host")), (1, 1));
                prop_assert_eq!(value("x-forwarded-method"), forwarded_request.method.as_str());
                prop_assert_eq!(is_https_as(&value("x-forwarded-proto")), Some(forwarded_request.is_https));
                let host = Host::parse(&value("x-forwarded-host"));
                prop_assert_eq!(host.as_ref(), Ok(&forwarded_request.host));
                prop_assert_eq!(value("x-forwarded-uri"), forwarded_request.target.as_str());
            }
            (0, 0, 0, 0) => {
                prop_assert!(below.starts_with('/'));
                prop_assert_eq!(lines("x-forwarded-proto"), 1);
                prop_assert_eq!(is_https_as(&value("x-forwarded-proto")), Some(forwarded_request.is_https));
                prop_assert!(uri.authority().is_some() || lines("host") == 1);
                prop_assert_eq!(&sent.method, &forwarded_request.method);
            }
            other => prop_assert!(false, "{:?} were accepted as one kind", other),
        }
        for (name, _) in &sent.lines {
            let plain = name.replace(['_', '.'], "-");
            prop_assert!(*name == plain || ALL.iter().all(|own| own.as_str() != plain), "{}", name);
        }

        prop_assert!(!forwarded_request.method.is_empty());
        prop_assert!(Method::from_bytes(forwarded_request.method.as_bytes()).is_ok());
        let again = Host::parse(forwarded_request.host.as_str());
        prop_assert_eq!(again.as_ref(), Ok(&forwarded_request.host));
        prop_assert!(forwarded_request.target.starts_with('/'));
        // Browsers resolve the URL (WHATWG URL) to the host that was authorized and no other.
        let url = url::Url::parse(&forwarded_request.url());
        prop_assert!(url.is_ok(), "{:?}: {}", url, forwarded_request.url());
        let url = url.unwrap();
        prop_assert_eq!(url.scheme(), if forwarded_request.is_https { "https" } else { "http" });
        let host = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str().unwrap()),
            None => url.host_str().unwrap().to_owned(),
        };
        prop_assert_eq!(host, forwarded_request.host.without_own_port(forwarded_request.is_https));
        prop_assert!(url.username().is_empty() && url.password().is_none());
    }
}
