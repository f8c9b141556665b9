//! What users read is in `app/messages`: no page, component, action or island has a text of its own. What operators read
//! is in `server`: `domain` and `engine` return reasons as values.

mod workspace;

use std::{collections::BTreeSet, io, path::Path};
use workspace::{classes_of_styles, read_all, workspace};

/// Names, which are not translated, and words of the audit log, which are compared and not shown.
const NO_TEXTS: [&str; 3] = ["Latchkey", "lk_", "first administrator"];

/// Attributes that users see or hear.
const SHOWN: [&str; 14] = [
    "alt",
    "aria-label",
    "caption",
    "data-label",
    "effect",
    "heading",
    "hint",
    "label",
    "lead",
    "legend",
    "message",
    "placeholder",
    "title",
    "verb",
];

/// Attributes that only programs read.
const TECHNICAL: [&str; 2] = ["autocomplete", "class"];

/// A string literal, with the source before and after it.
struct Literal<'a> {
    text: &'a str,
    before: &'a str,
    after: &'a str,
}

/// The string literals outside comments, attributes of items other than `#[error(…)]`, and tests.
fn literals(source: &str) -> Vec<Literal<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(skipped) = source[at..].find(['"', '/', '#', '\'']) {
        let start = at + skipped;
        let rest = &source[start..];
        at = start
            + if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("#[cfg(test)]\nmod tests {") {
                return found;
            } else if rest.starts_with("#[error(") {
                "#[error(".len()
            } else if rest.starts_with("#[") || rest.starts_with("#![") {
                end_of_attribute(rest)
            } else if rest.starts_with("'\"'") {
                3
            } else if rest.starts_with('"') {
                let length = end_of_literal(rest);
                found.push(Literal {
                    text: &rest[1..length - 1],
                    before: source[..start].trim_end(),
                    after: rest[length..].trim_start(),
                });
                length
            } else {
                1
            };
    }
    found
}

/// Where the brackets of an attribute are closed.
fn end_of_attribute(source: &str) -> usize {
    let mut depth = 0;
    for (index, c) in source.char_indices() {
        match c {
            '[' => depth += 1,
            ']' if depth == 1 => return index + 1,
            ']' => depth -= 1,
            _ => {}
        }
    }
    source.len()
}

fn end_of_literal(source: &str) -> usize {
    let mut is_escaped = true;
    for (index, c) in source.char_indices() {
        match c {
            '"' if !is_escaped => return index + 1,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    source.len()
}

impl Literal<'_> {
    /// Whether users would read it.
    fn is_text(&self, classes: &BTreeSet<String>) -> bool {
        let is_exempt = NO_TEXTS.contains(&self.text) || self.text.starts_with("latchkey ");
        if is_exempt || !self.text.contains(|c: char| c.is_alphabetic()) {
            return false;
        }
        let attribute = self.before.strip_suffix('=').map(|before| {
            let is_name = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
            before.rsplit(|c| !is_name(c)).next().unwrap_or_default()
        });
        match attribute {
            Some(name) if SHOWN.contains(&name) => return true,
            Some(name) if TECHNICAL.contains(&name) => return false,
            _ => {}
        }
        self.is_node() || self.is_sentence(classes)
    }

    /// Whether it stands between elements.
    fn is_node(&self) -> bool {
        let follows_tag = self.before.ends_with('>') && !self.before.ends_with("=>");
        let follows_value = self.before.ends_with('}') && self.after.starts_with(['<', '{']);
        follows_tag || follows_value || self.after.starts_with("</")
    }

    /// Whether it has several words that are not classes of the style sheets.
    fn is_sentence(&self, classes: &BTreeSet<String>) -> bool {
        let is_word = |word: &str| word.starts_with(|c: char| c.is_alphabetic());
        let mut words = self.text.split(' ').filter(|word| is_word(word));
        let has_space = self.text.trim().contains(' ');
        has_space && words.any(|word| !classes.contains(word))
    }
}

/// What `domain` and `engine` write into files.
const WRITTEN: [&str; 1] = ["# Made by Latchkey together with its database."];

/// The least words of a sentence.
const SENTENCE_WORDS: usize = 3;

impl Literal<'_> {
    /// Whether it is written for a person, and not into the log: it begins or ends as a sentence does, or says after a
    /// semicolon what to do.
    fn is_advice(&self) -> bool {
        let is_word = |word: &&str| word.contains(|c: char| c.is_alphabetic());
        let words: Vec<_> = self.text.split_whitespace().filter(is_word).collect();
        let is_capital = |word: &str| word.starts_with(char::is_uppercase);
        let is_upper = |word: &str| !word.contains(char::is_lowercase);
        let is_sql = words.first().is_some_and(|word| is_upper(word));
        let is_sentence = words.first().is_some_and(|word| is_capital(word))
            || self.text.ends_with('.')
            || self.text.contains("; ");
        let is_written = WRITTEN.iter().any(|text| self.text.starts_with(text));
        let has_words = words.len() >= SENTENCE_WORDS;
        is_sentence && has_words && !is_sql && !is_written && !self.is_logged()
    }

    fn is_logged(&self) -> bool {
        let start = self.before.rfind("tracing::").unwrap_or(self.before.len());
        let call = &self.before[start..];
        call.matches('(').count() > call.matches(')').count()
    }
}

fn texts(source: &str, classes: &BTreeSet<String>) -> Vec<String> {
    literals(source)
        .iter()
        .filter(|literal| literal.is_text(classes))
        .map(|literal| literal.text.to_owned())
        .collect()
}

/// What `texts` finds in the files of a directory, except those of tests.
fn texts_in(directory: &Path, texts: &dyn Fn(&str) -> Vec<String>) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if name == "tests" || name.starts_with("test_") {
            continue;
        }
        if path.is_dir() {
            found.extend(texts_in(&path, texts)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(&path)?;
            found.extend(
                texts(&source)
                    .iter()
                    .map(|text| format!("{}: {text}", path.display())),
            );
        }
    }
    Ok(found)
}

#[test]
fn no_page_component_action_or_island_has_a_text_of_its_own() -> io::Result<()> {
    let classes = classes_of_styles(&read_all(&workspace().join("style"), &["css"])?);
    for directory in ["pages", "components", "actions", "browser"] {
        let found = texts_in(&workspace().join("app/src").join(directory), &|source| {
            texts(source, &classes)
        })?;
        assert_eq!(found, [""; 0], "move these to app/messages/en.ftl");
    }
    Ok(())
}

fn advice(source: &str) -> Vec<String> {
    let literals = literals(source);
    let advice = literals.iter().filter(|literal| literal.is_advice());
    advice.map(|literal| literal.text.to_owned()).collect()
}

#[test]
fn domain_and_engine_have_no_sentence_for_a_person() -> io::Result<()> {
    for directory in ["domain/src", "engine/src"] {
        let found = texts_in(&workspace().join(directory), &advice)?;
        assert_eq!(
            found, [""; 0],
            "return a value; server/src/message has the sentences"
        );
    }
    Ok(())
}

#[test]
fn sentences_for_a_person_are_found() {
    for source in [
        r#"#[error("The key {0} cannot be used")]"#,
        r#"let reason = "it is gone; put it back";"#,
        r#"format!("it cannot be read.")"#,
        r#"tracing::warn!("it failed"); let text = "Put the key back";"#,
    ] {
        assert_eq!(advice(source).len(), 1, "{source}");
    }
    for source in [
        r#"#[error("not a key: {0}")]"#,
        r#"let sql = "SELECT version FROM steps";"#,
        r#"tracing::warn!(error = %chain(&cause), "it failed; nothing is lost");"#,
        "/// \"It is gone.\"\n#[expect(lint, reason = \"It is not here.\")]\n",
    ] {
        assert_eq!(advice(source), [""; 0], "{source}");
    }
}

#[test]
fn texts_are_found_where_users_read_them() {
    let classes = BTreeSet::from(["button".to_owned()]);
    for (source, expected) in [
        (r#"<h1>"Devices"</h1>"#, "Devices"),
        (r#"<p>{name}" was added"</p>"#, "was added"),
        (r#"<a>{m::X}"now"{time}</a>"#, "now"),
        (r#"<Field label="Name"/>"#, "Name"),
        (r#"<b aria-label="Menu">"#, "Menu"),
        (r#"saying("It is done.")"#, "It is done."),
        (r#"format!("{name} was revoked")"#, "{name} was revoked"),
        (r#"let c = '"'; saying("It is done.")"#, "It is done."),
        (r#"#[a(b[0])] c: &str = "It is done.""#, "It is done."),
    ] {
        let found = texts(source, &classes);
        let found: Vec<_> = found.iter().map(|text| text.trim()).collect();
        assert_eq!(found, [expected], "{source}");
    }
    for source in [
        r#"<h1>{m::DEVICES}</h1>" · "{name}"#,
        r#"<a class="button now" href="/a">"#,
        r#"let class = "button button";"#,
        r#"match word { "device" => {} "passkey" => {} }"#,
        r#"<code>"latchkey audit export"</code>"#,
        "/// <p>\"Not here\"</p>\n#[expect(lint, reason = \"not here\")]\n",
        "#[cfg(test)]\nmod tests { const A: &str = \"not here\"; }",
    ] {
        assert_eq!(texts(source, &classes), [""; 0], "{source}");
    }
}
