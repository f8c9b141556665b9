//! What holds for every input, not only for those that somebody thought of.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

use latchkey_domain::{
    access::rule::{Audience, Rules},
    request::host::{Host, HostPattern},
    request::path::RequestPath,
    request::return_to::{AllowedTargets, ReturnTo},
};
use proptest::prelude::*;

/// Request targets as attackers write them: pieces that servers read differently, in any order.
fn target() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("/"),
        Just("//"),
        Just("."),
        Just(".."),
        Just("%2e"),
        Just("%2E%2e"),
        Just("%2f"),
        Just("%5c"),
        Just("\\"),
        Just(";"),
        Just("%3b"),
        Just("%00"),
        Just("%25"),
        Just("%"),
        Just("?"),
        Just("#"),
        Just("%23"),
        Just("%3f"),
        Just(" "),
        Just("%20"),
        Just("assets"),
        Just("settings"),
        Just("SETTINGS"),
        Just("s%65ttings"),
        Just("%c3%a4"),
        Just("%ff"),
        Just("a"),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| format!("/{}", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn r1_no_request_target_panics(text in "\\PC{0,64}") {
        let _ = RequestPath::parse(&text);
        let _ = Host::parse(&text);
        let _ = HostPattern::parse(&text);
        let _ = Rules::parse(&text);
        let _ = ReturnTo::parse(&text, &AllowedTargets::default());
    }

    #[test]
    fn must_survive_22_a_parsed_path_is_unambiguous(target in target()) {
        if let Ok(path) = RequestPath::parse(&target) {
            let path = path.as_str();
            prop_assert!(path.starts_with('/'));
            prop_assert!(!path.contains("//") && !path.contains(['\\', ';', '\0']));
            prop_assert!(path.split('/').all(|segment| segment != "." && segment != ".."));
            // Whoever decodes once more gets the same.
            prop_assert!(!path.to_lowercase().contains("%2"));
        }
    }

    /// The reference is another algorithm: it asks whether the service, reading as carelessly as it
    /// can, would serve something below /settings.
    #[test]
    fn r22_nothing_below_a_denied_path_is_allowed(target in target()) {
        let rules = Rules::parse("nobody /settings/*\npublic /*").unwrap();
        if let Ok(path) = RequestPath::parse(&target) {
            let careless = path.as_str().to_lowercase();
            let first = careless
                .split('/')
                .map(|segment| segment.trim_start_matches(' ').trim_end_matches([' ', '.']))
                .find(|segment| !segment.is_empty());
            let is_closed = first == Some("settings");
            let audience = rules.audience("GET", &path);
            prop_assert_eq!(audience == Audience::Nobody, is_closed, "{} {:?}", path, audience);
        }
    }

    #[test]
    fn rules_round_trip_through_text(path in "/[a-z%0-9]{0,6}(/[a-z]{1,3}){0,3}", beginning in any::<bool>(), who in 0..4usize, get in any::<bool>()) {
        let who = ["public", "users", "admins", "nobody"][who];
        let text = format!("{who} {}{path}{}", if get { "GET " } else { "" }, if beginning { "/*" } else { "" });
        if let Ok(rules) = Rules::parse(&text) {
            prop_assert_eq!(Rules::parse(&rules.to_string()).unwrap(), rules);
        }
    }

    #[test]
    fn r2_a_parsed_host_is_canonical(text in prop_oneof!["[A-Za-z0-9.:-]{1,24}", "[0-9]{0,3}[a-z.]{0,2}(\\.?0?[xX]?[0-9a-f]{0,3}){0,4}\\.?"]) {
        if let Ok(host) = Host::parse(&text) {
            prop_assert_eq!(Host::parse(host.as_str()).unwrap(), host.clone());
            prop_assert_eq!(host.as_str().to_ascii_lowercase(), host.as_str());
            let matches_it = HostPattern::from(host.clone()).matches(&host, true);
            prop_assert_eq!(matches_it, !host.as_str().ends_with(":80"));
            // As browsers read it (WHATWG URL); only a name that is no Punycode have they none for.
            match url::Url::parse(&format!("https://{host}/")) {
                Ok(url) => prop_assert_eq!(
                    url.host_str().unwrap(), host.as_str().split(':').next().unwrap()
                ),
                Err(_) => prop_assert!(host.as_str().contains("xn--"), "{}", host),
            }
        }
    }

    #[test]
    fn must_survive_24_any_return_to_leads_to_latchkey_or_a_known_host(text in "(https?:)?[/\\\\]{0,3}[a-z@:.%\\\\?#-]{0,12}(photos\\.example\\.com)?[a-z@:.%/?#-]{0,12}") {
        let allowed = AllowedTargets {
            hosts: vec![HostPattern::parse("photos.example.com").unwrap()],
            allow_http: false,
        };
        if let Some(target) = ReturnTo::parse(&text, &allowed) {
            // As browsers resolve it (WHATWG URL).
            let base = url::Url::parse("https://login.example.com/login").unwrap();
            let url = base.join(target.as_str()).unwrap();
            prop_assert!(
                matches!(url.host_str(), Some("login.example.com" | "photos.example.com")),
                "{} leads to {}", text, url
            );
            prop_assert!(url.username().is_empty() && url.scheme() == "https");
        }
    }
}
