//! Somebody who is signed in: comes in, and the backend learns who it is from Latchkey alone.

use super::{
    asked::{Asked, Expected},
    exchange::Answer,
    refusal::{explain, word},
    sight::Sight,
    stranger::led,
};
use crate::cli::finding::Finding;
use axum::http::{HeaderName, header};
use latchkey_app::identity::IdentityHeaders;

const CHECK: &str = "signed in";

/// Whether the person came in.
pub(super) fn enters(asked: &Asked<'_>, answer: &Answer, sight: &Sight, email: &str) -> Finding {
    if matches!(sight, Sight::Arrived(_)) {
        return Finding::ok(CHECK, format!("{email} comes in"));
    }
    if asked.expected == Expected::Closed {
        return match answer.status.is_client_error() {
            true => Finding::ok(
                CHECK,
                "closed to everybody by the rules; give --url another path to see somebody come in",
            ),
            false => Finding::failed(CHECK, explain(asked, answer)),
        };
    }
    // Where it leads is not shown: what comes back to somebody may carry what is theirs.
    let is_led = led(asked, answer).is_ok()
        || answer
            .header(header::LOCATION)
            .is_some_and(|to| to.starts_with(&format!("{}/login", asked.base)));
    match (answer.status.as_u16(), word(answer).as_deref()) {
        _ if is_led => Finding::failed(CHECK, stranger(email)),
        (401, _) => Finding::failed(CHECK, stranger(email)),
        (403, Some("bad_question" | "not_for_you" | "closed")) => {
            Finding::failed(CHECK, explain(asked, answer))
        }
        (403, _) => Finding::failed(
            CHECK,
            format!(
                "{email} is refused (403): either there is no grant (latchkey grant add {email} {}), or a rule wants an administrator, or the backend itself refuses",
                asked.service
            ),
        ),
        (500.., _) => Finding::failed(CHECK, explain(asked, answer)),
        _ if matches!(sight, Sight::Absent) => Finding::failed(
            CHECK,
            format!(
                "answered {} and nothing arrived here: point the proxy's upstream at the address of --listen, and let it keep no answers (a cache)",
                answer.status.as_u16()
            ),
        ),
        (status, _) => Finding::ok(CHECK, format!("{email} comes in ({status})")),
    }
}

fn stranger(email: &str) -> String {
    format!(
        "{email} is taken for a stranger: pass the browser's Cookie on to /forward-auth, all of it (nginx: proxy_set_header Cookie $http_cookie; in the location that asks)"
    )
}

/// Whether the backend learns who came.
pub(super) fn is_told(identity: &IdentityHeaders, sight: &Sight) -> Finding {
    let missing = missing(identity, sight);
    match sight {
        _ if !sight.is_whole() => hidden("identity"),
        _ if missing.is_empty() => Finding::ok(
            "identity",
            "the backend learns who came, by Latchkey's headers",
        ),
        _ => Finding::failed(
            "identity",
            format!(
                "the backend does not get {0}: copy it from Latchkey's answer (nginx: auth_request_set and proxy_set_header {1}; Caddy: copy_headers {1}; Traefik: authResponseHeaders)",
                missing.join(", "),
                missing[0]
            ),
        ),
    }
}

/// A client that names Latchkey's headers in `Connection` must not get rid of them.
pub(super) fn is_told_still(identity: &IdentityHeaders, sight: &Sight) -> Option<Finding> {
    let missing = missing(identity, sight);
    (sight.is_whole() && !missing.is_empty()).then(|| {
        Finding::failed(
            "identity",
            format!("a client that names {} in Connection makes the proxy drop it, and comes in without a name: take Connection out before Latchkey is asked, as the snippet does (nginx: proxy_set_header Connection $latchkey_connection;)", missing.join(", ")),
        )
    })
}

/// What is always told: the others depend on the grant.
fn missing<'a>(identity: &'a IdentityHeaders, sight: &Sight) -> Vec<&'a str> {
    [&identity.subject, &identity.assurance, &identity.assertion]
        .into_iter()
        .filter(|name| !sight.has_header(name))
        .map(HeaderName::as_str)
        .collect()
}

/// A cookie that is the service's own.
pub(super) const OTHER_COOKIE: &str = "latchkey-doctor=stays";

/// Whether the backend gets the device cookie, with which it could act as the person elsewhere, and all
/// others.
pub(super) fn is_cookie_kept(sight: &Sight, cookie: &str) -> Option<Finding> {
    if sight.has(cookie) {
        return Some(Finding::warning(
            "device cookie",
            "it reaches the backend, which could use it at the other services: hand on the Cookie of Latchkey's answer instead of the browser's (nginx: auth_request_set $latchkey_cookie $upstream_http_cookie; and proxy_set_header Cookie $latchkey_cookie; Traefik: Cookie in authResponseHeaders; the snippet has it for all)",
        ));
    }
    sight.is_whole().then(|| match sight.has(OTHER_COOKIE) {
        true => Finding::ok(
            "device cookie",
            "it does not reach the backend, and other cookies do",
        ),
        false => Finding::warning(
            "device cookie",
            "no cookie reaches the backend, so it knows nobody again: hand on the Cookie of Latchkey's answer, as the snippet does",
        ),
    })
}

/// What cannot be seen, and how to see it.
pub(super) fn hidden(check: &'static str) -> Finding {
    Finding::warning(
        check,
        "what reached the backend could not be seen, because its answer does not repeat it: point the proxy's upstream at this machine for a minute and run this with --listen ADDR:PORT, or at a backend that answers with what it was asked",
    )
}

#[cfg(test)]
mod tests {
    use super::super::judging::{answer, arrived, asked};
    use super::*;
    use crate::cli::finding::Status;
    use crate::config::identity::Identity;

    const EMAIL: &str = "ada@example.com";
    const TOLD: [(&str, &str); 3] = [
        ("latchkey-subject", "s"),
        ("latchkey-assurance", "registered"),
        ("latchkey-assertion", "a.b.c"),
    ];

    #[test]
    fn somebody_with_a_grant_comes_in_and_anybody_else_hears_why_not() {
        let hidden = Sight::Hidden(String::new());
        let to = |location: &str| answer(302, &[("location", location)], "");
        for (answer, expected, words) in [
            (answer(200, &[], ""), Status::Ok, "comes in (200)"),
            (answer(404, &[], ""), Status::Ok, "comes in (404)"),
            (to("/welcome"), Status::Ok, "comes in (302)"),
            (
                to("https://login.example.com/login?return_to=https%3A%2F%2Fx"),
                Status::Failed,
                "$http_cookie",
            ),
            (answer(401, &[], ""), Status::Failed, "$http_cookie"),
            (
                answer(403, &[], "<h1>"),
                Status::Failed,
                "latchkey grant add ada@example.com photos",
            ),
            (
                answer(403, &[], r#"{"error":"not_for_you"}"#),
                Status::Failed,
                "the token of photos",
            ),
            (answer(502, &[], ""), Status::Failed, "the backend runs"),
        ] {
            let found = enters(&asked(), &answer, &hidden, EMAIL);
            assert_eq!(found.status, expected, "{answer:?}");
            assert!(found.message.contains(words), "{}", found.message);
        }
        assert_eq!(
            enters(&asked(), &answer(500, &[], ""), &arrived(&[]), EMAIL).status,
            Status::Ok
        );
        let found = enters(&asked(), &answer(200, &[], ""), &Sight::Absent, EMAIL);
        assert!(found.message.contains("--listen"), "{}", found.message);
    }

    #[test]
    fn the_backend_learns_who_came() {
        let identity = Identity::by_default().headers;
        assert_eq!(is_told(&identity, &arrived(&TOLD)).status, Status::Ok);
        for place in 0..TOLD.len() {
            let mut empty = TOLD;
            empty[place].1 = "";
            let found = is_told(&identity, &arrived(&empty));
            assert_eq!(found.status, Status::Failed);
            assert!(
                found
                    .message
                    .contains(&format!("does not get {}:", TOLD[place].0)),
                "{}",
                found.message
            );
        }
        let found = is_told(&identity, &Sight::Hidden("latchkey-subject".to_owned()));
        assert!(found.status == Status::Warning && found.message.contains("--listen"));
    }

    #[test]
    fn r24_a_client_cannot_get_rid_of_its_name() {
        let identity = Identity::by_default().headers;
        assert!(is_told_still(&identity, &arrived(&TOLD)).is_none());
        let found = is_told_still(&identity, &arrived(&TOLD[1..])).unwrap();
        assert!(
            found
                .message
                .contains("names latchkey-subject in Connection"),
            "{}",
            found.message
        );
        assert!(is_told_still(&identity, &Sight::Hidden(String::new())).is_none());
    }

    #[test]
    fn a_cookie_that_goes_too_far_is_told_of_and_not_shown() {
        let found = is_cookie_kept(
            &arrived(&[("cookie", "a=b; __Secure-latchkey=SECRET")]),
            "SECRET",
        )
        .unwrap();
        assert!(found.status == Status::Warning && !found.message.contains("SECRET"));
        for (cookie, status) in [
            ("latchkey-doctor=stays", Status::Ok),
            ("", Status::Warning),
            (
                "latchkey-doctor=stays; __Secure-latchkey=SECRET",
                Status::Warning,
            ),
        ] {
            let found = is_cookie_kept(&arrived(&[("cookie", cookie)]), "SECRET").unwrap();
            assert_eq!(found.status, status, "{cookie}");
        }
        assert!(is_cookie_kept(&Sight::Hidden(String::new()), "SECRET").is_none());
    }
}
