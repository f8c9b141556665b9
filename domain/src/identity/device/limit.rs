//! What is kept from a device, and how far a recovery on it is.

use crate::risk::{Challenge, Demand};
use time::{Duration, OffsetDateTime};

/// How long after the cooling-off period a device in recovery may add its passkey. Afterwards another code is needed: a
/// forgotten recovery must not stay open.
pub const RECOVERY_WINDOW: Duration = Duration::days(7);

/// What a device may not do, although it is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceLimit {
    /// Nothing is kept from it.
    #[default]
    None,
    /// It was registered with a code by a user who has passkeys, and was not approved yet.
    Unapproved,
    /// A sign-in on it was so unusual that it waits for approval, by another device of the user or by an administrator, whatever it
    /// was made with. It opens and changes nothing.
    Held,
    /// It was registered with a recovery code, or an enrolment link for which nobody vouched. It opens nothing; it can revoke
    /// devices, and add a passkey when the cooling-off period has ended.
    Recovery(Recovery),
}

/// A recovery on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovery {
    /// When it began. Whoever signs in later with more than a recovery code is not ended by it.
    pub since: OffsetDateTime,
    /// When the device may add a passkey.
    pub passkey_after: OffsetDateTime,
    /// Whether its user has to confirm it by mail before.
    pub mail: MailConfirmation,
}

/// Whether the user of a device in recovery confirms by mail: one part of a recovery, never enough on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailConfirmation {
    /// No mail is asked for.
    NotRequired,
    /// They have to, and have not done so.
    Required,
    /// They did.
    Confirmed,
}

impl MailConfirmation {
    const REQUIRED: &str = "required";
    const CONFIRMED: &str = "confirmed";

    /// The stored word, if there is one.
    #[must_use]
    pub const fn word(self) -> Option<&'static str> {
        match self {
            Self::NotRequired => None,
            Self::Required => Some(Self::REQUIRED),
            Self::Confirmed => Some(Self::CONFIRMED),
        }
    }

    /// Reads a stored word; an unknown one asks for a mail.
    #[must_use]
    pub fn from_word(word: Option<&str>) -> Self {
        match word {
            None => Self::NotRequired,
            Some(Self::CONFIRMED) => Self::Confirmed,
            Some(_) => Self::Required,
        }
    }
}

/// Where a recovery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoveryStage {
    /// The user's other devices can still cancel it, and no passkey can be added.
    CoolingOff,
    /// The wait is over, but its user has not confirmed by mail.
    Unconfirmed,
    /// A passkey can be added.
    Ready,
    /// None was added in time: another code is needed.
    Lapsed,
}

impl DeviceLimit {
    /// Reads the columns of a stored device.
    #[must_use]
    pub const fn of(is_limited: bool, recovery: Option<Recovery>) -> Self {
        match (recovery, is_limited) {
            (Some(recovery), _) => Self::Recovery(recovery),
            (None, true) => Self::Unapproved,
            (None, false) => Self::None,
        }
    }

    /// The limit of a device that owes this: an approval holds it, unless a recovery keeps more from it.
    #[must_use]
    pub fn with_challenge(self, challenge: Option<Challenge>) -> Self {
        let owes_approval = challenge.is_some_and(|owed| owed.demand == Demand::Approval);
        match self {
            Self::None | Self::Unapproved if owes_approval => Self::Held,
            Self::Held if !owes_approval => Self::None,
            other => other,
        }
    }

    /// Whether an approval lifts it.
    #[must_use]
    pub const fn is_approvable(self) -> bool {
        matches!(self, Self::Unapproved | Self::Held)
    }

    /// Whether anything is kept from the device.
    #[must_use]
    pub const fn is_limited(self) -> bool {
        !matches!(self, Self::None)
    }

    /// Whether the device is in recovery.
    #[must_use]
    pub const fn is_recovery(self) -> bool {
        matches!(self, Self::Recovery(_))
    }

    /// The recovery on the device.
    #[must_use]
    pub const fn recovery(self) -> Option<Recovery> {
        match self {
            Self::Recovery(recovery) => Some(recovery),
            Self::None | Self::Unapproved | Self::Held => None,
        }
    }

    /// Where a recovery is at `now`; `None` if there is none.
    #[must_use]
    pub fn recovery_stage(self, now: OffsetDateTime) -> Option<RecoveryStage> {
        self.recovery().map(|recovery| recovery.stage(now))
    }

    /// The limit of a signed-in device on which another recovery begins: one that is under way keeps its time, so that
    /// signing in again with the next code does not start the wait again. It is never longer than that of a new one.
    #[must_use]
    pub(super) fn recovered_again(self, new: Self, now: OffsetDateTime) -> Self {
        match (self, new) {
            (Self::Recovery(before), Self::Recovery(new)) if !before.is_lapsed(now) => {
                Self::Recovery(before.again(new))
            }
            _ => new,
        }
    }
}

impl Recovery {
    /// Where it is at `now`.
    #[must_use]
    pub fn stage(self, now: OffsetDateTime) -> RecoveryStage {
        match self.mail {
            _ if now < self.passkey_after => RecoveryStage::CoolingOff,
            _ if self.is_lapsed(now) => RecoveryStage::Lapsed,
            MailConfirmation::Required => RecoveryStage::Unconfirmed,
            MailConfirmation::NotRequired | MailConfirmation::Confirmed => RecoveryStage::Ready,
        }
    }

    fn is_lapsed(self, now: OffsetDateTime) -> bool {
        now >= self.passkey_after && now - self.passkey_after > RECOVERY_WINDOW
    }

    /// Whether its user can confirm it by mail at `now`: as soon as it began, so that they need not wait for two things one
    /// after the other.
    #[must_use]
    pub fn awaits_mail(self, now: OffsetDateTime) -> bool {
        self.mail == MailConfirmation::Required && !self.is_lapsed(now)
    }

    fn again(self, new: Self) -> Self {
        Self {
            // With more codes, a thief must not end what its owner did since the first.
            since: self.since.min(new.since),
            passkey_after: self.passkey_after.min(new.passkey_after),
            mail: match (self.mail, new.mail) {
                (MailConfirmation::Confirmed, MailConfirmation::Required) => self.mail,
                // The setting may have changed.
                (_, mail) => mail,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: OffsetDateTime = time::macros::datetime!(2026-11-21 12:00 UTC);

    fn recovery(mail: MailConfirmation) -> Recovery {
        Recovery {
            since: START,
            passkey_after: START + Duration::DAY,
            mail,
        }
    }

    #[test]
    fn audit_48_a_recovery_that_was_not_confirmed_by_mail_is_never_ready() {
        use RecoveryStage::{CoolingOff, Lapsed, Ready, Unconfirmed};
        let after = START + Duration::DAY;
        for (now, plain, required) in [
            (START - Duration::DAY, CoolingOff, CoolingOff),
            (START, CoolingOff, CoolingOff),
            (after - Duration::SECOND, CoolingOff, CoolingOff),
            (after, Ready, Unconfirmed),
            (after + RECOVERY_WINDOW, Ready, Unconfirmed),
            (after + RECOVERY_WINDOW + Duration::SECOND, Lapsed, Lapsed),
        ] {
            let stage = |mail| recovery(mail).stage(now);
            assert_eq!(stage(MailConfirmation::NotRequired), plain, "{now}");
            assert_eq!(stage(MailConfirmation::Confirmed), plain, "{now}");
            assert_eq!(stage(MailConfirmation::Required), required, "{now}");
            let awaits = recovery(MailConfirmation::Required).awaits_mail(now);
            assert_eq!(awaits, required != Lapsed, "{now}");
            assert!(!recovery(MailConfirmation::Confirmed).awaits_mail(now));
            assert!(!recovery(MailConfirmation::NotRequired).awaits_mail(now));
        }
    }

    #[test]
    fn audit_48_another_code_neither_confirms_nor_moves_the_beginning() {
        use MailConfirmation::{Confirmed, NotRequired, Required};
        let later = START + Duration::HOUR;
        for (before, new, expected) in [
            (Required, Required, Required),
            (Confirmed, Required, Confirmed),
            (NotRequired, Required, Required),
            (Required, NotRequired, NotRequired),
        ] {
            let new = Recovery {
                since: later,
                passkey_after: later + Duration::DAY,
                mail: new,
            };
            let limit = DeviceLimit::Recovery(recovery(before));
            let again = limit.recovered_again(DeviceLimit::Recovery(new), later);
            assert_eq!(again, DeviceLimit::Recovery(recovery(expected)));
            // After it lapsed, everything begins again.
            let lapsed = START + Duration::DAY + RECOVERY_WINDOW + Duration::SECOND;
            let again = limit.recovered_again(DeviceLimit::Recovery(new), lapsed);
            assert_eq!(again, DeviceLimit::Recovery(new));
        }
    }

    #[test]
    fn a_confirmation_reads_back_from_its_word_and_an_unknown_one_asks_for_a_mail() {
        use MailConfirmation::{Confirmed, NotRequired, Required};
        for mail in [NotRequired, Required, Confirmed] {
            assert_eq!(MailConfirmation::from_word(mail.word()), mail);
        }
        for word in ["", "Confirmed", "tomorrow"] {
            assert_eq!(MailConfirmation::from_word(Some(word)), Required);
        }
    }
}
