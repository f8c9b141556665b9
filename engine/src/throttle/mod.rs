//! Counting attempts before anything is compared, and recording refusals within bounds.

pub(crate) mod attempt;
pub(crate) mod failure_log;
pub(crate) mod guess;
pub(crate) mod recovery_mail;
pub(crate) mod refusal_log;
