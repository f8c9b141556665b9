//! The languages that have messages.

use http::{HeaderMap, header::ACCEPT_LANGUAGE, request::Parts};
use leptos::prelude::use_context;

include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// A language that has messages; English by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Language(pub(super) usize);

impl Language {
    /// The language of the request under way, by its `Accept-Language` (RFC 9110 §12.5.4).
    #[must_use]
    pub fn of_request() -> Self {
        use_context::<Parts>().map_or_else(Self::default, |parts| Self::of(&parts.headers))
    }

    /// The language that the sender of these headers accepts.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|accepted| accepted.to_str().ok())
            .map_or_else(Self::default, |accepted| {
                Self::accepted(accepted, LANGUAGES)
            })
    }

    /// The accepted language of the highest weight; of several, the first.
    fn accepted(accept_language: &str, languages: &[(&str, &str)]) -> Self {
        let mut best = (0.0, Self::default());
        for range in accept_language.split(',') {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let weight = weight.trim().strip_prefix("q=").unwrap_or("0");
            let weight: f32 = weight.parse().unwrap_or(0.0);
            // `de-AT` takes `de`.
            let primary = tag.trim().split('-').next().unwrap_or_default();
            let known = languages
                .iter()
                .position(|(language, _)| language.eq_ignore_ascii_case(primary));
            if let Some(index) = known
                && weight > best.0
            {
                best = (weight, Self(index));
            }
        }
        best.1
    }

    /// Its tag, for `lang` attributes.
    #[must_use]
    pub fn tag(self) -> &'static str {
        LANGUAGES[self.0].0
    }

    /// That of the page that is rendered, or of the request under way; English outside of requests.
    pub(super) fn current() -> Self {
        use_context().unwrap_or_else(Self::of_request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accepted_language_of_the_highest_weight_is_chosen() {
        let languages = [("en", ""), ("de", ""), ("fr", "")];
        for (header, index) in [
            ("", 0),
            ("*", 0),
            ("it", 0),
            ("de", 1),
            ("de-AT,en;q=0.5", 1),
            ("en;q=0.5, FR;q=0.8", 2),
            ("fr;q=0, de;q=0.1", 1),
            ("de;q=x", 0),
        ] {
            assert_eq!(
                Language::accepted(header, &languages),
                Language(index),
                "{header}"
            );
        }
    }
}
