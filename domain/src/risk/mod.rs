//! How likely it is that a sign-in is its user's own.

pub mod behaviour;
