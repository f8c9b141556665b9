//! The texts of the pages, by key. `app/messages/en.ftl` is complete; another language is one more file beside it,
//! in the syntax of Project Fluent. Code passes a [`Key`] or a [`Message`]; the text is looked up when a page is
//! rendered, in the language of the request.
//!
//! `m` has a constant for each message without arguments and a function for each one with arguments, which are in
//! alphabetical order.

pub mod action;
mod language;

use language::LANGUAGES;
pub use language::Language;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
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
    /// Another message, in the same language.
    Message(Message),
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

    /// The text in a language.
    #[must_use]
    pub fn text_in(self, language: Language) -> String {
        Message::from(self).text_in(language)
    }
}

impl Message {
    /// The text, in the language of the page.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_in(Language::current())
    }

    /// The text in a language.
    #[must_use]
    pub fn text_in(&self, language: Language) -> String {
        // What is not translated yet is shown in English.
        [language, Language::default()]
            .into_iter()
            .find_map(|written| self.format(&BUNDLES[written.0], language))
            .unwrap_or_else(|| self.key.0.to_owned())
    }

    fn format(&self, bundle: &FluentBundle<FluentResource>, language: Language) -> Option<String> {
        let pattern = bundle.get_message(self.key.0)?.value()?;
        let arguments: FluentArgs<'_> = self
            .arguments
            .iter()
            .map(|(name, argument)| (*name, argument.value(language)))
            .collect();
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&arguments), &mut errors);
        Some(text.into_owned())
    }
}

impl Argument {
    fn value(&self, language: Language) -> FluentValue<'_> {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Number(number) => (*number).into(),
            Self::Message(message) => message.text_in(language).into(),
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

impl From<u32> for Argument {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Argument {
    fn from(number: usize) -> Self {
        Self::Number(number as u64)
    }
}

impl From<Key> for Argument {
    fn from(key: Key) -> Self {
        Self::Message(key.into())
    }
}

impl From<Message> for Argument {
    fn from(message: Message) -> Self {
        Self::Message(message)
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

/// Stand for elements in a text that is not complete yet: private-use characters, which no argument contains.
const ELEMENTS: [&str; 4] = ["\u{e000}", "\u{e001}", "\u{e002}", "\u{e003}"];

/// The message with an element in the place of its argument.
pub fn with_element(
    message: impl FnOnce(&'static str) -> Message,
    element: impl IntoView + 'static,
) -> AnyView {
    with_elements(|[place]| message(place), [element.into_any()])
}

/// The message with elements in the places of its arguments, up to four.
pub fn with_elements<const N: usize>(
    message: impl FnOnce([&'static str; N]) -> Message,
    elements: [AnyView; N],
) -> AnyView {
    let text = message(std::array::from_fn(|index| ELEMENTS[index])).text();
    put(&text, &mut elements.map(Some))
}

fn put(text: &str, elements: &mut [Option<AnyView>]) -> AnyView {
    let places = ELEMENTS.iter().enumerate();
    let found = places.filter_map(|(index, place)| Some((text.find(place)?, index)));
    let Some((start, index)) = found.min() else {
        return not_empty(text);
    };
    let (before, after) = (&text[..start], &text[start + ELEMENTS[index].len()..]);
    let element = elements.get_mut(index).and_then(Option::take);
    (not_empty(before), element, put(after, elements)).into_any()
}

/// Leptos renders an empty text as a space.
fn not_empty(text: &str) -> AnyView {
    match text {
        "" => ().into_any(),
        text => text.to_owned().into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_the_plural_form_of_its_number() {
        for (count, text) in [(0_u64, "0 users."), (1, "1 user."), (2, "2 users.")] {
            assert_eq!(m::users_count(count).text(), text);
        }
    }

    #[test]
    fn a_text_has_no_marks_around_its_arguments() {
        assert_eq!(m::login_confirm("Ada").text(), "Confirm it’s you, Ada");
    }
}
