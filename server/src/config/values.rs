//! Raw values with their sources: the file, then the environment, then flags; later ones take precedence.

#[cfg(test)]
mod tests;

use super::{
    error::{ConfigError, Source},
    injected_variables::is_injected,
    key::{KEYS, Key, nearest},
};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};
use toml::de::{DeTable, DeValue};

/// The prefix of our variables.
const PREFIX: &str = "LATCHKEY_";

/// Variables with our prefix that are not settings: those of the build and the tests, and the one that names the
/// file.
const NOT_SETTINGS: [&str; 4] = [
    "LATCHKEY_BIN",
    "LATCHKEY_SITE_DIR",
    "LATCHKEY_CONFIG",
    "LATCHKEY_TEST_CLOCK",
];

/// Settings that may have a password: `LATCHKEY_…_FILE` names a file that has the value of one.
const SECRETS: [&str; 3] = ["database_url", "redis_url", "mail.url"];

/// A value as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    /// One text, or those of a list.
    pub(crate) texts: Vec<String>,
    /// Its source.
    pub(crate) origin: Source,
}

/// The values of all settings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values(BTreeMap<&'static str, Value>);

impl Values {
    /// The defaults.
    pub(crate) fn defaults() -> Self {
        let value = |key: &'static Key| Value {
            texts: split(key, key.default),
            origin: Source::Default,
        };
        Self(KEYS.iter().map(|key| (key.name, value(key))).collect())
    }

    /// Adds the values of a file.
    pub(crate) fn read_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|cause| ConfigError::Unreadable {
            path: path.to_owned(),
            cause,
        })?;
        self.read_toml(&text, path)
    }

    fn read_toml(&mut self, text: &str, path: &Path) -> Result<(), ConfigError> {
        let line_of = |offset: usize| {
            text.bytes()
                .take(offset)
                .filter(|byte| *byte == b'\n')
                .count()
                + 1
        };
        let table = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
            path: path.to_owned(),
            line: line_of(error.span().map_or(0, |span| span.start)),
            message: error.message().to_owned(),
        })?;
        for (name, value) in table.get_ref() {
            match value.get_ref() {
                DeValue::Table(section) => {
                    for (key, value) in section {
                        let name = format!("{}.{}", name.get_ref(), key.get_ref());
                        self.put_toml(&name, value.get_ref(), path, line_of(key.span().start))?;
                    }
                }
                value => self.put_toml(name.get_ref(), value, path, line_of(name.span().start))?,
            }
        }
        Ok(())
    }

    fn put_toml(
        &mut self,
        name: &str,
        value: &DeValue<'_>,
        path: &Path,
        line: usize,
    ) -> Result<(), ConfigError> {
        let origin = Source::File {
            path: path.to_owned(),
            line,
        };
        let Some(key) = Key::named(name) else {
            let nearest = nearest(name, KEYS.iter().map(|key| key.name.to_owned()));
            return Err(ConfigError::UnknownKey {
                key: printable(name),
                place: origin.to_string(),
                nearest,
            });
        };
        let texts = match value {
            DeValue::String(text) if !key.is_list => vec![text.to_string()],
            DeValue::Boolean(is_on) if key.is_boolean() => vec![is_on.to_string()],
            DeValue::Array(items) if key.is_list => {
                let texts: Option<Vec<_>> = items
                    .iter()
                    .map(|item| item.get_ref().as_str().map(str::to_owned))
                    .collect();
                texts.ok_or_else(|| {
                    wrong_type(key, &origin, "a list with a value that is not a string")
                })?
            }
            other => {
                return Err(wrong_type(
                    key,
                    &origin,
                    &format!("of the type {}", other.type_str()),
                ));
            }
        };
        self.0.insert(key.name, Value { texts, origin });
        Ok(())
    }

    /// Adds the values of `LATCHKEY_*` variables. Empty ones are ignored, because compose files and unit files pass
    /// on variables without a value. Returns warnings about unknown variables: the environment is not under the
    /// operator's control alone, so they are no errors.
    pub(crate) fn read_environment(
        &mut self,
        variables: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Vec<String>, ConfigError> {
        let mut warnings = Vec::new();
        for (variable, text) in variables {
            let Some(variable) = variable.to_str().filter(|name| name.starts_with(PREFIX)) else {
                continue;
            };
            if NOT_SETTINGS.contains(&variable) {
                continue;
            }
            if let Some(key) = secret_in_file(variable) {
                self.read_secret(key, variable, Path::new(&text))?;
                continue;
            }
            let Some(key) = KEYS.iter().find(|key| key.variable() == variable) else {
                if !text
                    .to_str()
                    .is_some_and(|text| is_injected(variable, text))
                {
                    warnings.push(unknown_variable(variable));
                }
                continue;
            };
            let origin = Source::Environment(variable.to_owned());
            let Some(text) = text.to_str() else {
                return Err(wrong_type(key, &origin, "not UTF-8"));
            };
            if !text.is_empty() {
                let texts = split(key, text);
                self.put_variable(key, Value { texts, origin })?;
            }
        }
        Ok(warnings)
    }

    /// Reads a secret from the file that a variable names, as container runtimes mount them.
    fn read_secret(
        &mut self,
        key: &'static Key,
        variable: &str,
        path: &Path,
    ) -> Result<(), ConfigError> {
        if path.as_os_str().is_empty() {
            return Ok(());
        }
        let text = fs::read_to_string(path).map_err(|cause| ConfigError::Unreadable {
            path: path.to_owned(),
            cause,
        })?;
        let value = Value {
            texts: split(key, text.trim()),
            origin: Source::Environment(variable.to_owned()),
        };
        self.put_variable(key, value)
    }

    fn put_variable(&mut self, key: &'static Key, value: Value) -> Result<(), ConfigError> {
        if let Source::Environment(other) = self.origin(key.name) {
            return Err(ConfigError::Value {
                key: key.name,
                shown: "…".to_owned(),
                problem: format!("{other} sets it too"),
                remedy: "set one of them".to_owned(),
                origin: value.origin,
            });
        }
        self.0.insert(key.name, value);
        Ok(())
    }

    /// Adds the value of a command-line argument.
    pub(crate) fn put_flag(&mut self, name: &'static str, flag: &'static str, text: &str) {
        if let Some(key) = Key::named(name) {
            self.0.insert(
                key.name,
                Value {
                    texts: split(key, text),
                    origin: Source::Flag(flag),
                },
            );
        }
    }

    /// The value of a setting that is no list.
    pub(crate) fn text(&self, name: &'static str) -> &str {
        self.0
            .get(name)
            .and_then(|value| value.texts.first())
            .map_or("", String::as_str)
    }

    /// The value of a setting, if it is not empty.
    pub(crate) fn optional(&self, name: &'static str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// The path in a setting, if it is not empty.
    pub(crate) fn path(&self, name: &'static str) -> Option<PathBuf> {
        self.optional(name).map(PathBuf::from)
    }

    /// The values of a list.
    pub(crate) fn list(&self, name: &'static str) -> &[String] {
        self.0.get(name).map_or(&[], |value| &value.texts)
    }

    /// The source of a setting.
    pub(crate) fn origin(&self, name: &'static str) -> Source {
        self.0
            .get(name)
            .map_or(Source::Default, |value| value.origin.clone())
    }

    /// The error that `text`, the value of `name` or a part of it, is not valid.
    pub(crate) fn refuse(
        &self,
        name: &'static str,
        text: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> ConfigError {
        ConfigError::Value {
            key: name,
            origin: self.origin(name),
            shown: format!("`{}`", printable(text)),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

/// The warning about an unknown variable, like the error for an unknown key in the file.
fn unknown_variable(variable: &str) -> String {
    // The common prefix would make all of them similar.
    let rest = |name: &str| name.trim_start_matches(PREFIX).to_owned();
    let candidates = KEYS.iter().map(|key| rest(&key.variable()));
    let error = ConfigError::UnknownKey {
        key: printable(variable),
        place: "the environment".to_owned(),
        nearest: nearest(&rest(variable), candidates).map(|rest| format!("{PREFIX}{rest}")),
    };
    format!("ignored: {error}")
}

/// A list in an environment variable or a flag is separated by commas.
fn split(key: &Key, text: &str) -> Vec<String> {
    match key.is_list {
        true => text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect(),
        false => vec![text.to_owned()],
    }
}

fn wrong_type(key: &'static Key, origin: &Source, found: &str) -> ConfigError {
    let name = key.name.rsplit('.').next().unwrap_or(key.name);
    let (wanted, example) = match key.is_list {
        true => ("a list of strings", format!("{name} = [\"…\", \"…\"]")),
        false => ("a string", format!("{name} = \"…\"")),
    };
    ConfigError::Value {
        key: key.name,
        origin: origin.clone(),
        shown: found.to_owned(),
        problem: format!("it must be {wanted}"),
        remedy: format!("write it like {example}"),
    }
}

/// Makes text from the file safe for a message: one line, not too long.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .take(200)
        .collect()
}

/// The setting whose value is in the file that this variable names: one that may have a password.
fn secret_in_file(variable: &str) -> Option<&'static Key> {
    let variable = variable.strip_suffix("_FILE")?;
    KEYS.iter()
        .filter(|key| SECRETS.contains(&key.name))
        .find(|key| key.variable() == variable)
}
