//! A token family as lists and pages show it: a program that acts for a user.

use crate::{
    access::service::ServiceName,
    id::{ClientId, DeviceId, TokenFamilyId, UserId},
    identity::email::Email,
    name::DisplayName,
    tokens::scope::TokenScopes,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A token family as lists and pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenFamilyView {
    /// The family.
    pub id: TokenFamilyId,
    /// For whom the program acts.
    pub user_id: UserId,
    /// Their address, for the list of all families.
    pub email: Email,
    /// The program.
    pub client_id: ClientId,
    /// Its name.
    pub client: DisplayName,
    /// At which service.
    pub service: ServiceName,
    /// What it may do there.
    pub scopes: TokenScopes,
    /// Whether the program is a native device.
    pub is_native: bool,
    /// On which device it was approved, or the native device.
    pub device_id: DeviceId,
    /// The name of that device.
    pub device: DisplayName,
    /// Whether its tokens are bound to a key.
    pub is_bound: bool,
    /// When it was approved.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When its refresh token was last replaced.
    #[serde(with = "time::serde::rfc3339")]
    pub refreshed_at: OffsetDateTime,
    /// When it ends.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}
