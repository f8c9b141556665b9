//! The last attempt to send a form, for its fields.

use crate::{
    flash::{Flash, Outcome},
    response,
};

/// The last attempt to send a form: what was entered, and what was wrong.
#[derive(Debug, Clone, Default)]
pub struct FormState(Option<Flash>);

impl FormState {
    /// Reads the state of the form that posts to this path.
    #[must_use]
    pub fn of(action: &str) -> Self {
        Self(
            response::request_context()
                .facts()
                .flash
                .clone()
                .filter(|flash| flash.form == action),
        )
    }

    /// The state of a form whose input is in the address of its page, and cannot be used.
    #[must_use]
    pub fn rejected(field: &str, typed: &str, message: String) -> Self {
        Self(Some(Flash {
            form: String::new(),
            outcome: Outcome::Failed {
                field: Some(field.to_owned()),
                message,
            },
            typed: [(field.to_owned(), typed.to_owned())].into(),
            is_kept: false,
        }))
    }

    /// Of several such forms, selects the one that sends this value in this field.
    #[must_use]
    pub fn about(self, field: &str, value: &str) -> Self {
        Self(
            self.0
                .filter(|flash| flash.typed.get(field).is_some_and(|typed| typed == value)),
        )
    }

    /// Whether the last attempt failed.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        matches!(
            &self.0,
            Some(Flash {
                outcome: Outcome::Failed { .. },
                ..
            })
        )
    }

    /// What was entered into a field.
    #[must_use]
    pub fn typed(&self, field: &str) -> Option<String> {
        self.0.as_ref()?.typed.get(field).cloned()
    }

    /// What was wrong with a field.
    #[must_use]
    pub fn error(&self, field: &str) -> Option<String> {
        match &self.0.as_ref()?.outcome {
            Outcome::Failed {
                field: Some(at_fault),
                message,
            } if at_fault == field => Some(message.clone()),
            Outcome::Failed { .. }
            | Outcome::Done(_)
            | Outcome::Reveal { .. }
            | Outcome::Codes { .. } => None,
        }
    }
}
