//! What was asked, and what should come back.

use latchkey_domain::{
    access::rule::{Audience, Rules},
    request::path::RequestPath,
};
use url::Url;

/// What should become of somebody who is not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// To the sign-in page, and back.
    SignIn,
    /// The service's rules open the path to everybody.
    Open,
    /// They close it to everybody, or it can be read in two ways.
    Closed,
}

impl Expected {
    /// By the rules, for a GET of this target.
    pub(super) fn of(rules: &Rules, target: &str) -> Self {
        if rules.is_empty() {
            return Self::SignIn;
        }
        match RequestPath::parse(target).map(|path| rules.audience("GET", &path)) {
            Ok(Audience::Public) => Self::Open,
            Ok(Audience::People | Audience::Admins) => Self::SignIn,
            Ok(Audience::Nobody) | Err(_) => Self::Closed,
        }
    }
}

/// What a judge must know besides the answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) url: &'a Url,
    pub(super) expected: Expected,
    pub(super) service: &'a str,
    /// Latchkey's own origin.
    pub(super) base: &'a str,
    /// Where proxies ask.
    pub(super) internal: &'a str,
    /// Whether it answered us there.
    pub(super) is_up: bool,
    /// Whether any address is named in `proxy.forward_auth` or `proxy.trusted`.
    pub(super) is_trusting: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_say_what_to_expect() {
        let rules =
            Rules::parse("public GET /assets/*\nadmins /settings/*\nnobody /metrics").unwrap();
        for (target, expected) in [
            ("/", Expected::SignIn),
            ("/settings/users", Expected::SignIn),
            ("/assets/app.js?v=1", Expected::Open),
            ("/metrics", Expected::Closed),
            ("/assets/%2e%2e/", Expected::Closed),
        ] {
            assert_eq!(Expected::of(&rules, target), expected, "{target}");
        }
        assert_eq!(
            Expected::of(&Rules::default(), "/%2e%2e/"),
            Expected::SignIn
        );
    }
}
