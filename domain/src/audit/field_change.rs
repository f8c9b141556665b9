//! What a change made different, field by field.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest value that is kept before or after a change, in bytes.
pub const MAX_VALUE_BYTES: usize = 8192;

/// A field, and what was and is in it. Never of a secret: the entry is kept for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldChange {
    /// Its name, as forms and the command line have it.
    pub field: String,
    /// What was in it; `None` for nothing.
    pub before: Option<String>,
    /// What is in it; `None` for nothing.
    pub after: Option<String>,
}

impl FieldChange {
    /// What became different in `field`; an empty text is nothing.
    #[must_use]
    pub fn new(
        field: &str,
        before: impl Into<Option<String>>,
        after: impl Into<Option<String>>,
    ) -> Self {
        Self {
            field: field.to_owned(),
            before: before.into().filter(|text| !text.is_empty()),
            after: after.into().filter(|text| !text.is_empty()),
        }
    }

    /// What is in a field that is new.
    #[must_use]
    pub fn added(field: &str, after: impl Into<Option<String>>) -> Self {
        Self::new(field, None, after)
    }

    /// What was in a field that is gone.
    #[must_use]
    pub fn removed(field: &str, before: impl Into<Option<String>>) -> Self {
        Self::new(field, before, None)
    }

    /// Whether anything became different.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.before != self.after
    }

    /// As it is kept: values of at most [`MAX_VALUE_BYTES`], with a mark where one was cut, and no control
    /// characters but line ends.
    #[must_use]
    pub fn bounded(self) -> Self {
        Self {
            field: self.field,
            before: self.before.map(|text| bounded(&text)),
            after: self.after.map(|text| bounded(&text)),
        }
    }
}

fn bounded(text: &str) -> String {
    let end = text.floor_char_boundary(MAX_VALUE_BYTES);
    let mut kept: String = text[..end]
        .chars()
        .map(|c| if c.is_control() && c != '\n' { ' ' } else { c })
        .collect();
    if end < text.len() {
        kept += &format!("… (cut: {end} of {} bytes)", text.len());
    }
    kept
}

/// `field: before → after`, for a line of text.
impl fmt::Display for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            field,
            before,
            after,
        } = self;
        match (before, after) {
            (Some(before), Some(after)) => write!(f, "{field}: {before} → {after}"),
            (None, Some(after)) => write!(f, "{field}: {after}"),
            (Some(before), None) => write!(f, "{field}: {before} → nothing"),
            (None, None) => f.write_str(field),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audit_12_long_values_are_truncated_and_control_characters_removed() {
        let kept = |text: &str| FieldChange::added("rules", text.to_owned()).bounded().after;
        assert_eq!(
            kept("public /a\npublic /b\u{1b}[2J").as_deref(),
            Some("public /a\npublic /b [2J")
        );
        let fits = "ü".repeat(MAX_VALUE_BYTES / 2);
        assert_eq!(kept(&fits).as_deref(), Some(&*fits));
        let cut = kept(&format!("{fits}ü")).unwrap();
        assert_eq!(
            cut.strip_prefix(&*fits),
            Some("… (cut: 8192 of 8194 bytes)")
        );
    }

    #[test]
    fn audit_12_a_missing_value_equals_an_empty_one() {
        assert!(!FieldChange::new("hosts", String::new(), None).is_change());
        assert!(FieldChange::new("hosts", String::new(), "a.example".to_owned()).is_change());
        assert_eq!(
            FieldChange::removed("hosts", "a.example".to_owned()).to_string(),
            "hosts: a.example → nothing"
        );
    }

    #[test]
    fn a_change_prints_what_was_and_what_is() {
        let (a, b) = (Some("a".to_owned()), Some("b".to_owned()));
        for (before, after, text) in [
            (a.clone(), b.clone(), "role: a → b"),
            (None, b, "role: b"),
            (a, None, "role: a → nothing"),
            (None, None, "role"),
        ] {
            assert_eq!(FieldChange::new("role", before, after).to_string(), text);
        }
        let kept = FieldChange::removed("rules", "a\tb".to_owned()).bounded();
        assert_eq!(
            (&*kept.field, kept.before.as_deref(), kept.after),
            ("rules", Some("a b"), None)
        );
    }
}
