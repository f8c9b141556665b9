//! What every request passes on its way in and every answer on its way out.
//!
//! Around all routes, outermost first: request log, headers, panics, host. Around each route, as its policy says
//! ([`super::route_policy`]): origin, admission (counting), method and path, limits, admission (taking turns), request context,
//! panics, access.

pub(super) mod access;
pub(super) mod admission;
pub(super) mod headers;
pub(super) mod host;
pub(super) mod limits;
pub(super) mod origin;
pub(super) mod panic;
pub(super) mod request_context;
pub(super) mod request_log;
