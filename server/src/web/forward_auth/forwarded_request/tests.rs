use super::*;
use axum::http::HeaderValue;

fn read(uri: &str, lines: &[(&str, &str)]) -> Result<ForwardedRequest, NoQuestion> {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    ForwardedRequest::read(&Method::GET, &uri.parse().unwrap(), &headers)
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
fn each_proxy_asks_in_its_own_way_for_the_same() {
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
    for (forwarded_request, method, speech) in [
        (forwarded, "POST", ProxyDialect::Plain),
        (original, "POST", ProxyDialect::AuthRequest),
        (envoy, "GET", ProxyDialect::Plain),
    ] {
        assert_eq!(
            forwarded_request.url(),
            "https://photos.example.com/album?page=2&x=/y"
        );
        assert_eq!(
            (forwarded_request.method.as_str(), forwarded_request.speech),
            (method, speech)
        );
    }
}

/// What is wrong, and with which header.
fn refused(uri: &str, lines: &[(&str, &str)]) -> (String, Wrong) {
    let no = read(uri, lines).unwrap_err();
    (no.header, no.wrong)
}

fn wrong(header: &str, wrong: Wrong) -> (String, Wrong) {
    (header.to_ascii_lowercase(), wrong)
}

#[test]
fn must_survive_21_what_is_missing_doubled_empty_or_malformed_is_no_question() {
    let ask = |lines: &[(&str, &str)]| refused("/forward-auth", lines);
    assert_eq!(ask(&[]), wrong("X-Forwarded-Uri", Wrong::Missing));
    for place in 0..4 {
        let name = FORWARDED[place].0;
        let without: Vec<_> = (0..4)
            .filter(|one| *one != place)
            .map(|one| FORWARDED[one])
            .collect();
        assert_eq!(ask(&without), wrong(name, Wrong::Missing));
        let twice = [&FORWARDED[..], &[FORWARDED[place]]].concat();
        assert_eq!(ask(&twice), wrong(name, Wrong::Doubled));
        let mut empty = FORWARDED;
        empty[place].1 = "";
        assert_eq!(ask(&empty), wrong(name, Wrong::Empty));
    }
    for (place, value) in [
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
        odd[place].1 = value;
        let expected = wrong(odd[place].0, Wrong::Malformed);
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
        let expected = wrong("X-Original-URL", Wrong::Malformed);
        assert_eq!(ask(&lines), expected, "{url}");
    }
}

#[test]
fn must_survive_21_what_is_wrong_with_a_request_that_is_the_question_is_named_too() {
    let proto = ("X-Forwarded-Proto", "https");
    let host = ("Host", "photos.example.com");
    for (uri, lines, expected) in [
        (
            "/forward-auth/",
            &[host][..],
            wrong("X-Forwarded-Proto", Wrong::Missing),
        ),
        ("/forward-auth/", &[proto], wrong("Host", Wrong::Missing)),
        (
            "/forward-auth/",
            &[proto, host, host],
            wrong("Host", Wrong::Doubled),
        ),
        (
            "/forward-auth/%zz",
            &[proto, host],
            wrong(":path", Wrong::Malformed),
        ),
        (
            "http://photos_example.com/forward-auth/",
            &[proto],
            wrong(":authority", Wrong::Malformed),
        ),
    ] {
        assert_eq!(refused(uri, lines), expected);
    }
}

#[test]
fn r20_r21_two_ways_of_asking_and_other_spellings_are_no_question() {
    let both = [&FORWARDED[..], &ORIGINAL[..]].concat();
    assert_eq!(
        refused("/forward-auth", &both),
        wrong("X-Original-URL", Wrong::TwoKinds)
    );
    for alias in [
        "X_Forwarded_Host",
        "X-Forwarded_Uri",
        "x.original.url",
        "X.Forwarded-Method",
    ] {
        let lines = [&FORWARDED[..], &[(alias, "/")]].concat();
        assert_eq!(refused("/forward-auth", &lines), wrong(alias, Wrong::Alias));
    }
    assert_eq!(
        refused("/forward-auth/album", &FORWARDED),
        wrong("X-Forwarded-Uri", Wrong::TwoKinds)
    );
    assert_eq!(
        refused(
            "/forward-authx",
            &[("X-Forwarded-Proto", "https"), ("Host", "a")]
        ),
        wrong("X-Forwarded-Uri", Wrong::Missing)
    );
}

#[test]
fn audit_15_a_header_of_ours_stands_once_in_every_way_of_asking() {
    let envoy = [
        ("X-Forwarded-Proto", "https"),
        ("Host", "photos.example.com"),
    ];
    for (uri, asked) in [
        ("/forward-auth", &FORWARDED[..]),
        ("/forward-auth", &ORIGINAL),
        ("/forward-auth/album", &envoy),
    ] {
        assert!(read(uri, asked).is_ok());
        for name in ["X-Forwarded-Host", "X-Forwarded-Proto"] {
            let mut lines: Vec<_> = asked.to_vec();
            lines.retain(|(own, _)| *own != name);
            lines.extend([(name, "https"), (name, "https")]);
            assert_eq!(
                refused(uri, &lines),
                wrong(name, Wrong::Doubled),
                "{lines:?}"
            );
        }
    }
    // Once it is no question, and not in the way: a proxy in front of nginx or Envoy may have set it.
    for asked in [&ORIGINAL[..], &envoy] {
        let uri = if asked == ORIGINAL {
            "/forward-auth"
        } else {
            "/forward-auth/album"
        };
        let lines = [asked, &[("X-Forwarded-Host", "other.example.com")]].concat();
        assert!(read(uri, &lines).is_ok());
    }
}
