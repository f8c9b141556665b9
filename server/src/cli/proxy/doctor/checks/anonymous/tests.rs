use super::super::fixtures::{context, received, response};
use super::*;
use crate::{cli::finding::Status, config::identity::Identity};

const LOGIN: &str =
    "https://login.example.com/login?return_to=https%3A%2F%2Fphotos.example.com%2Falbum%3Fpage%3D2";
const SIGN_IN_REQUIRED: &str =
    r#"{"error":"sign_in_required","url":"https://login.example.com/login"}"#;

fn redirect(location: &str) -> ProbeResponse {
    response(302, &[("location", location)], "")
}

#[test]
fn an_anonymous_page_request_redirects_to_the_sign_in_page_and_back() {
    let finding = check_page(&context(), &redirect(LOGIN), false);
    assert_eq!(finding.status, Status::Ok, "{}", finding.message);
}

#[test]
fn r28_a_wrong_return_address_names_the_header_that_is_wrong() {
    for (location, code) in [
        (
            LOGIN.replacen("https%3A", "http%3A", 1),
            "forwarded_scheme_wrong",
        ),
        (LOGIN.replace("photos", "127.0.0.1"), "forwarded_host_wrong"),
        (
            LOGIN.replace("photos.example.com", "photos.example.com%3A8080"),
            "forwarded_host_wrong",
        ),
        (LOGIN.replace("%3Fpage%3D2", ""), "forwarded_uri_wrong"),
        (LOGIN.replace("album", ""), "forwarded_uri_wrong"),
        (
            "https://login.example.com/login".to_owned(),
            "return_to_missing",
        ),
        (
            "https://login.example.com/login?return_to=album".to_owned(),
            "return_to_invalid",
        ),
        ("/login".to_owned(), "redirected_elsewhere"),
        (
            "https://login.example.com.evil.example/login".to_owned(),
            "redirected_elsewhere",
        ),
        (String::new(), "redirected_elsewhere"),
    ] {
        let finding = check_page(&context(), &redirect(&location), false);
        assert_eq!(finding.status, Status::Failed, "{location}");
        assert_eq!(finding.code, code, "{location}");
    }
    let http = LOGIN.replacen("https%3A", "http%3A", 1);
    let message = check_page(&context(), &redirect(&http), false).message;
    assert!(message.contains("X-Forwarded-Proto must be https"));
}

#[test]
fn a_request_that_is_let_through_without_a_sign_in_fails_whatever_the_status() {
    for (status, reached_backend) in [(200, false), (204, true), (404, true), (302, true)] {
        for check in [check_page, check_script] {
            let finding = check(&context(), &response(status, &[], ""), reached_backend);
            assert_eq!(finding.status, Status::Failed, "{status}");
            assert_eq!(finding.code, "not_protected", "{status}");
        }
    }
    for status in [401, 403, 404, 500, 503, 301] {
        let response = response(status, &[], SIGN_IN_REQUIRED);
        let finding = check_page(&context(), &response, false);
        assert_eq!(finding.status, Status::Failed, "{status}");
    }
}

#[test]
fn a_script_gets_401_and_no_redirect() {
    let finding = check_script(&context(), &response(401, &[], SIGN_IN_REQUIRED), false);
    assert_eq!(finding.status, Status::Ok);
    for wrong in [
        redirect(LOGIN),
        response(401, &[("location", LOGIN)], SIGN_IN_REQUIRED),
        response(403, &[], ""),
        response(502, &[], ""),
    ] {
        assert_eq!(
            check_script(&context(), &wrong, false).status,
            Status::Failed,
            "{wrong:?}"
        );
    }
}

#[test]
fn public_and_denied_paths_follow_the_rules() {
    let public = ProbeContext {
        expected: Expected::Public,
        ..context()
    };
    let denied = ProbeContext {
        expected: Expected::Denied,
        ..context()
    };
    for (context, status, expected) in [
        (public, 200, Status::Ok),
        (public, 404, Status::Ok),
        (public, 401, Status::Failed),
        (public, 403, Status::Failed),
        (public, 502, Status::Failed),
        (denied, 403, Status::Ok),
        (denied, 200, Status::Failed),
        (denied, 502, Status::Failed),
    ] {
        for check in [check_page, check_script] {
            let finding = check(&context, &response(status, &[], ""), false);
            assert_eq!(finding.status, expected, "{status}");
        }
    }
    for context in [public, denied] {
        let finding = check_page(&context, &redirect(LOGIN), false);
        assert_eq!(finding.status, Status::Failed);
    }
}

#[test]
fn plain_http_that_redirects_to_https_says_which_address_to_give() {
    let url: Url = "http://photos.example.com/album".parse().unwrap();
    let context = ProbeContext {
        url: &url,
        ..context()
    };
    let finding = check_page(
        &context,
        &redirect("https://photos.example.com/album"),
        false,
    );
    assert_eq!(finding.code, "redirected_to_https");
    assert!(
        finding
            .message
            .ends_with("--url https://photos.example.com/album"),
        "{}",
        finding.message
    );
}

#[test]
fn r25_identity_headers_of_an_anonymous_request_fail_wherever_they_come_from() {
    let identity = Identity::by_default().headers;
    let named = received(&[(
        "latchkey-subject",
        "{http.reverse_proxy.header.Latchkey-Subject}",
    )]);
    let finding = check_no_identity(&identity, &named).unwrap();
    assert_eq!(finding.status, Status::Failed);
    assert!(finding.message.contains("latchkey-subject"));
    assert!(check_no_identity(&identity, &received(&[("accept", "*/*")])).is_none());
    // A page may mention it.
    let page = Observation::Opaque("latchkey-subject".to_owned());
    assert!(check_no_identity(&identity, &page).is_none());
}
