//! Keys: the master keys, what is derived from them, and what is sealed under them.

mod derive;
pub(crate) mod device_cookie;
pub(crate) mod keyring;
pub(crate) mod master_key_file;
pub(crate) mod master_key_text;
pub(crate) mod provision;
pub(crate) mod purpose;
pub(crate) mod random_key;
pub(crate) mod reseal;
pub(crate) mod rotating_secret;
mod rotation;
pub(crate) mod seal;
pub(crate) mod sealed_key;
pub(crate) mod secret_rows;
pub(crate) mod signing;
pub(crate) mod store;
pub(crate) mod usage;
