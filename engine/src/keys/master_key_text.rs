//! The text of a master key file: its keys and its comments.

use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use zeroize::Zeroizing;

/// In a key file that Latchkey made. A key that the operator brought (a secret of the platform) does not say it, and
/// begins a database.
pub(super) const HAS_DATABASE: &str = "# Made by Latchkey together with its database. While this key is here and the database is not, no new one is begun.";

/// The text of a key file that came with a database: it says so, also if Latchkey made it before such files did.
pub(crate) fn with_database(text: &str) -> Zeroizing<String> {
    Zeroizing::new(match says_database(text) {
        true => text.to_owned(),
        false => format!("{HAS_DATABASE}\n{text}"),
    })
}

/// Whether two key files hold the same keys in the same order, whatever else they say.
pub(crate) fn are_same(one: &str, other: &str) -> bool {
    let keys = |(_, line)| line;
    key_lines(one).map(keys).eq(key_lines(other).map(keys))
}

/// A key, and the number of its line, from 1.
pub(crate) struct KeyLine {
    pub(crate) number: usize,
    pub(crate) key: Zeroizing<[u8; 32]>,
}

/// Why a text is not that of a master key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyTextError {
    /// There is no key in it.
    #[error("no key")]
    Empty,
    /// A line is not a key.
    #[error("line {line} is not a key")]
    NotAKey {
        /// Which, from 1.
        line: usize,
    },
    /// Two lines have the same key.
    #[error("lines {first} and {line} have the same key")]
    Repeated {
        /// The second, from 1.
        line: usize,
        /// The first, from 1.
        first: usize,
    },
}

/// The keys in the text of a master key file.
pub(crate) fn parse(text: &str) -> Result<Vec<KeyLine>, KeyTextError> {
    let mut keys = Vec::new();
    for (number, line) in key_lines(text) {
        let bytes = Zeroizing::new(BASE64_STANDARD_NO_PAD.decode(line).unwrap_or_default());
        let key: [u8; 32] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| KeyTextError::NotAKey { line: number })?;
        let line = KeyLine {
            number,
            key: Zeroizing::new(key),
        };
        // One line is the active key and the other an old one: what is sealed under it would never cease to need the old one.
        if let Some(first) = keys.iter().find(|first: &&KeyLine| first.key == line.key) {
            return Err(KeyTextError::Repeated {
                line: number,
                first: first.number,
            });
        }
        keys.push(line);
    }
    match keys.is_empty() {
        true => Err(KeyTextError::Empty),
        false => Ok(keys),
    }
}

pub(super) fn says_database(text: &str) -> bool {
    text.lines().any(|line| line == HAS_DATABASE)
}

fn key_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|(number, line)| (number, line.trim().trim_end_matches('=')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::keyring::Keyring;

    #[test]
    fn an_invalid_key_file_is_rejected_with_the_line() {
        assert_eq!(
            Keyring::parse("# note\nnonsense").err(),
            Some(KeyTextError::NotAKey { line: 2 })
        );
        assert_eq!(Keyring::parse("\n").err(), Some(KeyTextError::Empty));
    }

    #[test]
    fn keys_keep_the_numbers_of_their_lines() {
        let text = format!("# note\n{0}A=\n\nB{0}\n", "A".repeat(42));
        let lines = parse(&text).unwrap();
        assert_eq!(
            lines.iter().map(|line| line.number).collect::<Vec<_>>(),
            [2, 4]
        );
    }
}
