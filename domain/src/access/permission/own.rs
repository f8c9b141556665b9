//! What users may do about their own devices and authenticators.
//!
//! A device in recovery cannot sign in again, because its user has nothing to sign in with: until its recovery lapses, the
//! device itself counts. It may only end things, confirm by mail where that is asked for, and add a passkey when the cooling-off
//! period is over.

use super::{CurrentUser, Denial, STEP_UP_FRESHNESS, is_fresh};
use crate::identity::device::{DeviceLimit, RecoveryStage};
use time::OffsetDateTime;

/// Proof that this user may change their own devices and authenticators now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfManagement {
    current_user: CurrentUser,
}

/// Proof that this user may end devices and sessions of their own now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfRevocation {
    current_user: CurrentUser,
}

/// Proof that this user may add a passkey now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyAddition {
    current_user: CurrentUser,
}

/// Proof that this user may decide about a device that asks to be approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalDecision {
    current_user: CurrentUser,
}

/// Proof that this user may cancel recoveries of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryCancellation {
    current_user: CurrentUser,
}

/// Proof that this user may confirm by mail the recovery on their device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryConfirmation {
    current_user: CurrentUser,
}

macro_rules! proofs {
    ($($proof:ident),*) => {
        $(impl $proof {
            /// The user who may.
            #[must_use]
            pub const fn current_user(&self) -> &CurrentUser {
                &self.current_user
            }
        })*
    };
}

proofs!(
    SelfManagement,
    SelfRevocation,
    PasskeyAddition,
    ApprovalDecision,
    RecoveryCancellation,
    RecoveryConfirmation
);

/// Whoever may change may end.
impl From<&SelfManagement> for SelfRevocation {
    fn from(proof: &SelfManagement) -> Self {
        Self {
            current_user: proof.current_user.clone(),
        }
    }
}

impl From<&SelfManagement> for PasskeyAddition {
    fn from(proof: &SelfManagement) -> Self {
        Self {
            current_user: proof.current_user.clone(),
        }
    }
}

impl CurrentUser {
    /// May this user change their own devices and authenticators now?
    ///
    /// # Errors
    /// [`Denial::SignIn`], [`Denial::StepUp`], [`Denial::NotApproved`] or [`Denial::Recovery`].
    pub fn may_manage_self(&self, now: OffsetDateTime) -> Result<SelfManagement, Denial> {
        match self.limit {
            DeviceLimit::Recovery(_) => return Err(Denial::Recovery),
            // Whatever was used on it: an attacker may have that, too.
            DeviceLimit::Held => return Err(Denial::NotApproved),
            // Without a passkey to step up with: a code must not open what wanted one before.
            DeviceLimit::Unapproved if !self.has_passkey => return Err(Denial::NotApproved),
            DeviceLimit::Unapproved | DeviceLimit::None => {}
        }
        if self.has_passkey && !is_fresh(self.passkey_verified_at, STEP_UP_FRESHNESS, now) {
            return Err(Denial::StepUp);
        }
        match self.sign_in {
            Some(sign_in) if sign_in.is_live(self.role, now) => Ok(SelfManagement {
                current_user: self.clone(),
            }),
            Some(_) | None => Err(Denial::SignIn),
        }
    }

    /// May this user end devices and sessions of their own now?
    ///
    /// # Errors
    /// [`Denial::Recovery`] when the recovery of this device has lapsed, else as [`CurrentUser::may_manage_self`].
    pub fn may_revoke_self(&self, now: OffsetDateTime) -> Result<SelfRevocation, Denial> {
        match self.limit.recovery_stage(now) {
            None => self.may_manage_self(now).map(|proof| (&proof).into()),
            Some(RecoveryStage::CoolingOff | RecoveryStage::Unconfirmed | RecoveryStage::Ready) => {
                Ok(SelfRevocation {
                    current_user: self.clone(),
                })
            }
            Some(RecoveryStage::Lapsed) => Err(Denial::Recovery),
        }
    }

    /// May this user add a passkey now?
    ///
    /// # Errors
    /// [`Denial::Recovery`] on a device in recovery outside of its time or without the mail that it asks for, else as
    /// [`CurrentUser::may_manage_self`].
    pub fn may_add_passkey(&self, now: OffsetDateTime) -> Result<PasskeyAddition, Denial> {
        match self.limit.recovery_stage(now) {
            None => self.may_manage_self(now).map(|proof| (&proof).into()),
            Some(RecoveryStage::Ready) => Ok(PasskeyAddition {
                current_user: self.clone(),
            }),
            Some(
                RecoveryStage::CoolingOff | RecoveryStage::Unconfirmed | RecoveryStage::Lapsed,
            ) => Err(Denial::Recovery),
        }
    }

    /// May this user confirm the recovery on this device by mail? On no other device: a mail is sent to nobody who has not
    /// used a recovery code.
    ///
    /// # Errors
    /// [`Denial::Recovery`] if this device does not wait for it.
    pub fn may_confirm_recovery(
        &self,
        now: OffsetDateTime,
    ) -> Result<RecoveryConfirmation, Denial> {
        let recovery = self.limit.recovery();
        match recovery.is_some_and(|recovery| recovery.awaits_mail(now)) {
            true => Ok(RecoveryConfirmation {
                current_user: self.clone(),
            }),
            false => Err(Denial::Recovery),
        }
    }

    /// May this user decide about a device that asks to be approved? It takes no passkey used lately: approving takes an assertion
    /// for that very request, and denying only ends something. A device without approval may deny.
    ///
    /// # Errors
    /// [`Denial::Recovery`] or [`Denial::SignIn`].
    pub fn may_decide_approval(&self, now: OffsetDateTime) -> Result<ApprovalDecision, Denial> {
        if self.limit.is_recovery() {
            return Err(Denial::Recovery);
        }
        match self.sign_in {
            Some(sign_in) if sign_in.is_live(self.role, now) => Ok(ApprovalDecision {
                current_user: self.clone(),
            }),
            Some(_) | None => Err(Denial::SignIn),
        }
    }

    /// May this user cancel recoveries of their own? On any device without a limit, whether or not it is signed in: it only
    /// ends something, and must be possible at once. A passkey is not asked for: an owner who cannot find theirs must be able to
    /// stop a thief. A thief with a device of the owner gains nothing by it, and the owner is told.
    ///
    /// # Errors
    /// [`Denial::NotApproved`] or [`Denial::Recovery`].
    pub fn may_cancel_recovery(&self) -> Result<RecoveryCancellation, Denial> {
        match self.limit {
            DeviceLimit::None => Ok(RecoveryCancellation {
                current_user: self.clone(),
            }),
            DeviceLimit::Unapproved | DeviceLimit::Held => Err(Denial::NotApproved),
            DeviceLimit::Recovery(_) => Err(Denial::Recovery),
        }
    }
}
