//! Risk: how unusual sign-ins and the returns of devices are, from local files, rows, and what was learnt.
//!
//! `domain/src/risk` decides; here is what it decides about. Nobody outside is asked.

pub(crate) mod assessment;
mod baseline;
pub(crate) mod behaviour;
mod block_lists;
pub(crate) mod challenge;
mod device_use;
mod location;
#[cfg(test)]
mod mmdb_writer;
pub(crate) mod network_rule;
pub(crate) mod overview;
pub(crate) mod replay;
mod returns;
pub(crate) mod settings;
pub(crate) mod shown;
pub(crate) mod state;
pub(crate) mod store;
mod turns;
pub(crate) mod unusualness;
pub(crate) mod use_mark;
mod watched_file;

pub(crate) use baseline::aad;
