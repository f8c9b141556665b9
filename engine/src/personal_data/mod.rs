//! What is stored about one user: a copy of it, and its erasure.
//!
//! `docs/privacy.md` lists every column that is about users, why it is there, for how long, and what erases it; a test compares that list
//! with the schema.

pub(crate) mod erasure;
pub(crate) mod export;
