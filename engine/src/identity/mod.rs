//! Who signs in, and with what: users, devices, authenticators, enrolment and sessions.

pub(crate) mod approval;
pub(crate) mod authentication;
pub(crate) mod cascade;
pub(crate) mod device;
pub(crate) mod diagnostic_device;
pub(crate) mod enrolment;
pub(crate) mod passkey;
pub(crate) mod recovery;
pub(crate) mod role;
pub(crate) mod session;
pub(crate) mod sign_in;
pub(crate) mod store;
pub(crate) mod totp;
pub(crate) mod user;
