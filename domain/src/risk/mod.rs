//! How unusual a sign-in is for its user, and what that asks for.
//!
//! 1. What is known of a request becomes [`Signals`]. Each may be unknown, and unknown adds nothing.
//! 2. [`assess`] compares them with the user's [`Baseline`] and adds up the points of the [`Weights`]: a score with its reasons.
//! 3. [`Demand::of`] says what the level asks for: nothing, an authentication, a passkey, or an approval.
//! 4. A [`StrongSignIn`] teaches the baseline; nothing else does.
//!
//! Points are only ever added. So no signal hides another, and what a client claims of itself can raise its score alone.

mod address_set;
mod assessment;
mod baseline;
pub mod behaviour;
mod challenge;
mod factor;
mod hours;
mod last_assessment;
mod learning;
mod network_rule;
mod note;
mod number;
mod place;
mod replay;
mod signals;
mod usual;
mod weights;

pub use address_set::{AddressRange, AddressRangeError, AddressSet, ListError};
pub use assessment::{Assessment, Level, Reason, assess};
pub use baseline::{Baseline, HALF_LIFE};
pub use challenge::{Challenge, Demand, Mode};
pub use factor::Factor;
pub use hours::Hours;
pub use last_assessment::{Answer, DeviceRisk, LastAssessment};
pub use learning::StrongSignIn;
pub use network_rule::{MAX_NETWORK_RULES, NetworkRule, NetworkVerdict};
pub use note::{NoteError, RiskNote};
pub use number::{Failures, Likelihood, OutOfRange, Strength};
pub use place::{Coordinates, Country, Place};
pub use replay::{AffectedUser, LevelCounts, Occasion, Replay};
pub use signals::{DeviceSignal, NetworkKey, Reputation, Signals, is_automated};
pub use usual::{BaselineView, HourRange};
pub use weights::{MAX_POINTS, WeightError, Weights};

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
