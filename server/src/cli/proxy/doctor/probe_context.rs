//! What the checks know besides the response: the address, the rules and the configuration.

use latchkey_domain::{
    access::rule::{Audience, Rules},
    request::path::RequestPath,
};
use url::Url;

/// The expected response to an anonymous request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// A redirect to the sign-in page, with the way back.
    SignIn,
    /// The service's rules make the path public.
    Public,
    /// The rules deny the path to everyone, or it is ambiguous.
    Denied,
}

impl Expected {
    /// By the rules, for a GET of this target.
    pub(super) fn of(rules: &Rules, target: &str) -> Self {
        if rules.is_empty() {
            return Self::SignIn;
        }
        match RequestPath::parse(target).map(|path| rules.audience("GET", &path)) {
            Ok(Audience::Public) => Self::Public,
            Ok(Audience::Users | Audience::Admins) => Self::SignIn,
            Ok(Audience::Nobody) | Err(_) => Self::Denied,
        }
    }
}

/// The context of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProbeContext<'a> {
    pub(super) url: &'a Url,
    pub(super) expected: Expected,
    pub(super) service: &'a str,
    /// The origin of the sign-in page.
    pub(super) login_origin: &'a str,
    /// The internal listener's address.
    pub(super) internal_addr: &'a str,
    /// Whether the internal listener responded.
    pub(super) latchkey_is_up: bool,
    /// Whether `proxy.forward_auth` or `proxy.trusted` lists any address.
    pub(super) trusts_addresses: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expected_response_follows_from_the_rules() {
        let rules =
            Rules::parse("public GET /assets/*\nadmins /settings/*\nnobody /metrics").unwrap();
        for (target, expected) in [
            ("/", Expected::SignIn),
            ("/settings/users", Expected::SignIn),
            ("/assets/app.js?v=1", Expected::Public),
            ("/metrics", Expected::Denied),
            ("/assets/%2e%2e/", Expected::Denied),
        ] {
            assert_eq!(Expected::of(&rules, target), expected, "{target}");
        }
        assert_eq!(
            Expected::of(&Rules::default(), "/%2e%2e/"),
            Expected::SignIn
        );
    }
}
