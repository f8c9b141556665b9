//! Headers in which a client says who it is: a proxy must take them all out, however they are
//! spelled (CVE-2025-64484, CVE-2026-88011), and none of Latchkey's own with them, which a client may
//! try by naming them in `Connection` (CVE-2024-45410).

use super::{exchange::Question, sight::Sight};
use crate::cli::finding::Finding;
use axum::http::{HeaderName, header};
use latchkey_app::{identity::IdentityHeaders, snippet::UNTRUSTED};

/// How they are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As Latchkey writes them.
    Own,
    /// With `_`, which many services take for `-`.
    Underscore,
    /// With `.`, which some do.
    Dot,
    /// As Latchkey writes them, and named in `Connection`, whose names are for one hop only.
    InConnection,
    /// The names in which other products say the same.
    OfOthers,
}

impl Spelling {
    pub(super) const ALL: [Self; 5] = [
        Self::Own,
        Self::Underscore,
        Self::Dot,
        Self::InConnection,
        Self::OfOthers,
    ];
}

/// Headers with a value each that stands nowhere else.
pub(super) struct Forged {
    spelling: Spelling,
    marked: Vec<(HeaderName, String)>,
}

impl Forged {
    /// Forges them; `random` is nobody's name.
    pub(super) fn new(identity: &IdentityHeaders, spelling: Spelling, random: &str) -> Self {
        let own = || {
            identity
                .all()
                .into_iter()
                .map(|(_, name)| name.as_str().to_owned())
        };
        let with = |letter: &str| own().map(|name| name.replace('-', letter)).collect();
        let names: Vec<String> = match spelling {
            Spelling::Own | Spelling::InConnection => own().collect(),
            Spelling::Underscore => with("_"),
            Spelling::Dot => with("."),
            Spelling::OfOthers => UNTRUSTED
                .iter()
                .map(|name| name.to_ascii_lowercase())
                .filter(|name| own().all(|own| own != *name))
                .collect(),
        };
        let marked = names
            .iter()
            .enumerate()
            // Two digits: one value is never the beginning of another.
            .filter_map(|(place, name)| Some((name.parse().ok()?, format!("forged{random}x{place:02}"))))
            .collect();
        Self { spelling, marked }
    }

    /// Puts them on a request.
    pub(super) fn on(&self, mut question: Question) -> Question {
        for (name, value) in &self.marked {
            question = question.with(name.clone(), value);
        }
        if self.spelling == Spelling::InConnection {
            let names: Vec<_> = self.marked.iter().map(|(name, _)| name.as_str()).collect();
            question = question.with(
                header::CONNECTION,
                &format!("keep-alive, {}", names.join(", ")),
            );
        }
        question
    }

    /// What the backend believed of them, if any.
    pub(super) fn judge(&self, check: &'static str, sight: &Sight) -> Option<Finding> {
        let leaked: Vec<_> = self
            .marked
            .iter()
            .filter(|(_, value)| sight.has(value))
            .map(|(name, _)| name.as_str())
            .collect();
        let first = leaked.first()?;
        let names = leaked.join(", ");
        let remedy = match self.spelling {
            Spelling::Own | Spelling::InConnection => format!(
                "anybody can be anybody there. Take it out before Latchkey's own is put in (nginx: proxy_set_header {first} with Latchkey's variable; Caddy: request_header -{first} before forward_auth; HAProxy: http-request del-header {first} before Latchkey is asked)"
            ),
            Spelling::Underscore => "many services take it for the one with hyphens. Take it out (nginx: underscores_in_headers off, which is the default; Caddy: request_header -*_*; HAProxy: http-request del-header _ -m sub; Traefik: authResponseHeadersRegex; Envoy: remove_on_match)".to_owned(),
            Spelling::Dot => "some services take it for the one with hyphens; yours must not, or the proxy must take it out (nginx: ignore_invalid_headers on, which is the default; Caddy: request_header -*.*; HAProxy: http-request del-header . -m sub; Traefik: authResponseHeadersRegex; Envoy: remove_on_match)".to_owned(),
            Spelling::OfOthers => format!("a service that was set up for another login believes it. Take it out as the snippet does (nginx: proxy_set_header {first} \"\";)"),
        };
        let message =
            format!("what a client says of itself reaches the backend in {names}: {remedy}");
        Some(match self.spelling {
            Spelling::Dot | Spelling::OfOthers => Finding::warning(check, message),
            Spelling::Own | Spelling::Underscore | Spelling::InConnection => {
                Finding::failed(check, message)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::judging;
    use super::*;
    use crate::cli::finding::Status;
    use crate::config::identity::Identity;

    fn arrived(spelling: Spelling, lines: &[(&str, &str)]) -> Option<Finding> {
        let forged = Forged::new(&Identity::by_default().headers, spelling, "7f");
        forged.judge("forged", &judging::arrived(lines))
    }

    #[test]
    fn r20_r25_what_a_client_says_of_itself_is_found_in_every_spelling_and_named() {
        for (spelling, name, status) in [
            (Spelling::Own, "latchkey-email", Status::Failed),
            (Spelling::InConnection, "latchkey-email", Status::Failed),
            (Spelling::Underscore, "latchkey_email", Status::Failed),
            (Spelling::Dot, "latchkey.email", Status::Warning),
            (Spelling::OfOthers, "remote-name", Status::Warning),
        ] {
            let found = arrived(spelling, &[("x-other", "forged7fx01")]).unwrap();
            assert_eq!(found.status, status, "{spelling:?}");
            assert!(
                found.message.contains(&format!("in {name}:")),
                "{}",
                found.message
            );
            // Beside Latchkey's own, as when a proxy adds and does not replace.
            assert!(
                arrived(
                    spelling,
                    &[("latchkey-email", "ada@example.com, forged7fx01")]
                )
                .is_some()
            );
            assert!(arrived(spelling, &[("latchkey-email", "ada@example.com")]).is_none());
        }
    }

    #[test]
    fn a_page_that_greets_the_forger_is_found_without_a_stand_in() {
        let forged = Forged::new(&Identity::by_default().headers, Spelling::Own, "7f");
        let page = Sight::Hidden("<p>Hello, forged7fx02</p>".to_owned());
        assert!(
            forged
                .judge("forged", &page)
                .unwrap()
                .message
                .contains("latchkey-name")
        );
        assert!(forged.judge("forged", &Sight::Absent).is_none());
    }

    #[test]
    fn r24_they_are_named_in_connection_too() {
        let question = Question::new(&"https://a.example/".parse().unwrap());
        let forged = Forged::new(
            &Identity::by_default().headers,
            Spelling::InConnection,
            "7f",
        );
        let said = format!("{:?}", forged.on(question));
        assert!(
            said.contains("keep-alive, latchkey-subject, latchkey-email"),
            "{said}"
        );
    }

    #[test]
    fn a_name_that_was_chosen_for_latchkeys_own_is_not_one_of_others() {
        let identity = IdentityHeaders {
            email: HeaderName::from_static("remote-email"),
            ..Identity::by_default().headers
        };
        let others = Forged::new(&identity, Spelling::OfOthers, "7f");
        assert!(others.marked.iter().all(|(name, _)| name != "remote-email"));
    }
}
