use super::*;
use crate::config::{Config, Inputs};
use axum::http::{HeaderValue, header};
use latchkey_app::{
    flash::Outcome,
    snippet::{self, Proxy, SnippetContext},
};
use latchkey_domain::{access::service::ServiceName, secret::SecretText};
use latchkey_engine::IssuedCookie;

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
        form: "/api/device/rename".to_owned(),
        outcome,
        typed: [("name".to_owned(), typed.to_owned())].into(),
        is_kept: false,
    }
}

fn written(changes: Changes) -> Vec<String> {
    let mut headers = HeaderMap::new();
    changes.write(&mut headers);
    headers
        .get_all(header::SET_COOKIE)
        .into_iter()
        .map(|line| line.to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn must_survive_20_a_cookie_counts_only_if_it_came_exactly_once() {
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
fn audit_14_pages_believe_only_the_cookie_that_no_sibling_host_can_set() {
    let cookies = Cookies::new(
        &[7; 64],
        "login.apps.example.com",
        Some(&Host::parse("example.com").unwrap()),
    );
    for (line, pages, services) in [
        (
            "__Host-latchkey=a; __Secure-latchkey=a",
            Some("a"),
            Brought::One("a"),
        ),
        ("__Host-latchkey=a", Some("a"), Brought::One("a")),
        ("__Secure-latchkey=tossed", None, Brought::One("tossed")),
        (
            "__Host-latchkey=a; __Secure-latchkey=tossed",
            Some("a"),
            Brought::One("tossed"),
        ),
        (
            "__Secure-latchkey=tossed; __Secure-latchkey=a; __Host-latchkey=a",
            Some("a"),
            Brought::Several(vec!["tossed", "a"]),
        ),
        ("", None, Brought::Nothing),
    ] {
        let headers = sent(&[line.as_bytes()]);
        assert_eq!(cookies.device_of_pages(&headers), pages, "{line}");
        assert_eq!(cookies.device_of_services(&headers), services, "{line}");
        let is_whole = pages.is_some() && Brought::One(pages.unwrap_or_default()) == services;
        let has_domain = line.contains("__Secure");
        assert_eq!(
            cookies.has_strayed(&headers),
            !(line.is_empty() || is_whole && has_domain),
            "{line}"
        );
    }
    let many = "__Secure-latchkey=x; ".repeat(1000);
    let headers = sent(&[many.as_bytes()]);
    assert!(
        matches!(cookies.device_of_services(&headers), Brought::Several(some) if some.len() == 512)
    );
}

#[test]
fn the_device_cookie_has_the_promised_attributes() {
    let issued = IssuedCookie {
        value: SecretText::new("v"),
        expires_at: NOW + Duration::days(90),
    };
    let mut changes = Changes::default();
    changes.set_device(
        &Cookies::new(&[7; 64], "login.apps.example.com", None),
        &issued,
        NOW,
    );
    assert_eq!(
        written(changes),
        ["__Host-latchkey=v; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=7776000"]
    );
    let mut changes = Changes::default();
    changes.set_device(
        &Cookies::new(
            &[7; 64],
            "login.apps.example.com",
            Some(&Host::parse("example.com").unwrap()),
        ),
        &issued,
        NOW,
    );
    assert_eq!(
        written(changes),
        [
            "__Host-latchkey=v; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=7776000",
            "__Secure-latchkey=v; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=7776000"
        ]
    );
}

#[test]
fn a_flash_travels_sealed_and_not_for_long() {
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
fn must_survive_16_a_flash_with_any_bit_flipped_says_nothing() {
    let cookies = Cookies::new(&[7; 64], "login.apps.example.com", None);
    let sealed = cookies
        .seal(&flash("Enter a name.", "x"), None, NOW)
        .unwrap();
    for place in 0..sealed.len() {
        let mut bytes = sealed.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let line = [FLASH.as_bytes(), b"=", &bytes].concat();
        assert_eq!(
            cookies.flash(&sent(&[&line]), None, NOW),
            None,
            "byte {place}"
        );
    }
}

#[test]
fn what_does_not_fit_into_a_cookie_makes_none() {
    let cookies = Cookies::new(&[7; 64], "login.apps.example.com", None);
    let mut changes = Changes::default();
    let long = flash("Enter a name.", &"x".repeat(5000));
    assert!(!changes.set_flash(&cookies, &long, None, NOW));
    assert_eq!(written(changes), Vec::<String>::new());
    let mut changes = Changes::default();
    assert!(changes.set_flash(&cookies, &flash("Enter a name.", "x"), None, NOW));
    assert!(written(changes)[0].len() < 4096);
}

#[test]
fn field_8_what_one_person_typed_is_not_shown_to_the_next() {
    let cookies = Cookies::new(&[7; 64], "login.apps.example.com", None);
    let [ada, grace] =
        [1, 2].map(|id| format!("00000000-0000-0000-0000-{id:012}").parse().unwrap());
    let typed = flash("Sign in first.", "x");
    for (of, reader, is_shown) in [
        (Some(ada), Some(ada), true),
        // On the sign-in page, which hands it on.
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
fn a_service_gets_the_browsers_cookies_without_ours() {
    let rest = |lines: &[&[u8]]| {
        of_others(&sent(lines)).map(|rest| String::from_utf8_lossy(rest.as_bytes()).into_owned())
    };
    let ours = "__Host-latchkey=x; __Secure-latchkey=x; __Host-latchkey-session=x; \
        __Host-latchkey-enrolment=x; __Host-latchkey-flash=x; latchkey-theme=dark";
    assert_eq!(rest(&[ours.as_bytes()]), None);
    assert_eq!(rest(&[]), None);
    for (sent, seen) in [
        (&[&b"__Host-latchkey=x; a=b; c=d"[..]][..], "a=b; c=d"),
        (&[b"a=b;__Secure-latchkey=x;c=d"], "a=b; c=d"),
        (&[b"a=b; __Host-latchkey=x"], "a=b"),
        // Two of ours open nothing, and neither goes on.
        (&[b"__Host-latchkey=x; __Host-latchkey=y; a=b"], "a=b"),
        (&[b"a=b", b"__Host-latchkey=x", b"c=d"], "a=b; c=d"),
        (
            &[b"my__Host-latchkey=x; nameless"],
            "my__Host-latchkey=x; nameless",
        ),
        // Joined by a proxy, or quoted: some servers begin a new one there.
        (&[b"a=b,__Host-latchkey=x; c=d"], "c=d"),
        (&[b"a=\"__Host-latchkey=x\"; c=d"], "c=d"),
        (&[b"a=b;\t__Host-latchkey=x"], "a=b"),
        (&[b"a=b\xa0__Host-latchkey=x; c=d"], "c=d"),
        (&[b"a=__Host-latchkey"], "a=__Host-latchkey"),
    ] {
        assert_eq!(rest(sent).as_deref(), Some(seen));
    }
    assert!(
        of_others(&sent(&[b"odd=\xff\xfe; __Host-latchkey=x"]))
            .is_some_and(|rest| rest == b"odd=\xff\xfe"[..])
    );
}

/// Caddy cannot copy what is not there, so its configuration has a pattern of its own.
#[test]
fn caddys_pattern_takes_out_every_cookie_of_ours_and_no_other() {
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
