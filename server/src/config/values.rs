//! Raw values with their sources: file, then environment, then flags; the later one wins.

use super::{
    error::{ConfigError, Source},
    key::{KEYS, Key, nearest},
};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
};
use toml::de::{DeTable, DeValue};

/// Variables with our prefix that are not settings: they steer the build and the tests, or name
/// the file itself.
const NOT_SETTINGS: [&str; 3] = ["LATCHKEY_BIN", "LATCHKEY_SITE_DIR", "LATCHKEY_CONFIG"];

/// A value as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    /// One text, or the texts of a list.
    pub(crate) texts: Vec<String>,
    /// Where it comes from.
    pub(crate) origin: Source,
}

/// Every setting's value.
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

    /// Lays a file's values over these.
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
            DeValue::Array(items) if key.is_list => {
                let texts: Option<Vec<_>> = items
                    .iter()
                    .map(|item| item.get_ref().as_str().map(str::to_owned))
                    .collect();
                texts.ok_or_else(|| {
                    wrong_type(key, &origin, "a list with something that is not a text")
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

    /// Lays `LATCHKEY_*` variables over these. An empty one sets nothing: compose files and unit
    /// files pass variables on whether they have a value or not.
    pub(crate) fn read_environment(
        &mut self,
        variables: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<(), ConfigError> {
        for (variable, text) in variables {
            let Some(variable) = variable
                .to_str()
                .filter(|name| name.starts_with("LATCHKEY_"))
            else {
                continue;
            };
            if NOT_SETTINGS.contains(&variable) {
                continue;
            }
            let Some(key) = KEYS.iter().find(|key| key.variable() == variable) else {
                let nearest = nearest(variable, KEYS.iter().map(Key::variable));
                return Err(ConfigError::UnknownKey {
                    key: printable(variable),
                    place: "the environment".to_owned(),
                    nearest,
                });
            };
            let origin = Source::Environment(variable.to_owned());
            let Some(text) = text.to_str() else {
                return Err(wrong_type(key, &origin, "not UTF-8"));
            };
            if !text.is_empty() {
                self.0.insert(
                    key.name,
                    Value {
                        texts: split(key, text),
                        origin,
                    },
                );
            }
        }
        Ok(())
    }

    /// Lays a command's argument over these.
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

    /// The value of a setting that takes one.
    pub(crate) fn text(&self, name: &'static str) -> &str {
        self.0
            .get(name)
            .and_then(|value| value.texts.first())
            .map_or("", String::as_str)
    }

    /// The value of a setting that takes one and may be left empty.
    pub(crate) fn optional(&self, name: &'static str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// The path that a setting names, if it names one.
    pub(crate) fn path(&self, name: &'static str) -> Option<PathBuf> {
        self.optional(name).map(PathBuf::from)
    }

    /// The values of a setting that takes several.
    pub(crate) fn list(&self, name: &'static str) -> &[String] {
        self.0.get(name).map_or(&[], |value| &value.texts)
    }

    /// Where a setting's value comes from.
    pub(crate) fn origin(&self, name: &'static str) -> Source {
        self.0
            .get(name)
            .map_or(Source::Default, |value| value.origin.clone())
    }

    /// Says that `text`, the value of `name` or a part of it, cannot be used.
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
        true => ("a list of texts", format!("{name} = [\"…\", \"…\"]")),
        false => ("a text", format!("{name} = \"…\"")),
    };
    ConfigError::Value {
        key: key.name,
        origin: origin.clone(),
        shown: found.to_owned(),
        problem: format!("it is {wanted}"),
        remedy: format!("write it like {example}"),
    }
}

/// A message is one line, whatever somebody wrote into the file.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<Values, ConfigError> {
        let mut values = Values::defaults();
        values
            .read_toml(text, Path::new("latchkey.toml"))
            .map(|()| values)
    }

    fn environment(pairs: &[(&str, &str)]) -> Result<Values, ConfigError> {
        let mut values = Values::defaults();
        values
            .read_environment(pairs.iter().map(|(name, text)| (name.into(), text.into())))
            .map(|()| values)
    }

    #[test]
    fn a_file_has_top_level_keys_and_sections() {
        let values = file("public_url = \"https://login.example.com\"\n\n[proxy]\ntrusted = [\"10.0.0.0/8\", \"::1\"]\n").unwrap();
        assert_eq!(values.text("public_url"), "https://login.example.com");
        assert_eq!(values.list("proxy.trusted"), ["10.0.0.0/8", "::1"]);
        assert_eq!(
            values.origin("proxy.trusted").to_string(),
            "latchkey.toml, line 4"
        );
        assert_eq!(values.origin("public_addr"), Source::Default);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_its_nearest_neighbour() {
        let message = |result: Result<Values, ConfigError>| result.unwrap_err().to_string();
        assert_eq!(
            message(file("data_dir = \"x\"\n\npublic_ur = \"y\"")),
            "unknown key `public_ur` in latchkey.toml, line 3: did you mean `public_url`?"
        );
        assert_eq!(
            message(file("[proxy]\ntrust = []")),
            "unknown key `proxy.trust` in latchkey.toml, line 2: did you mean `proxy.trusted`?"
        );
        assert_eq!(
            message(environment(&[("LATCHKEY_PUBLIC_UR", "y")])),
            "unknown key `LATCHKEY_PUBLIC_UR` in the environment: did you mean `LATCHKEY_PUBLIC_URL`?"
        );
        assert_eq!(
            message(file("zzz = 1")),
            "unknown key `zzz` in latchkey.toml, line 1; `latchkey config help` lists them all"
        );
    }

    #[test]
    fn a_wrong_type_says_what_to_write() {
        let message = |text| file(text).unwrap_err().to_string();
        assert_eq!(
            message("public_url = 5"),
            "`public_url` (latchkey.toml, line 1) is of the type integer: it is a text; write it like public_url = \"…\""
        );
        assert_eq!(
            message("[proxy]\ntrusted = \"10.0.0.0/8\""),
            "`proxy.trusted` (latchkey.toml, line 2) is of the type string: it is a list of texts; write it like trusted = [\"…\", \"…\"]"
        );
        assert!(message("public_url = ").starts_with("latchkey.toml, line 1: "));
    }

    #[test]
    fn the_environment_wins_over_the_file_and_an_empty_variable_sets_nothing() {
        let mut values =
            file("public_addr = \"127.0.0.1:1\"\ninternal_addr = \"127.0.0.1:2\"").unwrap();
        let variables = [
            ("LATCHKEY_PUBLIC_ADDR", "127.0.0.1:9"),
            ("LATCHKEY_INTERNAL_ADDR", ""),
            ("LATCHKEY_BIN", "x"),
            ("HOME", "/"),
        ];
        values
            .read_environment(
                variables
                    .into_iter()
                    .map(|(name, text)| (name.into(), text.into())),
            )
            .unwrap();
        assert_eq!(
            (values.text("public_addr"), values.text("internal_addr")),
            ("127.0.0.1:9", "127.0.0.1:2")
        );
        assert_eq!(
            values.origin("public_addr").to_string(),
            "LATCHKEY_PUBLIC_ADDR"
        );
    }

    #[test]
    fn lists_in_variables_are_separated_by_commas() {
        let values =
            environment(&[("LATCHKEY_PROXY_TRUSTED", "127.0.0.1/32, 10.0.0.0/8,")]).unwrap();
        assert_eq!(values.list("proxy.trusted"), ["127.0.0.1/32", "10.0.0.0/8"]);
    }
}
