//! The texts of the pages, by key. `app/messages/en.ftl` is complete; another language is one more file beside it,
//! in the syntax of Project Fluent. Code passes a [`Key`] or a [`Message`]; the text is looked up when a page is
//! rendered, in the language of the request.
//!
//! `m` has a constant for each message without arguments and a function for each one with arguments.

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use http::{header::ACCEPT_LANGUAGE, request::Parts};
use leptos::prelude::*;
use std::sync::LazyLock;

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

/// A message without arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(&'static str);

/// A message with arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    key: Key,
    arguments: Vec<(&'static str, Argument)>,
}

/// An argument of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// A text.
    Text(String),
    /// A number, by which a message can choose its plural form.
    Number(u64),
}

/// A language that has messages; English by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Language(usize);

impl Language {
    /// The language of the request under way, by its `Accept-Language` (RFC 9110 §12.5.4).
    #[must_use]
    pub fn of_request() -> Self {
        use_context::<Parts>()
            .and_then(|parts| {
                let accepted = parts.headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
                Some(Self::accepted(accepted, LANGUAGES))
            })
            .unwrap_or_default()
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

    /// That of the page that is rendered.
    fn current() -> Self {
        use_context().unwrap_or_default()
    }
}

static BUNDLES: LazyLock<Vec<FluentBundle<FluentResource>>> = LazyLock::new(|| {
    let bundle = |(tag, text): &(&str, &str)| {
        let mut bundle = FluentBundle::new_concurrent(vec![tag.parse().unwrap_or_default()]);
        // Isolation marks would end up in what is copied from a page.
        bundle.set_use_isolating(false);
        // The build script has parsed the files.
        let resource =
            FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, _)| resource);
        let _is_added = bundle.add_resource(resource);
        bundle
    };
    LANGUAGES.iter().map(bundle).collect()
});

impl Key {
    /// The text, in the language of the page.
    #[must_use]
    pub fn text(self) -> String {
        Message::from(self).text()
    }
}

impl Message {
    /// The text, in the language of the page.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_in(Language::current())
    }

    fn text_in(&self, language: Language) -> String {
        // What is not translated yet is shown in English.
        [language, Language::default()]
            .into_iter()
            .find_map(|language| self.format(&BUNDLES[language.0]))
            .unwrap_or_else(|| self.key.0.to_owned())
    }

    fn format(&self, bundle: &FluentBundle<FluentResource>) -> Option<String> {
        let pattern = bundle.get_message(self.key.0)?.value()?;
        let arguments: FluentArgs<'_> = self
            .arguments
            .iter()
            .map(|(name, argument)| (*name, argument.value()))
            .collect();
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&arguments), &mut errors);
        Some(text.into_owned())
    }
}

impl Argument {
    fn value(&self) -> FluentValue<'_> {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Number(number) => (*number).into(),
        }
    }
}

impl From<Key> for Message {
    fn from(key: Key) -> Self {
        Self {
            key,
            arguments: Vec::new(),
        }
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.text()
    }
}

impl From<Message> for String {
    fn from(message: Message) -> Self {
        message.text()
    }
}

impl From<String> for Argument {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Argument {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl IntoRender for Key {
    type Output = String;

    fn into_render(self) -> String {
        self.text()
    }
}

impl IntoRender for Message {
    type Output = String;

    fn into_render(self) -> String {
        self.text()
    }
}

/// Stands for an element in a text that is not complete yet; a private-use character, which no argument contains.
const ELEMENT: &str = "\u{e000}";

/// The message with an element in the place of its argument.
pub fn with_element(
    message: impl FnOnce(&'static str) -> Message,
    element: impl IntoView + 'static,
) -> AnyView {
    let text = message(ELEMENT).text();
    let (before, after) = text.split_once(ELEMENT).unwrap_or((&text, ""));
    (before.to_owned(), element, after.to_owned()).into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_the_plural_form_of_its_number() {
        for (count, text) in [(0, "0 users."), (1, "1 user."), (2, "2 users.")] {
            assert_eq!(m::users_count(count).text(), text);
        }
    }

    #[test]
    fn a_text_has_no_marks_around_its_arguments() {
        assert_eq!(m::login_confirm("Ada").text(), "Confirm it’s you, Ada");
    }

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
