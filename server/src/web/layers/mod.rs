//! What every request passes on its way in and every answer on its way out, outermost first:
//! headers, host, origin, admission (counting), limits, admission (taking turns), visit, guard.

pub(super) mod admission;
pub(super) mod guard;
pub(super) mod headers;
pub(super) mod host;
pub(super) mod limits;
pub(super) mod origin;
pub(super) mod request_context;
pub(super) mod request_log;
