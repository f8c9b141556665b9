//! Marks of use in Redis or Valkey.
//!
//! 1. A task (`keeper`) holds one connection and makes it again when it is lost. Without a connection, requests fail at once.
//! 2. Each connection begins with what the server says of itself, and with the *epoch* (`epoch`): since when the server has all
//!    marks. A server that was started again has another run id, and so another epoch, whatever it read from its disk.
//! 3. A mark is `SET … NX PX` in one transaction with a read of the epoch (`marks`). If another epoch is there, the marks were
//!    deleted meanwhile, and the connection begins again.
//! 4. What could have been used before the epoch is not accepted: its mark may be lost.

pub(crate) mod epoch;
mod inspection;
mod keeper;
pub(crate) mod marks;
pub(crate) mod url;
