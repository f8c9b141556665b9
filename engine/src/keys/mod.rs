//! The keyring, and what is sealed, tagged or signed with it.

pub(crate) mod device_cookie;
pub(crate) mod jws;
pub(crate) mod keyring;
pub(crate) mod seal;
