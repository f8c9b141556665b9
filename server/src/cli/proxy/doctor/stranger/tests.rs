use super::super::judging::{answer, arrived, asked};
use super::*;
use crate::cli::finding::Status;
use crate::config::identity::Identity;

const LED: &str =
    "https://login.example.com/login?return_to=https%3A%2F%2Fphotos.example.com%2Falbum%3Fpage%3D2";
const WORD: &str = r#"{"error":"sign_in_required","url":"https://login.example.com/login"}"#;

fn to(location: &str) -> Answer {
    answer(302, &[("location", location)], "")
}

#[test]
fn a_stranger_is_led_to_the_sign_in_page_and_back() {
    let found = page(&asked(), &to(LED), false);
    assert_eq!(found.status, Status::Ok, "{}", found.message);
}

#[test]
fn r28_a_way_back_to_elsewhere_names_the_header_that_was_wrong() {
    for (location, expected) in [
        (
            LED.replacen("https%3A", "http%3A", 1),
            "X-Forwarded-Proto must say https",
        ),
        (LED.replace("photos", "127.0.0.1"), "X-Forwarded-Host"),
        (
            LED.replace("photos.example.com", "photos.example.com%3A8080"),
            "X-Forwarded-Host",
        ),
        (LED.replace("%3Fpage%3D2", ""), "X-Forwarded-Uri"),
        (LED.replace("album", ""), "X-Forwarded-Uri"),
        (
            "https://login.example.com/login".to_owned(),
            "without return_to",
        ),
        (
            "https://login.example.com/login?return_to=album".to_owned(),
            "unchanged",
        ),
        (
            "/login".to_owned(),
            "not to https://login.example.com/login",
        ),
        (
            "https://login.example.com.evil.example/login".to_owned(),
            "not to https://login.example.com/login",
        ),
        (String::new(), "not to https://login.example.com/login"),
    ] {
        let found = page(&asked(), &to(&location), false);
        assert_eq!(found.status, Status::Failed, "{location}");
        assert!(
            found.message.contains(expected),
            "{location}: {}",
            found.message
        );
    }
}

#[test]
fn who_is_let_through_without_a_sign_in_is_a_problem_whatever_the_status() {
    for (status, has_arrived) in [(200, false), (204, true), (404, true), (302, true)] {
        let found = page(&asked(), &answer(status, &[], ""), has_arrived);
        assert!(
            found.status == Status::Failed && found.message.contains("without a sign-in"),
            "{status}"
        );
        let found = script(&asked(), &answer(status, &[], ""), has_arrived);
        assert!(
            found.status == Status::Failed && found.message.contains("without a sign-in"),
            "{status}"
        );
    }
    for status in [401, 403, 404, 500, 503, 301] {
        assert_eq!(
            page(&asked(), &answer(status, &[], WORD), false).status,
            Status::Failed,
            "{status}"
        );
    }
}

#[test]
fn a_script_is_told_and_not_led() {
    assert_eq!(
        script(&asked(), &answer(401, &[], WORD), false).status,
        Status::Ok
    );
    for wrong in [
        to(LED),
        answer(401, &[("location", LED)], WORD),
        answer(403, &[], ""),
        answer(502, &[], ""),
    ] {
        assert_eq!(
            script(&asked(), &wrong, false).status,
            Status::Failed,
            "{wrong:?}"
        );
    }
}

#[test]
fn what_the_rules_open_is_open_and_what_they_close_is_closed() {
    let open = Asked {
        expected: Expected::Open,
        ..asked()
    };
    let closed = Asked {
        expected: Expected::Closed,
        ..asked()
    };
    for (asked, status, expected) in [
        (open, 200, Status::Ok),
        (open, 404, Status::Ok),
        (open, 401, Status::Failed),
        (open, 403, Status::Failed),
        (open, 502, Status::Failed),
        (closed, 403, Status::Ok),
        (closed, 200, Status::Failed),
        (closed, 502, Status::Failed),
    ] {
        assert_eq!(
            page(&asked, &answer(status, &[], ""), false).status,
            expected,
            "{status}"
        );
        assert_eq!(
            script(&asked, &answer(status, &[], ""), false).status,
            expected,
            "{status}"
        );
    }
    assert_eq!(page(&open, &to(LED), false).status, Status::Failed);
    assert_eq!(page(&closed, &to(LED), false).status, Status::Failed);
}

#[test]
fn plain_http_that_leads_to_https_says_which_address_to_give() {
    let url: Url = "http://photos.example.com/album".parse().unwrap();
    let asked = Asked {
        url: &url,
        ..asked()
    };
    let found = page(&asked, &to("https://photos.example.com/album"), false);
    assert!(
        found
            .message
            .ends_with("--url https://photos.example.com/album"),
        "{}",
        found.message
    );
}

#[test]
fn r25_a_stranger_with_a_name_is_a_problem_wherever_the_name_comes_from() {
    let identity = Identity::by_default().headers;
    let named = arrived(&[(
        "latchkey-subject",
        "{http.reverse_proxy.header.Latchkey-Subject}",
    )]);
    let found = is_nobody(&identity, &named).unwrap();
    assert_eq!(found.status, Status::Failed);
    assert!(found.message.contains("latchkey-subject"));
    assert!(is_nobody(&identity, &arrived(&[("accept", "*/*")])).is_none());
    // A page may speak of it.
    let page = Sight::Hidden("latchkey-subject".to_owned());
    assert!(is_nobody(&identity, &page).is_none());
}
