//! What becomes of a recovery on a device, and of the other devices of its user.

use super::{Device, DeviceLimit, MailConfirmation, Recovery};
use crate::event::RecoveryConfirmed;
use time::OffsetDateTime;

/// The device does not wait for its user to confirm by mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this device does not wait for a confirmation by mail")]
pub struct NotAwaitingMail;

impl Device {
    /// Its user confirms the recovery on it by mail. The wait stays.
    ///
    /// # Errors
    /// [`NotAwaitingMail`].
    pub fn confirm_by_mail(
        self,
        now: OffsetDateTime,
    ) -> Result<(Self, RecoveryConfirmed), NotAwaitingMail> {
        let recovery = self.limit.recovery().filter(|one| one.awaits_mail(now));
        let Some(recovery) = recovery.filter(|_| self.is_active()) else {
            return Err(NotAwaitingMail);
        };
        let device = Self {
            limit: DeviceLimit::Recovery(Recovery {
                mail: MailConfirmation::Confirmed,
                ..recovery
            }),
            ..self
        };
        let event = RecoveryConfirmed {
            device: device.clone(),
        };
        Ok((device, event))
    }

    /// Whether a recovery that began at `since` cannot end this device: its user signed in on it later, with more than a
    /// recovery code. So whoever is told of a recovery can always sign in and cancel it.
    #[must_use]
    pub fn withstands_recovery(&self, since: OffsetDateTime) -> bool {
        self.is_active()
            && !self.limit.is_limited()
            && self.auth_method.authenticates()
            && self.last_auth_at > since
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        AuthMethod, RECOVERY_WINDOW,
        tests::{FIRST, device},
    };
    use super::*;
    use time::Duration;

    fn recovering(mail: MailConfirmation) -> Device {
        Device {
            limit: DeviceLimit::Recovery(Recovery {
                since: FIRST,
                passkey_after: FIRST + Duration::DAY,
                mail,
            }),
            ..device(AuthMethod::Recovery, false)
        }
    }

    #[test]
    fn audit_48_a_mail_confirms_a_recovery_once_and_shortens_no_wait() {
        let before = recovering(MailConfirmation::Required);
        let (after, event) = before.clone().confirm_by_mail(FIRST).unwrap();
        assert_eq!(after, event.device);
        assert_eq!(after.limit, recovering(MailConfirmation::Confirmed).limit);
        assert_eq!(after.confirm_by_mail(FIRST), Err(NotAwaitingMail));
        let lapsed = FIRST + Duration::DAY + RECOVERY_WINDOW + Duration::SECOND;
        assert!(before.clone().confirm_by_mail(lapsed).is_err());
        assert!(
            before
                .revoke(FIRST)
                .unwrap()
                .0
                .confirm_by_mail(FIRST)
                .is_err()
        );
        for other in [
            recovering(MailConfirmation::NotRequired),
            device(AuthMethod::Code, false),
            device(AuthMethod::Code, true),
        ] {
            assert_eq!(other.confirm_by_mail(FIRST), Err(NotAwaitingMail));
        }
    }

    #[test]
    fn audit_48_a_device_on_which_its_user_signed_in_later_withstands_a_recovery() {
        let at = |method, seconds| Device {
            last_auth_at: FIRST + Duration::seconds(seconds),
            ..device(method, false)
        };
        for method in AuthMethod::ALL {
            let proves = method.authenticates();
            assert_eq!(at(method, 1).withstands_recovery(FIRST), proves);
            assert_eq!(at(method, 60).withstands_recovery(FIRST), proves);
            // What was lost before the recovery began is revoked.
            for seconds in [-60, 0] {
                assert!(!at(method, seconds).withstands_recovery(FIRST));
            }
        }
        let limited = Device {
            limit: DeviceLimit::Unapproved,
            ..at(AuthMethod::Code, 60)
        };
        assert!(!limited.withstands_recovery(FIRST));
        let signed_out = at(AuthMethod::Code, 60).sign_out(FIRST).unwrap().0;
        assert!(!signed_out.withstands_recovery(FIRST));
    }
}
