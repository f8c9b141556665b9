//! Requests of a signed-in user: the user is let in, and the backend gets the identity from Latchkey alone.

use super::{
    anonymous::login_redirect,
    explain::{error_code, explain},
};
use crate::cli::{
    finding::Finding,
    proxy::doctor::{
        ACCESS,
        exchange::ProbeResponse,
        observation::Observation,
        probe_context::{Expected, ProbeContext},
    },
};
use axum::http::{HeaderName, header};
use latchkey_app::identity::IdentityHeaders;

/// Whether the user is let in.
pub(in super::super) fn check_access(
    context: &ProbeContext<'_>,
    response: &ProbeResponse,
    observation: &Observation,
    email: &str,
) -> Finding {
    const LET_IN: &str = "user_let_in";
    if matches!(observation, Observation::Received(_)) {
        return Finding::ok(ACCESS, LET_IN, format!("{email} is let in"));
    }
    if context.expected == Expected::Denied {
        return match response.status.is_client_error() {
            true => Finding::ok(
                ACCESS,
                "denied_path",
                "denied to everyone by the rules; give --url another path to check the access of a user",
            ),
            false => explain(ACCESS, context, response),
        };
    }
    // The address is not shown: it may carry something of the user's.
    let is_redirected = login_redirect(ACCESS, context, response).is_ok()
        || response
            .header(header::LOCATION)
            .is_some_and(|to| to.starts_with(&format!("{}/login", context.login_origin)));
    match (response.status.as_u16(), error_code(response).as_deref()) {
        _ if is_redirected => cookie_not_forwarded(email),
        (401, _) => cookie_not_forwarded(email),
        (403, Some("bad_question" | "not_for_you" | "closed")) => {
            explain(ACCESS, context, response)
        }
        (403, _) => Finding::failed(
            ACCESS,
            "user_refused",
            format!(
                "{email} is refused (403): there is no grant (latchkey grant add {email} {}), or a rule requires an administrator, or the backend itself refuses",
                context.service
            ),
        ),
        (500.., _) => explain(ACCESS, context, response),
        (status, _) if matches!(observation, Observation::NotReceived) => Finding::failed(
            ACCESS,
            "backend_not_reached",
            format!(
                "responded with {status}, and the request did not arrive here: point the proxy's upstream at the address of --listen, and do not let it cache responses"
            ),
        ),
        (status, _) => Finding::ok(ACCESS, LET_IN, format!("{email} is let in ({status})")),
    }
}

fn cookie_not_forwarded(email: &str) -> Finding {
    Finding::failed(
        ACCESS,
        "cookie_not_forwarded",
        format!(
            "{email} is treated as anonymous: forward the browser's whole Cookie header to /forward-auth (nginx: proxy_set_header Cookie $http_cookie; in the location that asks Latchkey)"
        ),
    )
}

/// Whether the backend gets the identity headers.
pub(in super::super) fn check_identity(
    identity: &IdentityHeaders,
    observation: &Observation,
) -> Finding {
    const CHECK: &str = "identity";
    let missing = missing(identity, observation);
    match missing.first() {
        _ if !observation.is_complete() => not_observable(CHECK),
        None => Finding::ok(
            CHECK,
            "identity_received",
            "the backend gets the user's identity from Latchkey's headers",
        ),
        Some(first) => Finding::failed(
            CHECK,
            "identity_missing",
            format!(
                "the backend does not get {}: copy it from Latchkey's response (nginx: auth_request_set and proxy_set_header {first}; Caddy: copy_headers {first}; Traefik: authResponseHeaders)",
                missing.join(", ")
            ),
        ),
    }
}

/// A client must not be able to remove Latchkey's headers by naming them in `Connection`.
pub(in super::super) fn check_identity_is_kept(
    identity: &IdentityHeaders,
    observation: &Observation,
) -> Option<Finding> {
    let missing = missing(identity, observation);
    (observation.is_complete() && !missing.is_empty()).then(|| {
        Finding::failed(
            "identity",
            "identity_removed_by_client",
            format!("a client that names {} in Connection makes the proxy drop it, and reaches the backend without an identity: remove Connection before Latchkey is asked, as the snippet does (nginx: proxy_set_header Connection $latchkey_connection;)", missing.join(", ")),
        )
    })
}

/// The headers that are always sent; the others depend on the grant.
fn missing<'a>(identity: &'a IdentityHeaders, observation: &Observation) -> Vec<&'a str> {
    [&identity.subject, &identity.assurance, &identity.assertion]
        .into_iter()
        .filter(|name| !observation.has_header(name))
        .map(HeaderName::as_str)
        .collect()
}

/// A cookie of the service's own.
pub(in super::super) const OTHER_COOKIE: &str = "latchkey-doctor=kept";

/// Whether the backend gets all cookies except the device cookie, which it could use to impersonate the user
/// at other services.
pub(in super::super) fn check_device_cookie(
    observation: &Observation,
    cookie: &str,
) -> Option<Finding> {
    const CHECK: &str = "device cookie";
    if observation.contains(cookie) {
        return Some(Finding::warning(
            CHECK,
            "device_cookie_forwarded",
            "the backend gets it and could use it to impersonate the user at other services: forward the Cookie header of Latchkey's response instead of the browser's (nginx: auth_request_set $latchkey_cookie $upstream_http_cookie; and proxy_set_header Cookie $latchkey_cookie; Traefik: Cookie in authResponseHeaders; the snippet has it for every proxy)",
        ));
    }
    observation.is_complete().then(|| match observation.contains(OTHER_COOKIE) {
        true => Finding::ok(
            CHECK,
            "device_cookie_removed",
            "the backend does not get it, and gets other cookies",
        ),
        false => Finding::warning(
            CHECK,
            "cookies_dropped",
            "the backend gets no cookies at all, so its own sessions do not work: forward the Cookie header of Latchkey's response, as the snippet does",
        ),
    })
}

/// The request that reached the backend is unknown.
pub(in super::super) fn not_observable(check: &'static str) -> Finding {
    Finding::warning(
        check,
        "not_observable",
        "not checked, because the response does not show what reached the backend: point the proxy's upstream at this machine for a minute and add --listen ADDR:PORT, or use a backend that echoes its requests",
    )
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{context, received, response};
    use super::*;
    use crate::{cli::finding::Status, config::identity::Identity};

    const EMAIL: &str = "ada@example.com";
    const IDENTITY: [(&str, &str); 3] = [
        ("latchkey-subject", "s"),
        ("latchkey-assurance", "registered"),
        ("latchkey-assertion", "a.b.c"),
    ];

    #[test]
    fn a_user_with_a_grant_is_let_in_and_any_refusal_is_explained() {
        let opaque = Observation::Opaque(String::new());
        let redirect = |location: &str| response(302, &[("location", location)], "");
        for (response, code, text) in [
            (response(200, &[], ""), "user_let_in", "is let in (200)"),
            (response(404, &[], ""), "user_let_in", "is let in (404)"),
            (redirect("/welcome"), "user_let_in", "is let in (302)"),
            (
                redirect("https://login.example.com/login?return_to=https%3A%2F%2Fx"),
                "cookie_not_forwarded",
                "$http_cookie",
            ),
            (
                response(401, &[], ""),
                "cookie_not_forwarded",
                "$http_cookie",
            ),
            (
                response(403, &[], "<h1>"),
                "user_refused",
                "latchkey grant add ada@example.com photos",
            ),
            (
                response(403, &[], r#"{"error":"not_for_you"}"#),
                "proxy_not_authorized",
                "token of photos",
            ),
            (response(502, &[], ""), "proxy_error", "the backend runs"),
        ] {
            let finding = check_access(&context(), &response, &opaque, EMAIL);
            assert_eq!(finding.code, code, "{response:?}");
            let is_ok = finding.status == Status::Ok;
            assert_eq!(is_ok, code == "user_let_in", "{response:?}");
            assert!(finding.message.contains(text), "{}", finding.message);
        }
        let access =
            |response, observation| check_access(&context(), &response, &observation, EMAIL).code;
        assert_eq!(access(response(500, &[], ""), received(&[])), "user_let_in");
        assert_eq!(
            access(response(200, &[], ""), Observation::NotReceived),
            "backend_not_reached"
        );
    }

    #[test]
    fn the_backend_gets_the_identity() {
        let identity = Identity::by_default().headers;
        assert_eq!(
            check_identity(&identity, &received(&IDENTITY)).status,
            Status::Ok
        );
        for index in 0..IDENTITY.len() {
            let mut empty = IDENTITY;
            empty[index].1 = "";
            let finding = check_identity(&identity, &received(&empty));
            assert_eq!(finding.status, Status::Failed);
            let name = format!("does not get {}:", IDENTITY[index].0);
            assert!(finding.message.contains(&name), "{}", finding.message);
        }
        let opaque = Observation::Opaque("latchkey-subject".to_owned());
        let finding = check_identity(&identity, &opaque);
        assert!(finding.status == Status::Warning && finding.code == "not_observable");
    }

    #[test]
    fn r24_a_client_cannot_remove_its_identity() {
        let identity = Identity::by_default().headers;
        assert!(check_identity_is_kept(&identity, &received(&IDENTITY)).is_none());
        let finding = check_identity_is_kept(&identity, &received(&IDENTITY[1..])).unwrap();
        assert!(
            finding
                .message
                .contains("names latchkey-subject in Connection"),
            "{}",
            finding.message
        );
        let opaque = Observation::Opaque(String::new());
        assert!(check_identity_is_kept(&identity, &opaque).is_none());
    }

    #[test]
    fn a_forwarded_device_cookie_is_reported_and_not_shown() {
        let cookies = received(&[("cookie", "a=b; __Secure-latchkey=SECRET")]);
        let finding = check_device_cookie(&cookies, "SECRET").unwrap();
        assert!(finding.status == Status::Warning && !finding.message.contains("SECRET"));
        for (cookie, code) in [
            (OTHER_COOKIE, "device_cookie_removed"),
            ("", "cookies_dropped"),
            (
                "latchkey-doctor=kept; __Secure-latchkey=SECRET",
                "device_cookie_forwarded",
            ),
        ] {
            let finding = check_device_cookie(&received(&[("cookie", cookie)]), "SECRET").unwrap();
            assert_eq!(finding.code, code, "{cookie}");
        }
        let opaque = Observation::Opaque(String::new());
        assert!(check_device_cookie(&opaque, "SECRET").is_none());
    }
}
