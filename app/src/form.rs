//! Forms: post, redirect, get.
//!
//! 1. A page shows a form; [`crate::components::text_fields`] fills in what was typed before.
//! 2. The form posts to a server function, which calls [`handle_form()`].
//! 3. The response is a redirect (303): to the next page when it was done, back to the form when not,
//!    to the sign-in page when that is what is missing.
//! 4. The result travels in a [`Flash`] and is shown once on the page that follows.

pub mod change;
mod error;

pub use error::{FormError, FormResult};

use crate::{
    actions::error::ActionError,
    error::{AppError, remedy_of},
    flash::{Flash, Outcome},
    request_context::{RequestContext, ResponseEffect},
    response,
};
use latchkey_domain::{access::permission::Denial, request::return_to::LONG};
use latchkey_engine::{Error, Noun};
use std::{collections::BTreeMap, str::FromStr};

/// The fields of a form, with what was typed into those that may be shown again.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    shown: Vec<(&'static str, Option<String>)>,
    hidden: Vec<(&'static str, String)>,
}

impl Fields {
    /// A form without any.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a field whose input is shown again when something was wrong.
    #[must_use]
    pub fn field(mut self, name: &'static str, typed: &str) -> Self {
        self.shown.push((name, Some(typed.to_owned())));
        self
    }

    /// Adds a hidden field, which tells this form from others like it on the page. A message about it is shown above the
    /// form.
    #[must_use]
    pub fn hidden(mut self, name: &'static str, value: &str) -> Self {
        self.hidden.push((name, value.to_owned()));
        self
    }

    /// Adds a field whose input is never shown again: a code.
    #[must_use]
    pub fn secret(mut self, name: &'static str) -> Self {
        self.shown.push((name, None));
        self
    }

    fn has(&self, name: &str) -> bool {
        self.shown.iter().any(|(field, _)| *field == name)
    }

    fn typed(self) -> BTreeMap<String, String> {
        let hidden = self
            .hidden
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        self.shown
            .into_iter()
            .filter_map(|(name, text)| Some((name.to_owned(), text?)))
            .chain(hidden)
            .collect()
    }
}

/// Where a form leads when it was done, and what is said there.
#[derive(Debug, Clone)]
pub struct Next {
    page: Option<String>,
    outcome: Option<Outcome>,
}

impl Next {
    /// To the page that the form stands on.
    #[must_use]
    pub const fn back() -> Self {
        Self {
            page: None,
            outcome: None,
        }
    }

    /// To this page.
    #[must_use]
    pub fn page(path: impl Into<String>) -> Self {
        Self {
            page: Some(path.into()),
            outcome: None,
        }
    }

    /// Says what was done.
    #[must_use]
    pub fn saying(self, text: impl Into<String>) -> Self {
        Self {
            outcome: Some(Outcome::Done(text.into())),
            ..self
        }
    }

    /// Says what was done and shows a secret, this once.
    #[must_use]
    pub fn revealing(
        self,
        text: impl Into<String>,
        label: impl Into<String>,
        secret: impl Into<String>,
    ) -> Self {
        Self {
            outcome: Some(Outcome::Reveal {
                text: text.into(),
                label: label.into(),
                secret: secret.into(),
            }),
            ..self
        }
    }
}

impl Next {
    /// Says what was done and shows recovery codes, this once.
    #[must_use]
    pub fn revealing_codes(self, text: impl Into<String>, codes: Vec<String>) -> Self {
        Self {
            outcome: Some(Outcome::Codes {
                text: text.into(),
                codes,
            }),
            ..self
        }
    }
}

/// Does what a form asks for, and responds with a redirect.
///
/// `form` is the path of the server function, `home` the page of the form for browsers that do not
/// say where they came from.
///
/// # Errors
/// When there is no way back to the page: the role is missing, or the error is internal.
pub async fn handle_form<F>(
    form: &'static str,
    fields: Fields,
    home: &str,
    work: F,
) -> Result<(), ActionError>
where
    F: Future<Output = FormResult<Next>> + Send,
{
    let context = response::request_context();
    let result = match context.refused() {
        // Nothing is done; what was typed is kept below.
        Some(denial) => Err(denial.into()),
        None => work.await,
    };
    let back = context.facts().referring_page.as_deref().unwrap_or(home);
    // Too long for the head of an answer: the page without its query.
    let back = match back.len() {
        ..=LONG => back,
        _ => back.split('?').next().unwrap_or(home),
    };
    match result {
        Ok(next) => {
            if let Some(outcome) = next.outcome {
                push_flash(
                    &context,
                    Flash {
                        form: form.to_owned(),
                        outcome,
                        typed: BTreeMap::new(),
                        is_kept: false,
                    },
                );
            }
            response::redirect(next.page.as_deref().unwrap_or(back));
            Ok(())
        }
        Err(FormError::Engine(error @ (Error::Internal(_) | Error::Denied(Denial::Forbidden)))) => {
            Err(ActionError::because(&error))
        }
        Err(error) => {
            let target = match &error {
                FormError::Engine(Error::Denied(denial)) => {
                    remedy_of(*denial).map(|remedy| remedy.leading_back_to(back))
                }
                _ => None,
            }
            .unwrap_or_else(|| back.to_owned());
            let error = AppError::from(error);
            // The field at fault, if this form has it; otherwise the message stands above the form.
            let field = error.field.filter(|field| fields.has(field));
            let outcome = Outcome::Failed {
                field: field.map(str::to_owned),
                message: error.detail.text(),
            };
            push_flash(
                &context,
                Flash {
                    form: form.to_owned(),
                    outcome,
                    typed: fields.typed(),
                    is_kept: false,
                },
            );
            response::redirect(&target);
            Ok(())
        }
    }
}

fn push_flash(context: &RequestContext, flash: Flash) {
    context.push_effect(ResponseEffect::Flash(Box::new(flash)));
}

/// Reads an id from a hidden field; a text that is none names nothing.
///
/// # Errors
/// Not found: `noun`.
pub fn id<T: FromStr>(text: &str, noun: Noun) -> latchkey_engine::Result<T> {
    text.parse().map_err(|_| Error::NotFound(noun))
}
