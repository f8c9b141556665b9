//! What a score has points for.

use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumString, IntoEnumIterator, IntoStaticStr};

/// What a score has points for. The names are those of the configuration and of the audit log.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Factor {
    /// The user does not sign in from here.
    UnusualLocation,
    /// The user has not authenticated strongly on this device.
    NewDevice,
    /// The user does not sign in at this hour.
    UnusualTime,
    /// The user does not type or point like this, or no hand does.
    UnusualBehaviour,
    /// The address is on a block list.
    ListedAddress,
    /// An administrator blocked the network.
    BlockedNetwork,
    /// Nobody travels as fast since the last sign-in.
    ImpossibleTravel,
    /// Many sign-ins of this user failed lately.
    ManyFailures,
    /// What the browser says of itself or of its clock does not fit the device.
    Contradiction,
    /// The browser or its system is another one than those on which the user authenticated.
    OtherBrowser,
    /// The browser says that a program drives it.
    Automation,
    /// The session was bound to its device, and is not any more.
    MissingBinding,
}

impl Factor {
    /// How many there are.
    pub const COUNT: usize = 12;

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// The stored name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Its points unless the configuration says otherwise.
    #[must_use]
    pub const fn default_points(self) -> u8 {
        match self {
            // Alone, as much as holds a sign-in: an administrator said so.
            Self::BlockedNetwork => 80,
            Self::UnusualLocation | Self::ImpossibleTravel => 30,
            // Alone, as much as asks for an authentication: cookies do not move to other browsers by themselves.
            Self::NewDevice | Self::ListedAddress | Self::OtherBrowser => 25,
            Self::UnusualBehaviour => 20,
            Self::UnusualTime | Self::ManyFailures | Self::Contradiction | Self::Automation => 15,
            Self::MissingBinding => 10,
        }
    }
}
