use super::*;
use http::HeaderValue;

fn read(uri: &str, lines: &[(&str, &str)]) -> Result<ForwardedRequest, ForwardedRequestError> {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    ForwardedRequest::parse(&Method::GET, &uri.parse().unwrap(), &headers)
}

const FORWARDED: [(&str, &str); 4] = [
    ("X-Forwarded-Method", "POST"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Host", "Photos.Example.com:443"),
    ("X-Forwarded-Uri", "/album?page=2&x=/y"),
];

const ORIGINAL: [(&str, &str); 2] = [
    ("X-Original-Method", "POST"),
    (
        "X-Original-URL",
        "https://Photos.Example.com/album?page=2&x=/y",
    ),
];

#[test]
fn each_proxys_headers_describe_the_same_request() {
    let forwarded = read("/forward-auth", &FORWARDED).unwrap();
    let original = read("/forward-auth", &ORIGINAL).unwrap();
    let envoy = read(
        "/forward-auth/album?page=2&x=/y",
        &[
            ("X-Forwarded-Proto", "https"),
            ("Host", "photos.example.com"),
        ],
    )
    .unwrap();
    for (forwarded_request, method, dialect) in [
        (forwarded, "POST", ProxyDialect::Plain),
        (original, "POST", ProxyDialect::AuthRequest),
        (envoy, "GET", ProxyDialect::Plain),
    ] {
        assert_eq!(
            forwarded_request.url(),
            "https://photos.example.com/album?page=2&x=/y"
        );
        assert_eq!(
            (forwarded_request.method.as_str(), forwarded_request.dialect),
            (method, dialect)
        );
    }
}

fn refused(uri: &str, lines: &[(&str, &str)]) -> ForwardedRequestError {
    read(uri, lines).unwrap_err()
}

fn error(header: &str, problem: HeaderProblem) -> ForwardedRequestError {
    problem.of(header.to_ascii_lowercase())
}

#[test]
fn must_survive_21_missing_duplicate_empty_and_malformed_headers_are_refused() {
    let ask = |lines: &[(&str, &str)]| refused("/forward-auth", lines);
    assert_eq!(ask(&[]), error("X-Forwarded-Uri", HeaderProblem::Missing));
    for index in 0..4 {
        let name = FORWARDED[index].0;
        let without: Vec<_> = (0..4)
            .filter(|one| *one != index)
            .map(|one| FORWARDED[one])
            .collect();
        assert_eq!(ask(&without), error(name, HeaderProblem::Missing));
        let twice = [&FORWARDED[..], &[FORWARDED[index]]].concat();
        assert_eq!(ask(&twice), error(name, HeaderProblem::Doubled));
        let mut empty = FORWARDED;
        empty[index].1 = "";
        assert_eq!(ask(&empty), error(name, HeaderProblem::Empty));
    }
    for (index, value) in [
        (0, "GET POST"),
        (1, "HTTPS"),
        (1, "https,http"),
        (1, "ftp"),
        (2, "photos.example.com, evil.example"),
        (2, "user@photos.example.com"),
        (2, "photos.example.com/x"),
        (2, "photos_example.com"),
        (3, "album"),
        (3, "https://photos.example.com/"),
        (3, "/a b"),
        (3, "/a#b"),
        (3, "/%zz"),
    ] {
        let mut odd = FORWARDED;
        odd[index].1 = value;
        let expected = error(odd[index].0, HeaderProblem::Malformed);
        assert_eq!(ask(&odd), expected, "{value}");
    }
    for url in [
        "/album",
        "photos.example.com/",
        "https://photos.example.com",
        "https:///x",
        "https://a@b/",
    ] {
        let lines = [ORIGINAL[0], ("X-Original-URL", url)];
        let expected = error("X-Original-URL", HeaderProblem::Malformed);
        assert_eq!(ask(&lines), expected, "{url}");
    }
}

#[test]
fn must_survive_21_errors_in_envoys_own_request_name_its_part() {
    let proto = ("X-Forwarded-Proto", "https");
    let host = ("Host", "photos.example.com");
    for (uri, lines, expected) in [
        (
            "/forward-auth/",
            &[host][..],
            error("X-Forwarded-Proto", HeaderProblem::Missing),
        ),
        (
            "/forward-auth/",
            &[proto],
            error("Host", HeaderProblem::Missing),
        ),
        (
            "/forward-auth/",
            &[proto, host, host],
            error("Host", HeaderProblem::Doubled),
        ),
        (
            "/forward-auth/%zz",
            &[proto, host],
            error(":path", HeaderProblem::Malformed),
        ),
        (
            "http://photos_example.com/forward-auth/",
            &[proto],
            error(":authority", HeaderProblem::Malformed),
        ),
    ] {
        assert_eq!(refused(uri, lines), expected);
    }
}

#[test]
fn r20_r21_headers_of_two_kinds_and_other_spellings_are_refused() {
    let both = [&FORWARDED[..], &ORIGINAL[..]].concat();
    assert_eq!(
        refused("/forward-auth", &both),
        error("X-Original-URL", HeaderProblem::TwoKinds)
    );
    for alias in [
        "X_Forwarded_Host",
        "X-Forwarded_Uri",
        "x.original.url",
        "X.Forwarded-Method",
    ] {
        let lines = [&FORWARDED[..], &[(alias, "/")]].concat();
        assert_eq!(
            refused("/forward-auth", &lines),
            error(alias, HeaderProblem::Alias)
        );
    }
    // A service's own.
    for other in ["X_Requested_With", "sec.fetch.mode", "X_Forwarded"] {
        let lines = [&FORWARDED[..], &[(other, "1")]].concat();
        assert!(read("/forward-auth", &lines).is_ok(), "{other}");
    }
    assert_eq!(
        refused("/forward-auth/album", &FORWARDED),
        error("X-Forwarded-Uri", HeaderProblem::TwoKinds)
    );
    assert_eq!(
        refused(
            "/forward-authx",
            &[("X-Forwarded-Proto", "https"), ("Host", "a")]
        ),
        error("X-Forwarded-Uri", HeaderProblem::Missing)
    );
}

#[test]
fn each_problem_of_a_header_has_a_name_of_its_own_for_the_log() {
    let names = [
        HeaderProblem::Missing,
        HeaderProblem::Doubled,
        HeaderProblem::Empty,
        HeaderProblem::Malformed,
        HeaderProblem::Alias,
        HeaderProblem::TwoKinds,
    ]
    .map(HeaderProblem::as_str);
    assert_eq!(
        names,
        [
            "missing",
            "doubled",
            "empty",
            "malformed",
            "alias",
            "two kinds"
        ]
    );
}

#[test]
fn audit_15_a_duplicate_header_is_refused_even_where_it_is_not_read() {
    let envoy = [
        ("X-Forwarded-Proto", "https"),
        ("Host", "photos.example.com"),
    ];
    for (uri, sent) in [
        ("/forward-auth", &FORWARDED[..]),
        ("/forward-auth", &ORIGINAL),
        ("/forward-auth/album", &envoy),
    ] {
        assert!(read(uri, sent).is_ok());
        for name in ["X-Forwarded-Host", "X-Forwarded-Proto"] {
            let mut lines: Vec<_> = sent.to_vec();
            lines.retain(|(own, _)| *own != name);
            lines.extend([(name, "https"), (name, "https")]);
            assert_eq!(
                refused(uri, &lines),
                error(name, HeaderProblem::Doubled),
                "{lines:?}"
            );
        }
    }
    // A single one is not read and not refused: a proxy in front of nginx or Envoy may have set it.
    for sent in [&ORIGINAL[..], &envoy] {
        let uri = if sent == ORIGINAL {
            "/forward-auth"
        } else {
            "/forward-auth/album"
        };
        let lines = [sent, &[("X-Forwarded-Host", "other.example.com")]].concat();
        assert!(read(uri, &lines).is_ok());
    }
}
