use super::normalized;
use proptest::prelude::*;
use url::Url;

#[test]
fn rfc9449_4_3_9_urls_are_compared_after_normalization() {
    let expected = "https://photos.example.com/albums/1";
    for url in [
        expected,
        "HTTPS://Photos.EXAMPLE.com/albums/1",
        "https://photos.example.com:443/albums/1",
        "https://photos.example.com:/albums/1",
        "https://photos.example.com/albums/1?size=2",
        "https://photos.example.com/albums/1#top",
        "https://photos.example.com/%61lbums/%31",
        "https://photos.example.com/./albums/1",
        "https://photos.example.com/old/../albums/1",
    ] {
        assert_eq!(normalized(url).as_deref(), Some(expected), "{url}");
    }
    for (url, expected) in [
        ("http://a.example", "http://a.example/"),
        ("http://a.example:80", "http://a.example/"),
        ("https://a.example?x", "https://a.example/"),
        ("https://a.example:80/", "https://a.example:80/"),
        ("http://127.0.0.1:3000/a", "http://127.0.0.1:3000/a"),
        (
            "https://[2001:DB8:0::1]:8443/a",
            "https://[2001:db8::1]:8443/a",
        ),
        ("https://a.example/a/", "https://a.example/a/"),
        ("https://a.example/a/.", "https://a.example/a/"),
        ("https://a.example/a/b/..", "https://a.example/a/"),
        ("https://a.example/a%2fb", "https://a.example/a%2Fb"),
        ("https://a.example/%7Euser", "https://a.example/~user"),
        ("https://a.example/a;b=c,d", "https://a.example/a;b=c,d"),
    ] {
        assert_eq!(normalized(url).as_deref(), Some(expected), "{url}");
    }
}

#[test]
fn a_url_that_can_be_read_in_two_ways_is_none() {
    for url in [
        "",
        "/albums",
        "photos.example.com/albums",
        "ftp://photos.example.com/",
        "https:/photos.example.com/",
        "https:///albums",
        "https://user@photos.example.com/",
        "https://photos.example.com:0443/",
        "https://photos.example.com:+443/",
        "https://photos.example.com:0/",
        "https://photos.example.com:65536/",
        "https://photos.example.com:a/",
        "https://photos..example.com/",
        "https://.example.com/",
        "https://photos.example.com./",
        "https://photos%2eexample.com/",
        "https://ph\u{f6}tos.example.com/",
        "https://127.1/",
        "https://0x7f.0.0.1/",
        "https://2130706433/",
        "https://[::1/",
        "https://[::1]x/",
        "https://[name]/",
        "https://photos.example.com//albums",
        "https://photos.example.com/../albums",
        "https://photos.example.com/a%2Fb/../albums",
        "https://photos.example.com/a;/../albums",
        "https://photos.example.com/%zz",
        "https://photos.example.com/%4",
        "https://photos.example.com/a b",
        "https://photos.example.com/a\\b",
        "https://photos.example.com/\u{e4}",
        "https://photos.example.com/\"",
    ] {
        assert_eq!(normalized(url), None, "{url}");
    }
}

/// Mostly URLs, and what is almost one.
fn url() -> impl Strategy<Value = String> {
    let scheme = prop::sample::select(vec!["http", "https", "HTTP", "Https"]);
    let host = prop_oneof![
        "[a-cA-C]{1,3}(\\.[a-cA-C]{1,3}){0,2}",
        "127\\.0\\.0\\.[1-9]"
    ];
    let port = prop_oneof![Just(String::new()), "(:[1-9][0-9]{0,3})?", "(:(80|443))?"];
    let segment = prop_oneof![
        4 => "[a-c]{1,3}",
        1 => "\\.{1,2}",
        1 => "[a-c]?%(41|2[Ff]|7[eE])[a-c]?",
        1 => "[a-c;=,!]{1,3}",
    ];
    let path = prop::collection::vec(segment, 0..4).prop_map(|all| all.join("/"));
    let rest = prop_oneof![Just(String::new()), "[?#][a-c]{0,3}"];
    (scheme, host, port, path, rest).prop_map(|(scheme, host, port, path, rest)| {
        format!("{scheme}://{host}{port}/{path}{rest}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    /// The URL Standard leaves escapes of letters alone; RFC 3986 removes them.
    #[test]
    fn another_reader_of_urls_agrees(text in url()) {
        if let Some(ours) = normalized(&text) {
            let mut theirs = Url::parse(&text).unwrap();
            theirs.set_query(None);
            theirs.set_fragment(None);
            let theirs = theirs.to_string().replace("%41", "A").replace("%7e", "~");
            let theirs = theirs.replace("%7E", "~").replace("%2f", "%2F");
            prop_assert_eq!(&ours, &theirs);
            prop_assert_eq!(normalized(&ours), Some(ours.clone()), "it is normalized already");
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,40}") {
        let _ = normalized(&text);
        let _ = normalized(&format!("https://{text}"));
    }
}
