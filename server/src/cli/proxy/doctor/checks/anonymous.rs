//! Anonymous requests: a page redirects to the sign-in page and back, a script gets 401, and nothing
//! reaches the backend.

#[cfg(test)]
mod tests;

use super::explain::{explain, quote};
use crate::cli::{
    finding::Finding,
    proxy::doctor::{
        arguments,
        exchange::{ProbeResponse, host_and_port},
        observation::Observation,
        probe_context::{Expected, ProbeContext},
    },
};
use axum::http::{HeaderName, header};
use latchkey_app::identity::IdentityHeaders;
use url::Url;

/// A browser opens a page.
pub(in super::super) const PAGE: &str = "page";
/// A script fetches something.
pub(in super::super) const SCRIPT: &str = "script";

/// The response to a browser that opens a page.
pub(in super::super) fn check_page(
    context: &ProbeContext<'_>,
    response: &ProbeResponse,
    reached_backend: bool,
) -> Finding {
    match context.expected {
        Expected::Public => public_path(PAGE, context, response),
        _ if reached_backend || response.status.is_success() => {
            not_protected(PAGE, context, response)
        }
        Expected::Denied => denied_path(PAGE, context, response),
        Expected::SignIn if response.status.is_redirection() => {
            match login_redirect(PAGE, context, response) {
                Ok(()) => Finding::ok(
                    PAGE,
                    "redirected_to_login",
                    "anonymous requests redirect to the sign-in page, and back to this address",
                ),
                Err(finding) => finding,
            }
        }
        Expected::SignIn => explain(PAGE, context, response),
    }
}

/// The response to a script.
pub(in super::super) fn check_script(
    context: &ProbeContext<'_>,
    response: &ProbeResponse,
    reached_backend: bool,
) -> Finding {
    match context.expected {
        Expected::Public => public_path(SCRIPT, context, response),
        _ if reached_backend || response.status.is_success() => {
            not_protected(SCRIPT, context, response)
        }
        Expected::Denied => denied_path(SCRIPT, context, response),
        Expected::SignIn
            if response.status == 401 && !response.headers.contains_key(header::LOCATION) =>
        {
            Finding::ok(
                SCRIPT,
                "script_gets_401",
                "anonymous scripts get 401, not a redirect",
            )
        }
        Expected::SignIn if response.status.is_redirection() => Finding::failed(
            SCRIPT,
            "script_redirected",
            "scripts are redirected to a page, which they would take for the response: forward Accept and Sec-Fetch-Mode to /forward-auth, and redirect only if Latchkey does (nginx: return 302 only if ($latchkey_location), else return 401)",
        ),
        Expected::SignIn => explain(SCRIPT, context, response),
    }
}

/// An anonymous request must reach the backend without identity headers.
pub(in super::super) fn check_no_identity(
    identity: &IdentityHeaders,
    observation: &Observation,
) -> Option<Finding> {
    let names: Vec<_> = (identity.all().into_iter())
        .map(|(_, name)| name)
        .filter(|name| observation.has_header(name))
        .map(HeaderName::as_str)
        .collect();
    (!names.is_empty()).then(|| {
        Finding::failed(
            "identity",
            "identity_without_sign_in",
            format!("an anonymous request reaches the backend with {0}, which Latchkey did not send: a service that checks for its presence would treat everyone as signed in. Remove {0} if Latchkey's response does not have it, as the snippet does", names.join(", ")),
        )
    })
}

fn not_protected(
    check: &'static str,
    context: &ProbeContext<'_>,
    response: &ProbeResponse,
) -> Finding {
    Finding::failed(
        check,
        "not_protected",
        format!(
            "let through without a sign-in ({}): the proxy does not ask Latchkey about {}, or ignores its response. \
             Apply the lines of `latchkey proxy snippet {} --for PROXY` to every path (nginx: auth_request in every \
             location; a location with directives of its own does not inherit them)",
            response.status.as_u16(),
            context.url.path(),
            context.service,
        ),
    )
}

fn public_path(
    check: &'static str,
    context: &ProbeContext<'_>,
    response: &ProbeResponse,
) -> Finding {
    if login_redirect(check, context, response).is_ok()
        || matches!(response.status.as_u16(), 401 | 403)
    {
        return Finding::failed(
            check,
            "public_path_blocked",
            format!(
                "the rules of {} make {} public, and an anonymous request is blocked: the proxy sends Latchkey \
                 another path or method. Send X-Forwarded-Uri and X-Forwarded-Method unchanged (nginx: \
                 $request_uri in X-Original-URL, $request_method in X-Original-Method)",
                context.service,
                context.url.path()
            ),
        );
    }
    match response.status.is_server_error() {
        true => explain(check, context, response),
        false => Finding::ok(
            check,
            "public_path",
            format!("public by the rules of {}", context.service),
        ),
    }
}

fn denied_path(
    check: &'static str,
    context: &ProbeContext<'_>,
    response: &ProbeResponse,
) -> Finding {
    match response.status.is_client_error() {
        true => Finding::ok(
            check,
            "denied_path",
            format!("denied to everyone by the rules of {}", context.service),
        ),
        false => explain(check, context, response),
    }
}

/// Whether the response redirects to the sign-in page, and from there back to the requested address.
pub(super) fn login_redirect(
    check: &'static str,
    context: &ProbeContext<'_>,
    response: &ProbeResponse,
) -> Result<(), Finding> {
    let failed = |code, message| Err(Finding::failed(check, code, message));
    let location = response.header(header::LOCATION).unwrap_or_default();
    let quoted = quote(location);
    let Ok(to) = context.url.join(location) else {
        return failed(
            "redirect_invalid",
            format!("redirects to \"{quoted}\", which is not a valid address"),
        );
    };
    let is_login =
        to.origin().ascii_serialization() == context.login_origin && to.path() == "/login";
    if !is_login {
        if to.scheme() == "https"
            && context.url.scheme() == "http"
            && to.host_str() == context.url.host_str()
        {
            return failed(
                "redirected_to_https",
                format!(
                    "redirects to https, as it should: give --url {}",
                    quote(to.as_str())
                ),
            );
        }
        return failed(
            "redirected_elsewhere",
            format!(
                "redirects to \"{quoted}\" and not to {}/login: another redirect takes precedence over Latchkey's, or Latchkey runs with another public_url",
                context.login_origin
            ),
        );
    }
    let wanted = arguments::without_fragment(context.url);
    let return_to = to.query_pairs().find(|(name, _)| name == "return_to");
    match return_to {
        Some((_, return_to)) if return_to == wanted => Ok(()),
        Some((_, return_to)) => Err(wrong_return(check, context.url, &return_to)),
        None => failed(
            "return_to_missing",
            "redirects to the sign-in page without return_to, so users do not come back here: return Latchkey's Location unchanged (nginx: return 302 $latchkey_location;)".to_owned(),
        ),
    }
}

/// Which forwarded header is wrong, by the address to which a user would return.
fn wrong_return(check: &'static str, requested: &Url, return_to: &str) -> Finding {
    let wrong = |code, remedy: &str| {
        let message = format!(
            "redirects to the sign-in page, and from there to \"{}\" instead of {}: {remedy}",
            quote(return_to),
            arguments::without_fragment(requested)
        );
        Finding::failed(check, code, message)
    };
    let Ok(url) = Url::parse(return_to) else {
        return wrong(
            "return_to_invalid",
            "send the headers of the snippet unchanged",
        );
    };
    if url.scheme() != requested.scheme() {
        let scheme = requested.scheme();
        return wrong(
            "forwarded_scheme_wrong",
            &format!(
                "X-Forwarded-Proto must be {scheme} (nginx: $scheme in X-Original-URL; if TLS ends before this proxy, write {scheme})"
            ),
        );
    }
    if host_and_port(&url) != host_and_port(requested) {
        return wrong(
            "forwarded_host_wrong",
            "X-Forwarded-Host must be the host that the browser requested, with its port (nginx: $http_host in X-Original-URL, not $host or $server_name)",
        );
    }
    wrong(
        "forwarded_uri_wrong",
        "X-Forwarded-Uri must be the path and the query unchanged (nginx: $request_uri in X-Original-URL, not $uri)",
    )
}
