use super::*;

#[test]
fn r2_hosts_are_canonical() {
    for (text, canonical) in [
        ("Photos.Example.COM", "photos.example.com"),
        ("photos.example.com.", "photos.example.com"),
        ("localhost:8443", "localhost:8443"),
        ("127.0.0.1:8443", "127.0.0.1:8443"),
        ("1.example.0x7g", "1.example.0x7g"),
    ] {
        assert_eq!(
            Host::parse(text).map(String::from),
            Ok(canonical.to_owned())
        );
    }
    for text in [
        "",
        ".",
        "a..b",
        "*.example.com",
        "https://a",
        "a/b",
        "u@a",
        "a b",
        "a:0",
        "a:99999",
        "a:+80",
        "a:080",
        "a:",
        "[::1]",
        "a\\b",
        "a%00",
        "ä.example",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "a.0X1",
        "127.0.0.01",
        "127.0.0.256",
        "127.0.0.1.1",
        "photos.example.0",
    ] {
        assert!(Host::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn r2_a_wildcard_matches_exactly_one_label() {
    let matches = |pattern: &str, host: &str| {
        let (pattern, host) = (HostPattern::parse(pattern), Host::parse(host));
        pattern.unwrap().matches(&host.unwrap(), true)
    };
    for (pattern, host) in [
        ("photos.example.com", "PHOTOS.example.com."),
        ("photos.example.com", "photos.example.com:443"),
        ("photos.example.com:443", "photos.example.com"),
        ("*.example.com", "photos.example.com"),
        ("*.example.com:8443", "photos.example.com:8443"),
    ] {
        assert!(matches(pattern, host), "{pattern} {host}");
    }
    for (pattern, host) in [
        ("photos.example.com", "photos.example.com:80"),
        ("photos.example.com", "a.photos.example.com"),
        ("*.example.com", "example.com"),
        ("*.example.com", "a.b.example.com"),
        ("*.example.com", "photos.example.com:8443"),
        ("*.example.com", "photos.evilexample.com"),
        ("*.example.com", "photos.example.com.evil.example"),
    ] {
        assert!(!matches(pattern, host), "{pattern} {host}");
    }
    for text in [
        "*",
        "*.",
        "*.com",
        "*.*.example.com",
        "a.*.com",
        "*.0.0.1",
        "*example.com",
    ] {
        assert!(HostPattern::parse(text).is_err(), "{text}");
    }
}

#[test]
fn audit_14_a_pattern_has_one_spelling_with_or_without_the_default_port() {
    for (text, canonical) in [
        ("dup.example.com:80", "dup.example.com"),
        ("dup.example.com:443", "dup.example.com"),
        ("DUP.example.com.:80", "dup.example.com"),
        ("*.example.com:443", "*.example.com"),
        ("dup.example.com:8080", "dup.example.com:8080"),
        ("dup.example.com:8443", "dup.example.com:8443"),
    ] {
        let pattern = HostPattern::parse(text).unwrap();
        assert_eq!(pattern.to_string(), canonical);
        let spellings = pattern.spellings();
        assert!(
            spellings
                .iter()
                .all(|spelling| HostPattern::parse(spelling).as_ref() == Ok(&pattern))
        );
        assert_eq!(
            HostPattern::from(Host::parse("a:80").unwrap()).to_string(),
            "a"
        );
    }
    assert_eq!(
        HostPattern::parse("a").unwrap().spellings(),
        ["a:80", "a:443", "a"]
    );
    // The default port of the other scheme is another host.
    let pattern = HostPattern::parse("dup.example.com:80").unwrap();
    let host = |text: &str| Host::parse(text).unwrap();
    assert!(pattern.matches(&host("dup.example.com:80"), false));
    assert!(!pattern.matches(&host("dup.example.com:80"), true));
    assert!(!pattern.matches(&host("dup.example.com:443"), false));
}

#[test]
fn labels_and_names_have_the_lengths_of_rfc_1035() {
    let label = "a".repeat(63);
    let longest = format!("{label}.{label}.{label}.{}", "a".repeat(61));
    assert_eq!(longest.len(), 253);
    for text in [&label, &longest, &format!("{longest}.:8443")] {
        assert!(Host::parse(text).is_ok(), "{text}");
    }
    for text in [
        &format!("{label}a"),
        &format!("{longest}a"),
        "a_b",
        "-a",
        "a-",
        "a.0x",
    ] {
        assert!(Host::parse(text).is_err(), "{text}");
    }
}

#[test]
fn only_the_schemes_default_port_is_left_out() {
    for (host, https, http) in [
        ("a:443", "a", "a:443"),
        ("a:80", "a:80", "a"),
        ("a:8443", "a:8443", "a:8443"),
        ("a", "a", "a"),
    ] {
        let host = Host::parse(host).unwrap();
        assert_eq!(host.without_own_port(true), https);
        assert_eq!(host.without_own_port(false), http);
    }
}

#[test]
fn hosts_and_patterns_convert_from_and_to_text() {
    let host = Host::try_from("a:8443".to_owned()).unwrap();
    assert_eq!("a:8443".parse(), Ok(host.clone()));
    assert_eq!(host.to_string(), "a:8443");
    for (text, is_wildcard, host) in [("a.b", false, "a.b"), ("*.a.b", true, "a.b")] {
        let pattern = HostPattern::try_from(text.to_owned()).unwrap();
        assert_eq!(text.parse(), Ok(pattern.clone()));
        assert_eq!(pattern.is_wildcard(), is_wildcard);
        assert_eq!(pattern.host().as_str(), host);
        assert_eq!(String::from(pattern), text);
    }
    for text in ["*.127.0.0.1", "*.example2", "*.com:8443"] {
        assert!(HostPattern::parse(text).is_err(), "{text}");
    }
}
