//! `WWW-Authenticate` for whoever came with an access token, or should have: in the scheme in which it came (RFC 6750 §3,
//! RFC 9449 §7.1, RFC 9470 §3).

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use latchkey_domain::{access::permission::Permission, tokens::scope::TokenScope};
use latchkey_engine::PresentedToken;
use latchkey_parsers::bearer::{Scheme, access_token_in};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Challenge {
    /// There is no token, or it is not accepted.
    InvalidToken,
    /// It does not have the scope of this permission.
    InsufficientScope(Permission),
    /// Its user has to use a passkey again, which then counts for `max_age` seconds if that is limited.
    InsufficientAuthentication { max_age: Option<u32> },
}

impl Challenge {
    /// The value of the header.
    pub(super) fn value(self, scheme: Scheme) -> HeaderValue {
        let scheme = match scheme {
            Scheme::Bearer => "Bearer",
            // The algorithms of its next proof.
            Scheme::Dpop => "DPoP algs=\"EdDSA ES256 RS256\",",
        };
        let problem = match self {
            Self::InvalidToken => "error=\"invalid_token\"".to_owned(),
            Self::InsufficientScope(permission) => {
                let scope = TokenScope::from(permission);
                format!("error=\"insufficient_scope\", scope=\"{scope}\"")
            }
            Self::InsufficientAuthentication { max_age } => {
                let age = max_age.map(|age| format!(", max_age=\"{age}\""));
                let age = age.unwrap_or_default();
                format!("error=\"insufficient_user_authentication\", acr_values=\"passkey\"{age}")
            }
        };
        HeaderValue::from_str(&format!("{scheme} {problem}"))
            .unwrap_or(HeaderValue::from_static("Bearer"))
    }
}

/// The scheme of a token; `Bearer` where there is none.
pub(super) fn scheme_of(presented: Option<&PresentedToken<'_>>) -> Scheme {
    match presented.is_some_and(|token| token.proof.is_some()) {
        true => Scheme::Dpop,
        false => Scheme::Bearer,
    }
}

/// The scheme of the token in this header.
pub(super) fn scheme_in(headers: &HeaderMap, name: &HeaderName) -> Scheme {
    access_token_in(headers, name).map_or(Scheme::Bearer, |(scheme, _)| scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_names_its_scheme_and_what_would_help() {
        let again = Challenge::InsufficientAuthentication { max_age: Some(60) };
        let once = Challenge::InsufficientAuthentication { max_age: None };
        let dpop = "DPoP algs=\"EdDSA ES256 RS256\", ";
        for (challenge, expected) in [
            (Challenge::InvalidToken, "error=\"invalid_token\""),
            (
                Challenge::InsufficientScope(Permission::UsersRead),
                "error=\"insufficient_scope\", scope=\"latchkey:users:read\"",
            ),
            (
                again,
                "error=\"insufficient_user_authentication\", acr_values=\"passkey\", max_age=\"60\"",
            ),
            (
                once,
                "error=\"insufficient_user_authentication\", acr_values=\"passkey\"",
            ),
        ] {
            let value = challenge.value(Scheme::Bearer);
            assert_eq!(value, format!("Bearer {expected}"));
            assert_eq!(challenge.value(Scheme::Dpop), format!("{dpop}{expected}"));
        }
    }
}
