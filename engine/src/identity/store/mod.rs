//! Rows: each file is a noun with its table and the queries that its use cases need.

pub(crate) mod approval;
pub(crate) mod device;
pub(crate) mod enrolment;
pub(crate) mod passkey;
pub(crate) mod recovery;
pub(crate) mod recovery_mail;
pub(crate) mod role;
pub(crate) mod totp;
pub(crate) mod user;
