//! Why a form was not done.

use crate::{
    error::{AppError, Code},
    messages::Message,
};
use latchkey_domain::access::permission::Denial;
use latchkey_engine::Error;

/// Why what a form asks for was not done.
#[derive(Debug)]
pub enum FormError {
    /// The use case says why.
    Engine(Error),
    /// What was typed into a field cannot be used.
    Field(&'static str, Message),
}

impl FormError {
    /// What was typed into this field cannot be used.
    #[must_use]
    pub fn field(name: &'static str, message: impl Into<Message>) -> Self {
        Self::Field(name, message.into())
    }
}

impl From<Error> for FormError {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

impl From<Denial> for FormError {
    fn from(denial: Denial) -> Self {
        Self::Engine(denial.into())
    }
}

impl From<FormError> for AppError {
    fn from(error: FormError) -> Self {
        match error {
            FormError::Engine(error) => Self::from(&error),
            FormError::Field(name, message) => {
                Self::from(Code::BadInput).saying(message).in_field(name)
            }
        }
    }
}

/// The result of a form.
pub type FormResult<T> = Result<T, FormError>;
