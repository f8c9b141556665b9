//! What happened to what is assessed.

use super::{Ended, NamedUser};
use crate::{
    identity::device::{BrowserProfile, Device},
    risk::{NetworkRule, RiskNote},
};

/// A device returned without signing in, and that was unusual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceAssessed {
    /// The device, as it is now.
    pub device: Device,
    /// The device, as it was.
    pub before: Device,
    /// How unusual that was, and what it asks for.
    pub risk: RiskNote,
    /// What the browser called itself, where that was known.
    pub claimed: Option<BrowserProfile>,
    /// What ended with it.
    pub ended: Ended,
}

/// An administrator blocked a network, or vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkRuleAdded {
    /// The rule.
    pub rule: NetworkRule,
    /// The rule about the same network that it replaces.
    pub before: Option<NetworkRule>,
}

/// A rule about a network was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkRuleRemoved {
    /// The rule, as it was.
    pub rule: NetworkRule,
}

/// What had been learnt about a user was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaselineErased {
    /// The user.
    pub user: NamedUser,
}

/// A user has their typing compared no more: what was kept of it is erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BehaviourExempted {
    /// The user.
    pub user: NamedUser,
}

/// A user has their typing compared again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BehaviourIncluded {
    /// The user.
    pub user: NamedUser,
}

/// A user practised how they type. The samples are written beside this: they are sealed, and not for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BehaviourPractised {
    /// The user.
    pub user: NamedUser,
}

/// What was kept of a user's typing was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BehaviourErased {
    /// The user.
    pub user: NamedUser,
}
