//! Ephemeral state as rows. Each operation is one statement, so that of many requests at once one changes the row.

pub(crate) mod counter;
pub(crate) mod session;
pub(crate) mod value;
