//! The pages for administrators. Those of a user and a service consist of sections with a file of their own: grants,
//! the matrix, the policy, tokens, the proxy.

pub mod access_tokens;
pub mod audit;
pub mod audit_check;
pub mod audit_live;
pub mod client;
pub mod client_form;
pub mod clients;
pub mod dashboard;
pub mod devices;
pub mod event;
pub mod grant;
pub mod mails;
pub mod matrix;
pub mod policy;
pub mod proxy;
pub mod risk;
pub mod risk_policy;
pub mod roles;
pub mod service;
pub mod services;
pub mod token;
pub mod token_modes;
pub mod unsealed;
pub mod user;
pub mod user_data;
pub mod user_devices;
pub mod users;
