use super::{flash::FAILED_AGE, *};
use crate::config::{Config, Inputs};
use axum::http::{HeaderValue, header};
use latchkey_app::{
    flash::{Flash, Outcome},
    snippet::{self, Proxy, SnippetContext},
};
use latchkey_domain::{access::service::ServiceName, secret::SecretText};
use latchkey_engine::IssuedCookie;
use time::OffsetDateTime;

const NOW: OffsetDateTime = time::macros::datetime!(2026-11-21 12:00 UTC);

fn sent(lines: &[&[u8]]) -> HeaderMap {
    lines
        .iter()
        .map(|line| (header::COOKIE, HeaderValue::from_bytes(line).unwrap()))
        .collect()
}

fn flash(message: &str, typed: &str) -> Flash {
    let outcome = Outcome::Failed {
        field: None,
        message: message.to_owned(),
    };
    Flash {
        form: "/actions/device/rename".to_owned(),
        outcome,
        typed: [("name".to_owned(), typed.to_owned())].into(),
        is_kept: false,
    }
}

fn written(set_cookies: SetCookies) -> Vec<String> {
    let mut headers = HeaderMap::new();
    set_cookies.write(&mut headers);
    headers
        .get_all(header::SET_COOKIE)
        .into_iter()
        .map(|line| line.to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn must_survive_20_a_cookie_counts_only_if_it_was_sent_exactly_once() {
    let cookies = Cookies::new(&[7; 64], "login.apps.example.com", None);
    let device = |lines: &[&[u8]]| cookies.device_of_pages(&sent(lines)).map(str::to_owned);
    assert_eq!(
        device(&[b"a=b; __Host-latchkey=x=y; c=d"]).as_deref(),
        Some("x=y")
    );
    assert_eq!(
        device(&[b"odd=\xff\xfe", b"__Host-latchkey=x"]).as_deref(),
        Some("x")
    );
    assert_eq!(device(&[b"__Host-latchkey=x; __Host-latchkey=x"]), None);
    assert_eq!(device(&[b"__Host-latchkey=x", b"__Host-latchkey=y"]), None);
    for other in [
        &b"__Host-Latchkey=x"[..],
        b"__Host_latchkey=x",
        b"__Host.latchkey=x",
        b"__Secure-latchkey=x",
        b"latchkey=x",
        b"__Host-latchkey",
        b"__Host-latchkey =x",
        b"__Host-latchkey=\xff",
    ] {
        assert_eq!(device(&[other]), None, "{other:?}");
    }
}

#[test]
fn audit_14_pages_accept_only_the_cookie_that_no_sibling_host_can_set() {
    let cookies = Cookies::new(
        &[7; 64],
        "login.apps.example.com",
        Some(&Host::parse("example.com").unwrap()),
    );
    for (line, pages, services) in [
        (
            "__Host-latchkey=a; __Secure-latchkey=a",
            Some("a"),
            Received::One("a"),
        ),
        ("__Host-latchkey=a", Some("a"), Received::One("a")),
        ("__Secure-latchkey=tossed", None, Received::One("tossed")),
        (
            "__Host-latchkey=a; __Secure-latchkey=tossed",
            Some("a"),
            Received::One("tossed"),
        ),
        (
            "__Secure-latchkey=tossed; __Secure-latchkey=a; __Host-latchkey=a",
            Some("a"),
            Received::Several(vec!["tossed", "a"]),
        ),
        ("", None, Received::Nothing),
    ] {
        let headers = sent(&[line.as_bytes()]);
        assert_eq!(cookies.device_of_pages(&headers), pages, "{line}");
        assert_eq!(cookies.device_of_services(&headers), services, "{line}");
        let is_whole = pages.is_some() && Received::One(pages.unwrap_or_default()) == services;
        let has_domain = line.contains("__Secure");
        assert_eq!(
            cookies.is_out_of_step(&headers),
            !(line.is_empty() || is_whole && has_domain),
            "{line}"
        );
    }
    let many = "__Secure-latchkey=x; ".repeat(1000);
    let headers = sent(&[many.as_bytes()]);
    assert!(
        matches!(cookies.device_of_services(&headers), Received::Several(some) if some.len() == 512)
    );
}

#[test]
fn the_device_cookie_has_the_promised_attributes() {
    let issued = IssuedCookie {
        value: SecretText::new("v"),
        expires_at: NOW + Duration::days(90),
    };
    let mut set_cookies = SetCookies::default();
    set_cookies.set_device(
        &Cookies::new(&[7; 64], "login.apps.example.com", None),
        &issued,
        NOW,
    );
    assert_eq!(
        written(set_cookies),
        ["__Host-latchkey=v; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=7776000"]
    );
    let mut set_cookies = SetCookies::default();
    set_cookies.set_device(
        &Cookies::new(
            &[7; 64],
            "login.apps.example.com",
            Some(&Host::parse("example.com").unwrap()),
        ),
        &issued,
        NOW,
    );
    assert_eq!(
        written(set_cookies),
        [
            "__Host-latchkey=v; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=7776000",
            "__Secure-latchkey=v; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=7776000"
        ]
    );
}

#[test]
fn a_flash_message_is_sealed_and_expires() {
    let cookies = Cookies::new(&[7; 64], "login.apps.example.com", None);
    let sealed = cookies
        .seal(&flash("Enter a name.", "x"), None, NOW)
        .unwrap();
    let line = format!("{FLASH}={sealed}");
    assert!(!line.contains("Enter"));
    assert_eq!(
        cookies.flash(&sent(&[line.as_bytes()]), None, NOW),
        Some(flash("Enter a name.", "x"))
    );
    assert_eq!(
        cookies.flash(&sent(&[line.as_bytes()]), None, NOW + FAILED_AGE),
        None
    );
    assert_eq!(
        Cookies::new(&[8; 64], "login.apps.example.com", None).flash(
            &sent(&[line.as_bytes()]),
            None,
            NOW
        ),
        None
    );
}

#[test]
fn must_survive_16_a_flash_message_with_any_byte_changed_is_refused() {
    let cookies = Cookies::new(&[7; 64], "login.apps.example.com", None);
    let sealed = cookies
        .seal(&flash("Enter a name.", "x"), None, NOW)
        .unwrap();
    for index in 0..sealed.len() {
        let mut bytes = sealed.clone().into_bytes();
        bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
        let line = [FLASH.as_bytes(), b"=", &bytes].concat();
        assert_eq!(
            cookies.flash(&sent(&[&line]), None, NOW),
            None,
            "byte {index}"
        );
    }
}

#[test]
fn a_message_that_is_too_long_sets_no_cookie() {
    let cookies = Cookies::new(&[7; 64], "login.apps.example.com", None);
    let mut set_cookies = SetCookies::default();
    let long = flash("Enter a name.", &"x".repeat(5000));
    assert!(!set_cookies.set_flash(&cookies, &long, None, NOW));
    assert_eq!(written(set_cookies), Vec::<String>::new());
    let mut set_cookies = SetCookies::default();
    assert!(set_cookies.set_flash(&cookies, &flash("Enter a name.", "x"), None, NOW));
    assert!(written(set_cookies)[0].len() < 4096);
}

#[test]
fn field_8_one_users_input_is_not_shown_to_the_next() {
    let cookies = Cookies::new(&[7; 64], "login.apps.example.com", None);
    let [ada, grace] =
        [1, 2].map(|id| format!("00000000-0000-0000-0000-{id:012}").parse().unwrap());
    let typed = flash("Sign in first.", "x");
    for (of, reader, is_shown) in [
        (Some(ada), Some(ada), true),
        // On the sign-in page, which keeps it for afterwards.
        (Some(ada), None, true),
        (Some(ada), Some(grace), false),
        (None, Some(grace), true),
    ] {
        let line = format!("{FLASH}={}", cookies.seal(&typed, of, NOW).unwrap());
        let seen = cookies.flash(&sent(&[line.as_bytes()]), reader, NOW);
        assert_eq!(seen, is_shown.then(|| typed.clone()), "{of:?} {reader:?}");
    }
}

#[test]
fn must_survive_20_a_service_gets_the_browsers_cookies_except_ours() {
    let rest = |lines: &[&[u8]]| {
        without_own_cookies(&sent(lines))
            .map(|rest| String::from_utf8_lossy(rest.as_bytes()).into_owned())
    };
    let ours = "__Host-latchkey=x; __Secure-latchkey=x; __Host-latchkey-session=x; \
        __Host-latchkey-enrolment=x; __Host-latchkey-approval=x; __Host-latchkey-flash=x; latchkey-theme=dark";
    assert_eq!(rest(&[ours.as_bytes()]), None);
    assert_eq!(rest(&[]), None);
    for (sent, seen) in [
        (&[&b"__Host-latchkey=x; a=b; c=d"[..]][..], "a=b; c=d"),
        (&[b"a=b;__Secure-latchkey=x;c=d"], "a=b; c=d"),
        (&[b"a=b; __Host-latchkey=x"], "a=b"),
        // Two of ours count as none, and neither is passed on.
        (&[b"__Host-latchkey=x; __Host-latchkey=y; a=b"], "a=b"),
        (&[b"a=b", b"__Host-latchkey=x", b"c=d"], "a=b; c=d"),
        (
            &[b"my__Host-latchkey=x; nameless"],
            "my__Host-latchkey=x; nameless",
        ),
        // Joined by a proxy, or quoted: some servers see a new cookie there.
        (&[b"a=b,__Host-latchkey=x; c=d"], "c=d"),
        (&[b"a=\"__Host-latchkey=x\"; c=d"], "c=d"),
        (&[b"a=b;\t__Host-latchkey=x"], "a=b"),
        (&[b"a=b\xa0__Host-latchkey=x; c=d"], "c=d"),
        (&[b"a=__Host-latchkey"], "a=__Host-latchkey"),
    ] {
        assert_eq!(rest(sent).as_deref(), Some(seen));
    }
    assert!(
        without_own_cookies(&sent(&[b"odd=\xff\xfe; __Host-latchkey=x"]))
            .is_some_and(|rest| rest == b"odd=\xff\xfe"[..])
    );
}

/// Caddy cannot copy a header that is absent, so its configuration removes our cookies with a pattern.
#[test]
fn caddys_pattern_removes_our_cookies_and_no_others() {
    let site = SnippetContext {
        service: &ServiceName::parse("photos").unwrap(),
        hosts: &[],
        is_https: true,
        internal_config: &Config::load(&Inputs::default()).unwrap().internal_config(),
    };
    let caddyfile = snippet::files(Proxy::Caddy, &site).unwrap().remove(0).text;
    let patterns: Vec<_> = caddyfile
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("request_header Cookie \"")?
                .split_once('"')
        })
        .map(|(pattern, _)| regex::bytes::Regex::new(&format!("(?-u){pattern}")).unwrap())
        .collect();
    let pass = |cookies: &str| {
        let pass = |text: Vec<u8>, pattern: &regex::bytes::Regex| {
            pattern.replace_all(&text, &b""[..]).into_owned()
        };
        String::from_utf8(patterns.iter().fold(cookies.into(), pass)).unwrap()
    };
    assert_eq!(patterns.len(), 2, "{caddyfile}");
    for name in ALL {
        for (sent, seen) in [
            (format!("{name}=x"), ""),
            (format!("{name}=x; a=b"), "a=b"),
            (format!("a=b; {name}=x; {name}=y; c=d"), "a=b; c=d"),
            (format!("a=b; {name}=x"), "a=b"),
            (format!("a=b;\t{name}=x"), "a=b"),
            (format!("a=b,{name}=x; c=d"), "c=d"),
            (format!("a=\"{name}=x\"; c=d"), "c=d"),
        ] {
            assert_eq!(pass(&sent), seen);
        }
        let others = format!("my{name}=x; {name}s2=y; a={name}");
        assert_eq!(pass(&others), others);
    }
}
