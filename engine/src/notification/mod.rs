//! What users are told: in the portal, and by mail.

pub(crate) mod mail;
pub(crate) mod portal;
mod reminder;
pub(crate) mod store;
mod unsent_mail;
