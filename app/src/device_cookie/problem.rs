//! Why a device cookie does not come back, for the log and for the page.

use crate::messages::{Message, m};

/// Why a cookie does not come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CookieProblem {
    /// The browser stores no cookies.
    Blocked,
    /// The cookie is not sent to that host.
    NotCovered {
        /// The service's host.
        host: String,
        /// The domain of the cookie.
        domain: Option<String>,
    },
    /// The browser stores cookies for our host, but not for the domain.
    Refused {
        /// The service's host.
        host: String,
        /// The domain.
        domain: String,
    },
    /// Another site has overwritten the cookie.
    Replaced {
        /// The service's host.
        host: String,
        /// The domain.
        domain: String,
    },
    /// The browser stores it, but the service does not receive it.
    NotForwarded {
        /// The service's host.
        host: String,
    },
}

impl CookieProblem {
    /// Its code in the log.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::NotCovered { .. } => "not covered",
            Self::Refused { .. } => "refused",
            Self::Replaced { .. } => "replaced",
            Self::NotForwarded { .. } => "not handed on",
        }
    }

    /// The remedy for the operator, in the log and on the page.
    #[must_use]
    pub fn remedy(&self) -> Message {
        match self {
            Self::Blocked => m::COOKIE_REMEDY_BLOCKED.into(),
            Self::NotCovered { host, domain: None } => m::cookie_remedy_no_domain(host.as_str()),
            Self::NotCovered {
                host,
                domain: Some(domain),
            } => m::cookie_remedy_other_domain(domain.as_str(), host.as_str()),
            Self::Refused { domain, .. } => m::cookie_remedy_refused(domain.as_str()),
            Self::Replaced { domain, .. } => m::cookie_remedy_replaced(domain.as_str()),
            Self::NotForwarded { host } => m::cookie_remedy_not_handed_on(host.as_str()),
        }
    }
}
