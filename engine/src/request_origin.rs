//! Who is on the other end of a request, as far as the network says.

use std::net::IpAddr;

/// The client's address and browser; for the audit log, device names and throttling.
#[derive(Debug, Clone, Default)]
pub struct RequestOrigin {
    /// The peer's address (or, behind a trusted proxy, the one it vouches for).
    pub ip: Option<IpAddr>,
    /// The `User-Agent` header, at most 512 bytes of it.
    pub user_agent: String,
}

impl RequestOrigin {
    pub(crate) fn ip_text(&self) -> Option<String> {
        self.ip.map(|ip| ip.to_string())
    }
}
