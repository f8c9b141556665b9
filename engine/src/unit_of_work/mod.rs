//! How a change is written: rows, audit entries and invalidations in one transaction, or none of them.
//!
//! 1. `Engine::begin` takes the write permit, begins a transaction, takes the audit log's head (so all changes of authority of
//!    all processes have one order) and decides again whether the caller may. `Engine::begin_sign_in` and
//!    `Engine::begin_unordered` do not take the head: their changes accept only events that need no order (`commit_order.rs`).
//! 2. The use case reads entities with the [`Tx`], and transitions of the domain make events of them.
//! 3. [`Tx::apply`] writes what an event carries (`rows.rs`), what the audit log says of it, and what every process has to
//!    drop from memory. One-time marks and counters are single conditional statements beside it.
//! 4. [`Tx::commit`]. Until then, nothing has happened.

mod actor;
mod authority;
mod commit_order;
mod expectation;
mod group_commit;
mod rows;
mod tx;

pub(crate) use actor::Actor;
pub(crate) use authority::{Authority, current};
pub(crate) use commit_order::{Accepts, CommitOrder};
pub(crate) use expectation::Expectation;
pub use expectation::{Resource, etag};
#[cfg(test)]
pub(crate) use group_commit::MAX_GROUP;
pub(crate) use group_commit::{GroupQueue, Grouped};
pub(crate) use tx::Tx;
