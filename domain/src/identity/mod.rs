//! Who signs in, and with what: users, devices and their authenticators.

pub mod approval;
pub mod authenticator;
pub mod custom_role;
pub mod device;
pub mod email;
pub mod enrolment_link;
pub mod one_time_code;
pub mod passkey;
pub mod recovery;
pub mod recovery_mail;
pub mod totp;
pub mod user;
