//! Why a request is not accepted now.

use std::time::Duration;

/// Why something is not done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// When to ask again.
    pub wait: Duration,
    /// Whether those who asked too much are those who ask now.
    pub(in crate::web) is_own_doing: bool,
    /// The quota that is used up.
    pub(in crate::web) policy: Option<Policy>,
}

/// A quota as clients are told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    pub(in crate::web) name: &'static str,
    /// How many requests are accepted at once.
    pub(in crate::web) quota: u32,
    /// In how many seconds all of them come back.
    pub(in crate::web) window_seconds: u32,
}

impl Refused {
    /// The wait in whole seconds, rounded up: whoever waits as told is not told to wait again.
    pub(in crate::web) fn wait_seconds(&self) -> u64 {
        (self.wait.as_secs() + u64::from(self.wait.subsec_nanos() > 0)).max(1)
    }
}
