pub(crate) mod mail;
pub(crate) mod notification;
pub(crate) mod reminder;
