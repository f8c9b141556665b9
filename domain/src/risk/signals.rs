//! What is known of a request when it is assessed.

use super::{
    number::{Failures, Likelihood},
    place::Place,
};
use crate::id::DeviceId;
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// A network that stands for where a user is: an IPv4 /24, or an IPv6 /48, which is a site's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NetworkKey {
    /// The first three octets.
    #[serde(rename = "4")]
    V4([u8; 3]),
    /// The first three groups.
    #[serde(rename = "6")]
    V6([u16; 3]),
}

impl From<IpAddr> for NetworkKey {
    fn from(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(ip) => {
                let [a, b, c, _] = ip.octets();
                Self::V4([a, b, c])
            }
            IpAddr::V6(ip) => {
                let [a, b, c, ..] = ip.segments();
                Self::V6([a, b, c])
            }
        }
    }
}

impl NetworkKey {
    /// Whether both are in one network that is as large as a provider's: an IPv4 /16, or an IPv6 /32.
    pub(super) fn is_beside(self, other: Self) -> bool {
        match (self, other) {
            (Self::V4([a, b, _]), Self::V4([c, d, _])) => (a, b) == (c, d),
            (Self::V6([a, b, _]), Self::V6([c, d, _])) => (a, b) == (c, d),
            _ => false,
        }
    }
}

/// In CIDR notation.
impl fmt::Display for NetworkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::V4([a, b, c]) => write!(f, "{}/24", Ipv4Addr::new(a, b, c, 0)),
            Self::V6([a, b, c]) => write!(f, "{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)),
        }
    }
}

/// What is said of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reputation {
    /// An administrator vouches for its network: where it is says nothing, as with the exit of a company's VPN.
    Allowed,
    /// Nothing.
    Unlisted,
    /// It is on a block list.
    Listed,
    /// An administrator blocked its network.
    Blocked,
}

/// On which device a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceSignal {
    /// On one that the user has registered.
    Registered(DeviceId),
    /// On one that the user has registered, and without signing in: it is no newer than when it was registered.
    Returning(DeviceId),
    /// On one that is registered now.
    New,
}

/// What is known of a request. `None` is unknown: it adds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Signals {
    /// Where its address is.
    pub place: Option<Place>,
    /// The network of its address.
    pub network: Option<NetworkKey>,
    /// What is said of its address.
    pub reputation: Option<Reputation>,
    /// On which device it is made.
    pub device: Option<DeviceSignal>,
    /// How likely the behaviour is the user's.
    pub behaviour: Option<Likelihood>,
    /// Whether a sample of the behaviour comes from a program: a copy of an earlier one, or what no hand makes.
    pub is_synthetic: Option<bool>,
    /// How many sign-ins of the user failed lately.
    pub failures: Option<Failures>,
    /// Whether the browser says of itself what does not fit the device. A claim: it can only raise the score.
    pub contradicts_device: Option<bool>,
    /// Whether the browser, or its system, is another one than those on which the user authenticated. A claim, too.
    pub other_browser: Option<bool>,
    /// Whether the browser's clock does not fit. A claim, too.
    pub contradicts_clock: Option<bool>,
    /// Whether the browser says that a program drives it. A claim, too.
    pub is_automated: Option<bool>,
    /// Whether the session was bound to the device, and is not any more.
    pub lacks_binding: Option<bool>,
}

/// What programs call themselves that drive a browser, or are none.
const AUTOMATED: [&str; 12] = [
    "headless",
    "phantomjs",
    "selenium",
    "puppeteer",
    "playwright",
    "webdriver",
    "python",
    "curl/",
    "wget/",
    "go-http-client",
    "java/",
    "okhttp",
];

/// Whether a browser says, in its `User-Agent` header, that a program drives it. One that says nothing is no browser.
#[must_use]
pub fn is_automated(user_agent: &str) -> bool {
    let lower = user_agent.to_ascii_lowercase();
    lower.trim().is_empty() || AUTOMATED.iter().any(|name| lower.contains(name))
}
