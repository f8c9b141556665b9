//! The personas of the matrix.

use crate::harness::{Browser, TestApp};
use latchkey_app::routes::Access;
use latchkey_domain::{
    access::permission::{Denial, STEP_UP_FRESHNESS},
    identity::user::Role,
};
use time::Duration;

/// Who sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Persona {
    /// Without a device.
    Anonymous,
    /// A device that was signed out; the browser keeps its cookie.
    SignedOut,
    /// A registered device, whose session has ended.
    Device,
    /// Signed in.
    User,
    /// Signed in with a code on another device than that of the passkey.
    LimitedDevice,
    /// An administrator's device, whose session has ended.
    AdminDevice,
    /// An administrator, signed in with a code, without any passkey.
    AdminByCode,
    /// An administrator, signed in, whose passkey was used too long ago.
    StaleAdmin,
    /// Signed in with a passkey, with a role that reads everything.
    Auditor,
    /// Signed in with a passkey, with a role that invites users and revokes devices.
    Helper,
    /// An administrator, signed in, with a passkey.
    Admin,
}

impl Persona {
    pub(super) const ALL: [Self; 11] = [
        Self::Anonymous,
        Self::SignedOut,
        Self::Device,
        Self::User,
        Self::LimitedDevice,
        Self::AdminDevice,
        Self::AdminByCode,
        Self::StaleAdmin,
        Self::Auditor,
        Self::Helper,
        Self::Admin,
    ];

    /// Why a route refuses, if it does.
    pub(super) fn denial(self, access: Access) -> Option<Denial> {
        let permission = match (access, self) {
            (Access::Public, _) => return None,
            (_, Self::Anonymous | Self::SignedOut) => return Some(Denial::SignIn),
            (Access::User, _) => return None,
            (Access::Permission(permission), _) => permission,
        };
        let is_permitted = self
            .role()
            .built_in_permissions()
            .unwrap()
            .contains(permission);
        match self {
            _ if !is_permitted => Some(Denial::Forbidden),
            Self::AdminDevice => Some(Denial::SignIn),
            Self::AdminByCode => Some(Denial::NeedsPasskey),
            Self::StaleAdmin => Some(Denial::StepUp),
            _ => None,
        }
    }

    const fn role(self) -> Role {
        match self {
            Self::AdminDevice | Self::AdminByCode | Self::StaleAdmin | Self::Admin => Role::Admin,
            Self::Auditor => Role::Auditor,
            Self::Helper => Role::Helper,
            Self::Anonymous | Self::SignedOut | Self::Device | Self::User | Self::LimitedDevice => {
                Role::Member
            }
        }
    }

    /// The same for an action, which requires more than its route: every one for users changes what is theirs.
    pub(super) fn denial_of_action(self, path: &str, access: Access) -> Option<Denial> {
        match (self.denial(access), access, self) {
            (None, Access::User, Self::Device | Self::AdminDevice) => Some(Denial::SignIn),
            // The assertion for the request itself takes the place of a passkey used lately.
            (None, Access::User, _) if path.starts_with("/actions/approval/") => None,
            // A program is approved with a passkey alone.
            (None, Access::User, Self::User | Self::AdminByCode)
                if path == "/actions/authorization/approve" =>
            {
                Some(Denial::NeedsPasskey)
            }
            (None, Access::User, Self::LimitedDevice | Self::StaleAdmin) => Some(Denial::StepUp),
            (denial, _, _) => denial,
        }
    }

    pub(super) async fn browser(self, test: &TestApp) -> Browser<'_> {
        if self == Self::Anonymous {
            return test.anon();
        }
        let user = test
            .user(&format!("{self:?}@example.com"), self.role())
            .await;
        let mut browser = match self {
            Self::Admin | Self::Auditor | Self::Helper | Self::StaleAdmin | Self::LimitedDevice => {
                test.with_passkey(&user).await
            }
            _ => test.signed_in(&user).await,
        };
        match self {
            Self::SignedOut => {
                browser.post("/actions/session/sign-out", &[]).await;
                assert!(browser.device_cookie().is_some());
            }
            Self::Device | Self::AdminDevice => test.wait(Duration::hours(25)),
            Self::StaleAdmin => test.wait(STEP_UP_FRESHNESS + Duration::MINUTE),
            Self::LimitedDevice => browser = test.signed_in(&user).await,
            Self::Anonymous
            | Self::User
            | Self::AdminByCode
            | Self::Auditor
            | Self::Helper
            | Self::Admin => {}
        }
        browser
    }
}
