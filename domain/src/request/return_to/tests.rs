use super::*;

fn allowed() -> AllowedTargets {
    AllowedTargets {
        hosts: vec![
            HostPattern::parse("photos.example.com").unwrap(),
            HostPattern::parse("wiki.example.com:8443").unwrap(),
            HostPattern::parse("*.apps.example.com").unwrap(),
        ],
        allow_http: false,
    }
}

#[test]
fn must_survive_24_local_paths_and_allowed_hosts_are_accepted() {
    for text in [
        "/",
        "/devices?q=a%20b#x",
        "/login",
        "https://photos.example.com",
        "https://photos.example.com/a/b?c=d",
        "https://photos.example.com:443/",
        "https://wiki.example.com:8443/x",
        "https://one.apps.example.com/x",
    ] {
        assert_eq!(
            ReturnTo::parse(text, &allowed()).map(|r| r.0).as_deref(),
            Some(text)
        );
    }
}

#[test]
fn must_survive_24_r3_r16_all_other_targets_are_refused() {
    for text in [
        "",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "https:evil.example",
        "https:/evil.example",
        "https:///evil.example",
        "https://evil.example",
        "HTTPS://photos.example.com",
        "http://photos.example.com",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://photos.example.com@evil.example",
        "https://evil.example\\@photos.example.com",
        "https://evil.example#@photos.example.com",
        "https://photos.example.com.evil.example",
        "https://evilphotos.example.com",
        "https://photos.example.com:444",
        "https://wiki.example.com",
        "https://wiki.example.com:443",
        "https://photos.example.com%00.evil.example",
        "https://photos.example.com%2f@evil.example",
        "https://[::1]/",
        "https://user:pw@photos.example.com",
        "https://PHOTOS.example.com",
        "https://photos.example.com./",
        "https://wiki.example.com.:8443/",
        "photos.example.com",
        "relative",
        " /",
        "/ü",
        "https://photos.example.com:443@evil.example/",
    ] {
        assert_eq!(ReturnTo::parse(text, &allowed()), None, "{text:?}");
    }
    assert_eq!(
        ReturnTo::parse(&format!("/{}", "a".repeat(MAX_LENGTH)), &allowed()),
        None
    );
}

#[test]
fn audit_10_a_host_is_looked_up_only_for_a_target_that_has_one() {
    let mut looked_up = Vec::new();
    let mut parse = |text: &str| {
        ReturnTo::parse_where(text, false, |host, is_https| {
            looked_up.push((host.to_string(), is_https));
            true
        })
    };
    let target = parse("https://photos.example.com:8443/a?b=c").unwrap();
    assert_eq!(target.host(), Some("photos.example.com:8443"));
    let path = parse("/devices?x=https://a").unwrap();
    for refused in [
        "//a",
        "http://a",
        "https://a\\b",
        "https://A/",
        "https://u@a/",
        "",
    ] {
        assert_eq!(parse(refused), None, "{refused}");
    }
    assert_eq!(looked_up, [("photos.example.com:8443".to_owned(), true)]);
    assert!(path.as_str().contains("://"));
    assert_eq!(path.host(), None);
}

#[test]
fn http_is_accepted_only_if_it_is_allowed() {
    let over_http = AllowedTargets {
        allow_http: true,
        ..allowed()
    };
    for (text, is_accepted) in [
        ("http://photos.example.com/a", true),
        ("http://photos.example.com:80/a", true),
        ("http://photos.example.com:443/a", false),
        ("https://photos.example.com/a", true),
        ("http://evil.example/", false),
    ] {
        let target = ReturnTo::parse(text, &over_http);
        assert_eq!(target.is_some(), is_accepted, "{text}");
    }
}

#[test]
fn a_target_has_a_longest_form_and_is_long_before() {
    let path = |length: usize| format!("/{}", "a".repeat(length - 1));
    let parse = |text: &str| ReturnTo::parse(text, &AllowedTargets::default());
    for (length, is_long) in [(LONG, false), (LONG + 1, true), (MAX_LENGTH, true)] {
        assert_eq!(parse(&path(length)).unwrap().is_long(), is_long);
    }
    assert_eq!(parse(&path(MAX_LENGTH + 1)), None);
}

#[test]
fn a_target_prints_as_it_parses() {
    assert_eq!(ReturnTo::home().as_str(), "/");
    let text = "https://wiki.example.com:8443?a=/b";
    let target = ReturnTo::parse(text, &allowed()).unwrap();
    assert_eq!((target.as_str(), &*target.to_string()), (text, text));
    assert_eq!(target.host(), Some("wiki.example.com:8443"));
}
