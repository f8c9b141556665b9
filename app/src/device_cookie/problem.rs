//! Why a device cookie does not come back, for the log and for the page.

use std::fmt;

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
    NotHandedOn {
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
            Self::NotHandedOn { .. } => "not handed on",
        }
    }
}

/// The remedy for the operator, in the log and on the page.
impl fmt::Display for CookieProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blocked => f.write_str("browsers store Secure cookies only over https, and only for the host in public_url"),
            Self::NotCovered { host, domain: None } => write!(
                f,
                "cookie.domain is not set, so browsers never send the device cookie to {host}; set it to a parent domain of Latchkey and its services (`latchkey doctor` names it)"
            ),
            Self::NotCovered { host, domain: Some(domain) } => write!(
                f,
                "cookie.domain is {domain}, but {host} is not under it; set it to a parent domain of Latchkey and its services (`latchkey doctor` names it)"
            ),
            Self::Refused { domain, .. } => write!(
                f,
                "the browser does not store cookies for {domain}; check that the domain is yours and not a public suffix (publicsuffix.org)"
            ),
            Self::Replaced { domain, .. } => write!(
                f,
                "another Latchkey or another site under {domain} sets a cookie of the same name; give each installation its own cookie.domain"
            ),
            Self::NotHandedOn { host } => write!(
                f,
                "the browser stores the cookie but {host} does not receive it; its proxy must forward the whole Cookie header (`latchkey proxy doctor` checks this)"
            ),
        }
    }
}
