//! Somebody who is not signed in: a person who opens a page is led to the sign-in page and back, a
//! script is told, and nothing reaches the backend.

#[cfg(test)]
mod tests;

use super::{
    arguments,
    asked::{Asked, Expected},
    exchange::Answer,
    refusal::{explain, quoted},
    sight::Sight,
};
use crate::cli::finding::Finding;
use axum::http::{HeaderName, header};
use latchkey_app::identity::IdentityHeaders;
use url::Url;

/// A document was opened.
pub(super) fn page(asked: &Asked<'_>, answer: &Answer, has_arrived: bool) -> Finding {
    const CHECK: &str = "page";
    match asked.expected {
        Expected::Open => open(CHECK, asked, answer),
        _ if is_let_through(answer, has_arrived) => {
            Finding::failed(CHECK, let_through(asked, answer))
        }
        Expected::Closed => closed(CHECK, asked, answer),
        Expected::SignIn if answer.status.is_redirection() => match led(asked, answer) {
            Ok(()) => Finding::ok(
                CHECK,
                "a stranger is led to the sign-in page, and back to this address",
            ),
            Err(wrong) => Finding::failed(CHECK, wrong),
        },
        Expected::SignIn => Finding::failed(CHECK, explain(asked, answer)),
    }
}

/// A script asked.
pub(super) fn script(asked: &Asked<'_>, answer: &Answer, has_arrived: bool) -> Finding {
    const CHECK: &str = "script";
    match asked.expected {
        Expected::Open => open(CHECK, asked, answer),
        _ if is_let_through(answer, has_arrived) => {
            Finding::failed(CHECK, let_through(asked, answer))
        }
        Expected::Closed => closed(CHECK, asked, answer),
        Expected::SignIn
            if answer.status == 401 && !answer.headers.contains_key(header::LOCATION) =>
        {
            Finding::ok(
                CHECK,
                "a stranger's script is told (401) and not led anywhere",
            )
        }
        Expected::SignIn if answer.status.is_redirection() => Finding::failed(
            CHECK,
            "a script is led to a page, which it would take for its answer: pass Accept and Sec-Fetch-Mode on to /forward-auth, and redirect only where Latchkey does (nginx: return 302 only if ($latchkey_location), else return 401)",
        ),
        Expected::SignIn => Finding::failed(CHECK, explain(asked, answer)),
    }
}

/// Who arrives without having signed in must arrive without a name.
pub(super) fn is_nobody(identity: &IdentityHeaders, sight: &Sight) -> Option<Finding> {
    let named: Vec<_> = (identity.all().into_iter())
        .map(|(_, name)| name)
        .filter(|name| sight.has_header(name))
        .map(HeaderName::as_str)
        .collect();
    (!named.is_empty()).then(|| {
        Finding::failed(
            "identity",
            format!("a stranger reaches the backend with {0}, which Latchkey did not say: a service that looks whether it is there takes everybody for a person. Take {0} out where Latchkey's answer has none, as the snippet does", named.join(", ")),
        )
    })
}

fn is_let_through(answer: &Answer, has_arrived: bool) -> bool {
    has_arrived || answer.status.is_success()
}

fn let_through(asked: &Asked<'_>, answer: &Answer) -> String {
    format!(
        "let through without a sign-in ({}): the proxy does not ask Latchkey about {}, or does not mind the answer. \
         Put the lines of `latchkey proxy snippet {} --for PROXY` around every path (nginx: auth_request in every \
         location; where a location has its own, it has none of those above it)",
        answer.status.as_u16(),
        asked.url.path(),
        asked.service,
    )
}

fn open(check: &'static str, asked: &Asked<'_>, answer: &Answer) -> Finding {
    if led(asked, answer).is_ok() || matches!(answer.status.as_u16(), 401 | 403) {
        return Finding::failed(
            check,
            format!(
                "the rules of {} open {} to everybody, and a stranger is stopped there: the proxy asks Latchkey about \
                 another path or method. Send X-Forwarded-Uri and X-Forwarded-Method as they came (nginx: \
                 $request_uri in X-Original-URL, $request_method in X-Original-Method)",
                asked.service,
                asked.url.path()
            ),
        );
    }
    match answer.status.is_server_error() {
        true => Finding::failed(check, explain(asked, answer)),
        false => Finding::ok(
            check,
            format!("open to everybody by the rules of {}", asked.service),
        ),
    }
}

fn closed(check: &'static str, asked: &Asked<'_>, answer: &Answer) -> Finding {
    match answer.status.is_client_error() {
        true => Finding::ok(
            check,
            format!("closed to everybody by the rules of {}", asked.service),
        ),
        false => Finding::failed(check, explain(asked, answer)),
    }
}

/// Whether the answer leads to the sign-in page and from there back to what was asked for.
pub(super) fn led(asked: &Asked<'_>, answer: &Answer) -> Result<(), String> {
    let location = answer.header(header::LOCATION).unwrap_or_default();
    let to = asked
        .url
        .join(location)
        .map_err(|_| format!("leads to \"{}\", which is no address", quoted(location)))?;
    let is_login = to.origin().ascii_serialization() == asked.base && to.path() == "/login";
    if !is_login {
        if to.scheme() == "https"
            && asked.url.scheme() == "http"
            && to.host_str() == asked.url.host_str()
        {
            return Err(format!(
                "leads to https, as it should: give --url {}",
                quoted(to.as_str())
            ));
        }
        return Err(format!(
            "leads to \"{}\" and not to {}/login: another redirect stands before Latchkey's, or Latchkey runs with another public_url",
            quoted(location),
            asked.base
        ));
    }
    let wanted = arguments::asked(asked.url);
    let back = to.query_pairs().find(|(name, _)| name == "return_to");
    match back {
        Some((_, back)) if back == wanted => Ok(()),
        Some((_, back)) => Err(astray(asked.url, &back)),
        None => Err("leads to the sign-in page without return_to, so nobody comes back here: let Latchkey's own Location through (nginx: return 302 $latchkey_location;)".to_owned()),
    }
}

/// What the proxy said wrongly of the request, by where the person would be led.
fn astray(asked: &Url, back: &str) -> String {
    let wrong = |why: &str| {
        format!(
            "leads to the sign-in page, and from there to \"{}\" instead of {}: {why}",
            quoted(back),
            arguments::asked(asked)
        )
    };
    let Ok(back_url) = Url::parse(back) else {
        return wrong("send the headers of the snippet, unchanged");
    };
    if back_url.scheme() != asked.scheme() {
        return wrong(&format!(
            "X-Forwarded-Proto must say {0} (nginx: $scheme in X-Original-URL; where TLS ends before this proxy, write {0})",
            asked.scheme()
        ));
    }
    if super::exchange::place(&back_url) != super::exchange::place(asked) {
        return wrong(
            "X-Forwarded-Host must be the host that the browser asked for, with its port (nginx: $http_host in X-Original-URL, not $host or $server_name)",
        );
    }
    wrong(
        "X-Forwarded-Uri must be the path and the query as they came (nginx: $request_uri in X-Original-URL, not $uri)",
    )
}
