//! Devices: what is registered, how sure we are of it, and how it ends.
//!
//! A transition consumes the device and returns it as it is afterwards, with the event that tells of it.

mod auth_method;
mod authentication;
mod browser;
mod kind;
mod limit;
mod recovery;
mod risk;
mod state;
mod view;

pub use auth_method::AuthMethod;
pub use authentication::{Authentication, NewDevice};
pub use browser::{Browser, BrowserProfile, KnownBrowsers, Platform, ProfileError};
pub use kind::{DeviceKind, default_name, name_with_browser};
pub use limit::{DeviceLimit, MailConfirmation, RECOVERY_WINDOW, Recovery, RecoveryStage};
pub use recovery::NotAwaitingMail;
pub use state::{Assurance, DeviceState, Registration};
pub use view::DeviceView;

use crate::{
    event::{
        DeviceApproved, DeviceRegistered, DeviceRenamed, DeviceRevoked, Ended, SignedIn, SignedOut,
    },
    id::{DeviceId, UserId},
    name::DisplayName,
    risk::{Challenge, LastAssessment},
};
use time::{Duration, OffsetDateTime};

/// How long a device cookie lives after its last renewal.
pub const DEFAULT_LIFETIME: Duration = Duration::days(90);

/// A registered device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The device.
    pub id: DeviceId,
    /// Whose it is.
    pub user_id: UserId,
    /// The stored signature of the secret in its cookie.
    pub secret_tag: Vec<u8>,
    /// What its owner calls it.
    pub name: DisplayName,
    /// What sort of thing it is.
    pub kind: DeviceKind,
    /// How it was registered.
    pub registration: Registration,
    /// When it was registered.
    pub created_at: OffsetDateTime,
    /// When it was last used, to within a few seconds.
    pub last_seen_at: OffsetDateTime,
    /// The address it was last seen from.
    pub last_ip: Option<String>,
    /// When its user last authenticated on it.
    pub last_auth_at: OffsetDateTime,
    /// How.
    pub auth_method: AuthMethod,
    /// The last passkey assertion with user verification on it.
    pub passkey_verified_at: Option<OffsetDateTime>,
    /// When its cookie ends unless it is used.
    pub expires_at: OffsetDateTime,
    /// What is kept from it.
    pub limit: DeviceLimit,
    /// What it has called itself.
    pub browsers: KnownBrowsers,
    /// Its last assessment that was not low; `None` is low.
    pub assessed: Option<LastAssessment>,
    /// What it owes, until which it opens nothing. An approval is also a limit ([`DeviceLimit::Held`]).
    pub challenge: Option<Challenge>,
    /// Whether it still counts.
    pub state: DeviceState,
}

/// The device was revoked before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this device was revoked before")]
pub struct AlreadyRevoked {
    /// When that was.
    pub at: OffsetDateTime,
}

/// The device is not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this device is not signed in")]
pub struct NotSignedIn;

/// The device does not wait for approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this device does not wait for approval")]
pub struct NotLimited;

impl Device {
    /// Registers a device by an authentication on it.
    #[must_use]
    pub fn register(new: NewDevice, proof: Authentication) -> (Self, DeviceRegistered) {
        let method = proof.method;
        let challenge = proof.challenge(None);
        let browsers = proof.browsers(KnownBrowsers::default(), challenge);
        let device = Self {
            id: new.id,
            user_id: new.user_id,
            secret_tag: proof.secret_tag,
            name: new.name,
            kind: new.kind,
            registration: method.registration(),
            created_at: proof.at,
            last_seen_at: proof.at,
            last_ip: new.ip,
            last_auth_at: proof.at,
            auth_method: method,
            passkey_verified_at: method.is_passkey().then_some(proof.at),
            expires_at: proof.expires_at,
            // A passkey was used on it, or whoever made the link vouches for it.
            limit: match method.vouches() {
                true => DeviceLimit::None,
                false => proof.limit,
            }
            .with_challenge(challenge),
            browsers,
            assessed: LastAssessment::of_sign_in(proof.risk.as_ref(), proof.at),
            challenge,
            state: DeviceState::Active,
        };
        let event = DeviceRegistered {
            device: device.clone(),
            activated: None,
            risk: proof.risk,
        };
        (device, event)
    }

    /// Signs a device in again, or back in. Its secret is replaced, so copies of older cookies are void.
    ///
    /// # Errors
    /// [`AlreadyRevoked`].
    pub fn sign_in(self, proof: Authentication) -> Result<(Self, SignedIn), AlreadyRevoked> {
        let is_recovery = proof.method == AuthMethod::Recovery;
        let challenge = proof.challenge(self.challenge);
        let browsers = proof.browsers(self.browsers.clone(), challenge);
        let limit = match self.state {
            DeviceState::Revoked { at } => return Err(AlreadyRevoked { at }),
            _ if proof.method.vouches() => DeviceLimit::None,
            // Whoever uses a recovery code says that they have nothing else: the device is worth no more than the code.
            DeviceState::Active if is_recovery => self.limit.recovered_again(proof.limit, proof.at),
            // A device that stayed signed in is what it was; one that comes back is as good as its proof.
            DeviceState::Active => self.limit,
            DeviceState::SignedOut { .. } => proof.limit,
        };
        let device = Self {
            secret_tag: proof.secret_tag,
            last_seen_at: proof.at,
            last_auth_at: proof.at,
            auth_method: proof.method,
            passkey_verified_at: match proof.method.is_passkey() {
                true => Some(proof.at),
                false if is_recovery => None,
                false => self.passkey_verified_at,
            },
            expires_at: proof.expires_at,
            limit: limit.with_challenge(challenge),
            browsers,
            assessed: LastAssessment::of_sign_in(proof.risk.as_ref(), proof.at),
            challenge,
            state: DeviceState::Active,
            ..self.clone()
        };
        let event = SignedIn {
            device: device.clone(),
            before: self,
            risk: proof.risk,
        };
        Ok((device, event))
    }

    /// Signs the device out: it stays registered, and is of passkey assurance no more.
    ///
    /// # Errors
    /// [`NotSignedIn`].
    pub fn sign_out(self, at: OffsetDateTime) -> Result<(Self, SignedOut), NotSignedIn> {
        if self.state != DeviceState::Active {
            return Err(NotSignedIn);
        }
        let device = Self {
            state: DeviceState::SignedOut { at },
            passkey_verified_at: None,
            ..self
        };
        let event = SignedOut {
            device: device.clone(),
            ended: Ended::default(),
        };
        Ok((device, event))
    }

    /// Signs the device out in its own browser, which gets a new secret: copies of its cookie are void, as after a sign-in.
    ///
    /// # Errors
    /// [`NotSignedIn`].
    pub fn sign_out_here(
        self,
        at: OffsetDateTime,
        secret_tag: Vec<u8>,
    ) -> Result<(Self, SignedOut), NotSignedIn> {
        Self { secret_tag, ..self }.sign_out(at)
    }

    /// Ends the device, signed in or out.
    ///
    /// # Errors
    /// [`AlreadyRevoked`] if it had ended; the first time stays.
    pub fn revoke(self, at: OffsetDateTime) -> Result<(Self, DeviceRevoked), AlreadyRevoked> {
        let before = self.state;
        if let DeviceState::Revoked { at } = before {
            return Err(AlreadyRevoked { at });
        }
        let device = Self {
            state: DeviceState::Revoked { at },
            ..self
        };
        let event = DeviceRevoked {
            device: device.clone(),
            before,
            ended: Ended::default(),
            by_recovery: None,
        };
        Ok((device, event))
    }

    /// Another device of the user, or an administrator, vouches for a limited device; it owes nothing more. A recovery is not approved: it is cancelled, or
    /// ends with a passkey on its own device.
    ///
    /// # Errors
    /// [`NotLimited`].
    pub fn approve(self, is_by_user: bool) -> Result<(Self, DeviceApproved), NotLimited> {
        if !self.limit.is_approvable() {
            return Err(NotLimited);
        }
        let device = Self {
            limit: DeviceLimit::None,
            challenge: None,
            ..self
        };
        let event = DeviceApproved {
            device: device.clone(),
            is_by_user,
        };
        Ok((device, event))
    }

    /// Renames the device.
    #[must_use]
    pub fn rename(self, name: DisplayName) -> (Self, DeviceRenamed) {
        let before = self.name.clone();
        let device = Self { name, ..self };
        let event = DeviceRenamed {
            device: device.clone(),
            before,
        };
        (device, event)
    }

    /// Lowers the last passkey assertion to the last one of the passkeys that are left (`None`: none); returns the
    /// device if that changed anything. Then the passkey of a last authentication by one was removed.
    #[must_use]
    pub fn weaken(self, last_assertion: Option<OffsetDateTime>) -> Option<Self> {
        // `None` is less than any time.
        let left = self.passkey_verified_at.min(last_assertion);
        (left != self.passkey_verified_at).then_some(Self {
            passkey_verified_at: left,
            auth_method: match self.auth_method.is_passkey() {
                true => AuthMethod::PasskeyRemoved,
                false => self.auth_method,
            },
            ..self
        })
    }

    /// Whether the device is neither signed out nor revoked.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.state, DeviceState::Active)
    }

    /// Whether the device was revoked.
    #[must_use]
    pub const fn is_revoked(&self) -> bool {
        matches!(self.state, DeviceState::Revoked { .. })
    }
}

#[cfg(test)]
mod risk_tests;
#[cfg(test)]
mod tests;
