//! How a change is written: rows, audit entries and invalidations in one transaction, or none of them.
//!
//! 1. `Engine::begin` takes the turn to write, begins a transaction, takes the audit log's head (so all changes of all
//!    processes have one order) and decides again whether the caller may.
//! 2. The use case reads entities with the [`Tx`], and transitions of the domain make events of them.
//! 3. [`Tx::apply`] writes what an event carries (`rows.rs`), what the audit log says of it, and what every process has to
//!    drop from memory. One-time marks and counters are single conditional statements beside it.
//! 4. [`Tx::commit`]. Until then, nothing has happened.

mod actor;
mod authority;
mod rows;
mod tx;

pub(crate) use actor::Actor;
pub(crate) use authority::Authority;
pub(crate) use tx::Tx;
