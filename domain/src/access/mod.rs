//! What a user may reach: services, access grants, rules, and the decision of each request.

pub mod access_grant;
pub mod forward;
pub mod permission;
pub mod rule;
pub mod service;
pub mod subject;
pub mod verify;
