pub(crate) mod mail;
pub(crate) mod notification;
