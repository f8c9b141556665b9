//! The pseudonym of a user at a service.

use serde::{Serialize, Serializer};
use std::{fmt, str::FromStr};
use uuid::{Uuid, fmt::Simple};

/// A pairwise pseudonymous subject (OpenID Connect Core §8): random, stable, and different at every service.
/// Sixteen bytes, printed as 32 hexadecimal digits in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject([u8; 16]);

/// The text is not a printed subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a subject")]
pub struct SubjectError;

impl Subject {
    /// A subject of random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    fn digits(self) -> Simple {
        Uuid::from_bytes(self.0).simple()
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.digits().fmt(f)
    }
}

impl FromStr for Subject {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        // Only the printed form: no hyphens, no braces, no capitals.
        if text.len() != Simple::LENGTH || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(SubjectError);
        }
        Uuid::try_parse(text)
            .map(|uuid| Self(uuid.into_bytes()))
            .map_err(|_| SubjectError)
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.digits().encode_lower(&mut Uuid::encode_buffer()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_canonical() {
        let subject = Subject::from_bytes(0x00ab_u128.to_be_bytes());
        let text = format!("{:030}ab", 0);
        assert_eq!(subject.to_string(), text);
        assert_eq!(text.parse(), Ok(subject));
        for other in [
            text.to_uppercase(),
            format!("{{{text}}}"),
            Uuid::from_bytes(subject.0).hyphenated().to_string(),
            text[..30].to_owned(),
            String::new(),
        ] {
            assert_eq!(other.parse::<Subject>(), Err(SubjectError), "{other}");
        }
    }

    #[test]
    fn a_subject_is_serialized_as_it_is_printed() {
        struct Serialized(Subject);
        impl fmt::Display for Serialized {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.serialize(f)
            }
        }
        let subject = Subject::from_bytes([0xab; 16]);
        assert_eq!(Serialized(subject).to_string(), "ab".repeat(16));
    }
}
