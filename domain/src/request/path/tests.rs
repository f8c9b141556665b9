use super::*;

#[test]
fn a_path_is_decoded_once_and_excludes_the_query() {
    for (target, path) in [
        ("/", "/"),
        ("/album/1?page=2", "/album/1"),
        ("/?/admin", "/"),
        ("/a%20b/%C3%A4", "/a b/ä"),
        ("/album/", "/album/"),
        ("/100%25", "/100%"),
        ("/a.b/..c/.d/...", "/a.b/..c/.d/..."),
        ("/a?x=/../%2e%2e;%00", "/a"),
        ("/@me/a:b,c!$&'()*+=~", "/@me/a:b,c!$&'()*+=~"),
    ] {
        let parsed = RequestPath::parse(target);
        assert_eq!(
            parsed.as_ref().map(RequestPath::as_str),
            Ok(path),
            "{target}"
        );
    }
}

#[test]
fn must_survive_22_an_ambiguous_path_is_refused() {
    for target in [
        "/public/../admin",
        "/public/%2e%2e/admin",
        "/public/.%2E/admin",
        "/public/..",
        "/.",
        "/./admin",
        "/public/..%20/admin",
        "/public/%20./admin",
        "/public/%20/admin",
        "//admin",
        "/public//admin",
        "/admin//",
        "/public%2fadmin",
        "/public%2F..%2Fadmin",
        "/public%5cadmin",
        "/public\\admin",
        "/admin;x=1",
        "/admin%3bx",
        "/public;/../admin",
        "/admin%00",
        "/admin%0a",
        "/admin%7f",
        "/%2561dmin",
        "/public/%252e%252e/admin",
        "/%ff",
        "/%c0%af",
    ] {
        let parsed = RequestPath::parse(target);
        assert_eq!(parsed, Err(PathError::Ambiguous), "{target}");
    }
}

#[test]
fn r1_a_malformed_target_is_refused() {
    for target in [
        "",
        "admin",
        "?x",
        "*",
        "https://photos.example.com/",
        "/a b",
        "/a#b",
        "/#",
        "/a\u{0}",
        "/a\n",
        "/ä",
        "/%",
        "/%4",
        "/%zz",
        "/%+1",
    ] {
        let parsed = RequestPath::parse(target);
        assert_eq!(parsed, Err(PathError::Malformed), "{target:?}");
    }
    let long = format!("/{}", "a".repeat(MAX_TARGET_BYTES));
    assert_eq!(RequestPath::parse(&long), Err(PathError::Malformed));
}

#[test]
fn r22_an_escaped_query_or_fragment_delimiter_is_ambiguous() {
    for target in ["/metrics%3f", "/metrics%3Fx", "/metrics%23", "/a/%23/b?x"] {
        assert_eq!(
            RequestPath::parse(target),
            Err(PathError::Ambiguous),
            "{target}"
        );
    }
    assert!(RequestPath::parse("/metrics?x=%3f%23").is_ok());
}

#[test]
fn audit_15_unicode_white_space_around_dots_is_refused() {
    for target in [
        "/%C2%A0.%20/",
        "/public/..%C2%A0/admin",
        "/public/%E3%80%80../admin",
        "/public/.%E2%80%8B./admin",
        "/public/..%EF%BB%BF",
        "/public/%E1%A0%8E./x",
        "/public/..%E2%81%A0/admin",
        "/public/%E2%80%A8../admin",
        "/public/%C2%AD/admin",
        "/public/.%20./admin",
        "/public/..%C2%85/admin",
        "/%E2%80%8B/admin",
        "/public/%EF%BC%8E%EF%BC%8E/admin",
        "/public/%EF%BC%8E%EF%BC%8E%EF%BC%8Fadmin",
        "/public/x%EF%BC%BC..%EF%BC%BCadmin",
        "/public/%E2%80%A5/admin",
    ] {
        let parsed = RequestPath::parse(target);
        assert_eq!(parsed, Err(PathError::Ambiguous), "{target}");
    }
}

#[test]
fn audit_15_every_blank_around_dots_is_refused() {
    let blanks = (0..=0x10_FFFF)
        .filter_map(char::from_u32)
        .filter(|c| is_blank(*c));
    for blank in blanks.filter(|c| !c.is_ascii()) {
        for segment in [
            format!("{blank}"),
            format!("{blank}."),
            format!("..{blank}"),
            format!(".{blank}."),
        ] {
            let escaped: String = segment.bytes().map(|byte| format!("%{byte:02X}")).collect();
            for target in [format!("/{escaped}"), format!("/a/{escaped}/b")] {
                assert_eq!(
                    RequestPath::parse(&target),
                    Err(PathError::Ambiguous),
                    "{target}"
                );
            }
        }
    }
}

#[test]
fn audit_15_names_with_blanks_are_accepted() {
    for (target, path) in [
        // Persian writes with joiners, and Japanese with wide marks.
        ("/%D9%85%DB%8C%E2%80%8C%D8%AE", "/می\u{200C}خ"),
        ("/AC%EF%BC%8FDC", "/AC／DC"),
        ("/a%C2%A0b/.hidden%20", "/a\u{A0}b/.hidden "),
    ] {
        let parsed = RequestPath::parse(target);
        assert_eq!(
            parsed.as_ref().map(RequestPath::as_str),
            Ok(path),
            "{target}"
        );
    }
}

#[test]
fn a_target_has_a_longest_form() {
    let longest = format!("/{}", "a".repeat(MAX_TARGET_BYTES - 1));
    let parsed = RequestPath::parse(&longest).unwrap();
    assert_eq!(parsed.to_string(), longest);
    assert_eq!(
        RequestPath::parse(&format!("{longest}a")),
        Err(PathError::Malformed)
    );
}

#[test]
fn must_survive_22_only_an_escape_that_decodes_again_is_ambiguous() {
    for (target, path) in [
        ("/%25ag", "/%ag"),
        ("/%25ga", "/%ga"),
        ("/%25a", "/%a"),
        ("/a%25", "/a%"),
        ("/%7E%5b", "/~["),
    ] {
        let parsed = RequestPath::parse(target);
        assert_eq!(parsed.as_ref().map(RequestPath::as_str), Ok(path));
    }
    for target in ["/%25af", "/a%25%61%66", "/%25%32e"] {
        assert_eq!(
            RequestPath::parse(target),
            Err(PathError::Ambiguous),
            "{target}"
        );
    }
}

#[test]
fn audit_15_every_compatibility_form_of_dot_and_slash_is_refused() {
    for form in ['\u{2024}', '\u{FE52}', '\u{FF0E}'] {
        let escaped: String = form
            .to_string()
            .bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect();
        for target in [format!("/{escaped}"), format!("/a/{escaped}{escaped}/b")] {
            assert_eq!(RequestPath::parse(&target), Err(PathError::Ambiguous));
        }
    }
    for form in ["%EF%BC%8F", "%EF%BC%BC", "%EF%B9%A8"] {
        let target = format!("/a{form}..{form}b");
        assert_eq!(RequestPath::parse(&target), Err(PathError::Ambiguous));
    }
    // An ellipsis is three dots, which are a name.
    assert!(RequestPath::parse("/%E2%80%A6").is_ok());
}

#[test]
fn full_width_forms_are_replaced_by_ascii() {
    for (path, ascii) in [
        ("/！Ａｚ～", "/!Az~"),
        ("/\u{FF0F}\u{FF3C}\u{FE68}", "////"),
        ("/\u{2024}\u{FE52}\u{2025}\u{2026}", "/......."),
        ("/ä", "/ä"),
    ] {
        assert_eq!(to_ascii_forms(path), ascii);
    }
}
