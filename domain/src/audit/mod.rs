//! What is recorded, and what is signed of it.

pub mod checkpoint;
pub mod csv;
pub mod event;
pub mod field_change;
pub mod filter;
pub mod network;
