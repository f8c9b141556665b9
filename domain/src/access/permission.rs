//! Who may do what in Latchkey itself.
//!
//! A registered device may look. Changing an account wants a live sign-in and, once the account
//! has a passkey, an assertion of it on this device in the last ten minutes. Administering wants
//! the role on top, and always a passkey: a code alone administers nothing. [`SelfManagement`] and [`Administrator`] are proofs: the engine's methods take
//! them as arguments, and only the functions here make them.

use crate::{
    id::{DeviceId, UserId},
    identity::email::Email,
    identity::user::Role,
    name::DisplayName,
};
use time::{Duration, OffsetDateTime};

/// How long a passkey assertion counts as fresh for account changes and administration.
pub const STEP_UP_FRESHNESS: Duration = Duration::minutes(10);

/// Absolute and idle limits of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// From the sign-in.
    pub absolute: Duration,
    /// From the last request.
    pub idle: Duration,
}

impl SessionLimits {
    /// The limits for a role: an administrator's session is worth more to a thief.
    #[must_use]
    pub const fn of(role: Role) -> Self {
        match role {
            Role::User => Self {
                absolute: Duration::hours(24),
                idle: Duration::hours(1),
            },
            Role::Admin => Self {
                absolute: Duration::hours(12),
                idle: Duration::minutes(15),
            },
        }
    }
}

/// When a browser signed in, and when it was last here; kept in the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignIn {
    /// When the person proved themselves.
    pub at: OffsetDateTime,
    /// The last request of the session.
    pub last_active_at: OffsetDateTime,
}

impl SignIn {
    /// Whether the session still counts at `now`. A time in the future does not: a clock that ran
    /// backwards must not make an immortal session.
    #[must_use]
    pub fn is_live(&self, role: Role, now: OffsetDateTime) -> bool {
        let limits = SessionLimits::of(role);
        within(self.at, limits.absolute, now) && within(self.last_active_at, limits.idle, now)
    }
}

/// A person on a registered device: what a valid device cookie proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentUser {
    /// Who.
    pub user_id: UserId,
    /// Their address.
    pub email: Email,
    /// What to call them.
    pub name: DisplayName,
    /// What they may do.
    pub role: Role,
    /// On which device.
    pub device_id: DeviceId,
    /// The last passkey assertion on this device.
    pub passkey_verified_at: Option<OffsetDateTime>,
    /// Whether the account has any passkey.
    pub has_passkey: bool,
    /// Whether the device was registered with a code on an account with passkeys, and is not approved yet.
    pub is_limited: bool,
    /// The live session of this browser, if it has one.
    pub sign_in: Option<SignIn>,
    /// By what that session is found again, when a change is written; `None` for a sign-in that this very
    /// request made.
    pub session: Option<SessionDigest>,
}

/// The digest of a session's id.
pub type SessionDigest = [u8; 32];

/// Proof that this person may change their account now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfManagement {
    current_user: CurrentUser,
}

/// Proof that the caller may administer now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Administrator {
    /// A person with the role, in a browser.
    Person(CurrentUser),
    /// Whoever may read the master key: the command line on the machine itself.
    Operator,
}

/// Why a caller may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// There is no live sign-in.
    #[error("sign in first")]
    SignIn,
    /// There is one, but the passkey must be used again.
    #[error("confirm that it is you with your passkey")]
    StepUp,
    /// Administration wants a passkey, and the account has none yet.
    #[error("add a passkey first: administration needs one")]
    NeedsPasskey,
    /// The device was registered with a code alone; nobody has approved it yet.
    #[error("approve this device first, with a passkey or on another of your devices")]
    NotApproved,
    /// The role is missing; nothing the person can do about it here.
    #[error("only administrators may do this")]
    Forbidden,
}

impl SelfManagement {
    /// The account that may be changed.
    #[must_use]
    pub const fn current_user(&self) -> &CurrentUser {
        &self.current_user
    }
}

impl CurrentUser {
    /// May this person change their own account now?
    ///
    /// # Errors
    /// [`Denial::SignIn`], [`Denial::StepUp`] or [`Denial::NotApproved`].
    pub fn may_manage_self(&self, now: OffsetDateTime) -> Result<SelfManagement, Denial> {
        // Without a passkey to step up with: a code must not open what wanted one before.
        if self.is_limited && !self.has_passkey {
            return Err(Denial::NotApproved);
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

    /// May this person administer now?
    ///
    /// # Errors
    /// [`Denial::Forbidden`] without the role, [`Denial::NeedsPasskey`], else as [`CurrentUser::may_manage_self`].
    pub fn may_administer(&self, now: OffsetDateTime) -> Result<Administrator, Denial> {
        match self.role {
            Role::User => Err(Denial::Forbidden),
            Role::Admin if !self.has_passkey => match self.may_manage_self(now) {
                // Only who is signed in can do something about it.
                Err(denial) => Err(denial),
                Ok(_) => Err(Denial::NeedsPasskey),
            },
            Role::Admin => self
                .may_manage_self(now)
                .map(|change| Administrator::Person(change.current_user)),
        }
    }
}

/// Whether something that happened at `at` is not older than `max_age` at `now`.
#[must_use]
pub fn is_fresh(at: Option<OffsetDateTime>, max_age: Duration, now: OffsetDateTime) -> bool {
    at.is_some_and(|at| within(at, max_age, now))
}

fn within(at: OffsetDateTime, span: Duration, now: OffsetDateTime) -> bool {
    // One second of grace: rows keep whole seconds, so a stamp may round to just after `now`.
    at <= now + Duration::SECOND && now - at <= span
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const NOW: OffsetDateTime = time::macros::datetime!(2026-11-21 12:00 UTC);

    fn current_user(
        role: Role,
        has_passkey: bool,
        strong_minutes_ago: Option<i64>,
        active_minutes_ago: Option<i64>,
    ) -> CurrentUser {
        CurrentUser {
            user_id: UserId::from_uuid(Uuid::from_u128(1)),
            email: Email::parse("ada@example.com").unwrap(),
            name: DisplayName::parse("Ada").unwrap(),
            role,
            device_id: DeviceId::from_uuid(Uuid::from_u128(2)),
            passkey_verified_at: strong_minutes_ago.map(|m| NOW - Duration::minutes(m)),
            has_passkey,
            is_limited: false,
            sign_in: active_minutes_ago.map(|m| SignIn {
                at: NOW - Duration::minutes(m),
                last_active_at: NOW - Duration::minutes(m),
            }),
            session: None,
        }
    }

    #[test]
    fn r31_once_a_passkey_exists_changes_require_it() {
        for (has_passkey, strong, active, expected) in [
            (false, None, Some(5), Ok(())),
            (false, None, None, Err(Denial::SignIn)),
            (false, None, Some(61), Err(Denial::SignIn)),
            (true, None, Some(0), Err(Denial::StepUp)),
            (true, Some(11), Some(0), Err(Denial::StepUp)),
            (true, Some(10), Some(10), Ok(())),
            (true, Some(1), None, Err(Denial::SignIn)),
            (true, Some(-5), Some(0), Err(Denial::StepUp)),
        ] {
            let answer = current_user(Role::User, has_passkey, strong, active)
                .may_manage_self(NOW)
                .map(|_| ());
            assert_eq!(
                answer, expected,
                "passkey {has_passkey}, strong {strong:?}, active {active:?}"
            );
        }
    }

    #[test]
    fn must_survive_26_administration_requires_the_role_and_a_fresh_passkey() {
        assert_eq!(
            current_user(Role::User, true, Some(0), Some(0)).may_administer(NOW),
            Err(Denial::Forbidden)
        );
        assert!(
            current_user(Role::Admin, true, Some(0), Some(0))
                .may_administer(NOW)
                .is_ok()
        );
        assert_eq!(
            current_user(Role::Admin, true, Some(11), Some(0)).may_administer(NOW),
            Err(Denial::StepUp)
        );
        assert_eq!(
            current_user(Role::Admin, true, Some(9), Some(16)).may_administer(NOW),
            Err(Denial::SignIn)
        );
    }

    #[test]
    fn audit_8_administration_requires_a_passkey() {
        assert_eq!(
            current_user(Role::Admin, false, None, Some(0)).may_administer(NOW),
            Err(Denial::NeedsPasskey)
        );
        assert_eq!(
            current_user(Role::Admin, false, None, None).may_administer(NOW),
            Err(Denial::SignIn)
        );
    }

    #[test]
    fn audit_7_a_limited_device_cannot_change_anything_until_approved() {
        let limited = |has_passkey, strong| CurrentUser {
            is_limited: true,
            ..current_user(Role::User, has_passkey, strong, Some(0))
        };
        for (has_passkey, strong, expected) in [
            (true, None, Denial::StepUp),
            (false, None, Denial::NotApproved),
            (false, Some(0), Denial::NotApproved),
        ] {
            assert_eq!(
                limited(has_passkey, strong).may_manage_self(NOW),
                Err(expected),
                "passkey {has_passkey}, strong {strong:?}"
            );
        }
    }

    #[test]
    fn must_survive_29_a_clock_set_back_does_not_extend_a_session() {
        let future = SignIn {
            at: NOW + Duration::minutes(5),
            last_active_at: NOW,
        };
        assert!(!future.is_live(Role::User, NOW));
    }

    #[test]
    fn a_session_ends_after_its_absolute_and_its_idle_time() {
        let second = Duration::SECOND;
        for (role, hours, minutes) in [(Role::User, 24, 60), (Role::Admin, 12, 15)] {
            let (absolute, idle) = (Duration::hours(hours), Duration::minutes(minutes));
            for (age, idle_for, is_live) in [
                (absolute, idle, true),
                (absolute + second, idle, false),
                (absolute, idle + second, false),
                // A row keeps whole seconds, so it may be up to a second ahead.
                (-second, -second, true),
                (second * -2, Duration::ZERO, false),
                (Duration::ZERO, second * -2, false),
            ] {
                let sign_in = SignIn {
                    at: NOW - age,
                    last_active_at: NOW - idle_for,
                };
                assert_eq!(
                    sign_in.is_live(role, NOW),
                    is_live,
                    "{role} {age} {idle_for}"
                );
            }
        }
    }

    #[test]
    fn a_proof_names_its_user() {
        let user = current_user(Role::Admin, true, Some(0), Some(0));
        let proof = user.may_manage_self(NOW).unwrap();
        assert_eq!(proof.current_user(), &user);
        assert_eq!(
            current_user(Role::Admin, false, None, Some(16)).may_administer(NOW),
            Err(Denial::SignIn)
        );
    }

    #[test]
    fn an_approved_device_needs_no_passkey_that_does_not_exist() {
        let user = current_user(Role::User, false, None, Some(0));
        assert!(user.may_manage_self(NOW).is_ok());
        let limited = CurrentUser {
            is_limited: true,
            ..current_user(Role::User, true, Some(0), Some(0))
        };
        assert!(limited.may_manage_self(NOW).is_ok());
    }
}
