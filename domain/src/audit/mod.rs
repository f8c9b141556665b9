//! What is recorded, and what is signed of it.

pub mod checkpoint;
pub mod event;
pub mod field_change;
