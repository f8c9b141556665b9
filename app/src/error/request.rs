//! Errors of requests whose message names an address or a host.

use super::{AppError, Code, message};
use crate::messages::m;
use latchkey_domain::name::NameError;

impl AppError {
    /// The host name ends with a dot; this is the address without it.
    #[must_use]
    pub fn dotted_host(url: &str) -> Self {
        Self::from(Code::Misdirected).saying(m::error_dotted_host(url))
    }

    /// The host is none of ours; this is our address.
    #[must_use]
    pub fn other_host(url: &str) -> Self {
        Self::from(Code::Misdirected).saying(m::error_other_host(url))
    }

    /// The page was opened under another address than the public one.
    #[must_use]
    pub fn other_address(url: &str) -> Self {
        Self::from(Code::OtherAddress).saying(m::error_other_address_detail(url))
    }

    /// The user has no grant for the service with this host.
    #[must_use]
    pub fn no_access_to(host: &str) -> Self {
        Self::from(Code::NoAccess).saying(m::error_no_access_host(host))
    }

    /// The body is not the JSON that `/device/add` takes.
    #[must_use]
    pub fn not_json() -> Self {
        Self::from(Code::BadInput)
            .saying(m::ERROR_NOT_JSON)
            .in_field("body")
    }

    /// The name of the device cannot be used.
    #[must_use]
    pub fn device_name(error: NameError) -> Self {
        Self::from(Code::BadInput)
            .saying(message::of_name(error))
            .in_field("device_name")
    }
}
