//! User codes (RFC 8628 §6.1): what a program shows and its user types.

use crate::Rng;

/// Their letters: no vowels, so no words, and nothing that looks like a digit.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// How many a code has: 20⁸ of them, for ten minutes.
const LENGTH: usize = 8;

/// A new code.
pub(super) fn make(rng: &Rng) -> String {
    (rng.bytes::<LENGTH>().iter())
        .map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]))
        .collect()
}

/// A code in two groups.
pub(super) fn shown(code: &str) -> String {
    let (first, second) = code.split_at(LENGTH / 2);
    format!("{first}-{second}")
}

/// The letters of a code as somebody typed it: small or large, with anything between them that people put there.
pub(super) fn read(typed: &str) -> Option<String> {
    let mut code = String::new();
    for letter in typed.chars() {
        let letter = letter.to_ascii_uppercase();
        match letter {
            ' ' | '-' | '_' | '.' => {}
            _ if letter.is_ascii() && LETTERS.contains(&u8::try_from(letter).ok()?) => {
                code.push(letter);
            }
            _ => return None,
        }
    }
    (code.len() == LENGTH).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_somebody_types_it() {
        for typed in ["BCDF-GHJK", "bcdfghjk", " bcdf ghjk ", "b-c-d-f-g-h-j-k"] {
            assert_eq!(read(typed).as_deref(), Some("BCDFGHJK"), "{typed:?}");
        }
        for typed in [
            "",
            "BCDF-GHJ",
            "BCDF-GHJKL",
            "ACDF-GHJK",
            "BCDF/GHJK",
            "ＢCDFGHJK",
        ] {
            assert_eq!(read(typed), None, "{typed:?}");
        }
    }
}
