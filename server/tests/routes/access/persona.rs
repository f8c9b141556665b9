//! The personas of the matrix.

use crate::harness::{Browser, TestApp};
use latchkey_app::routes::Access;
use latchkey_domain::identity::user::Role;
use time::Duration;

/// Who sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Persona {
    /// Without a device.
    Anonymous,
    /// A registered device, whose session has ended.
    Device,
    /// Signed in.
    User,
    /// An administrator's device, whose session has ended.
    AdminDevice,
    /// An administrator, signed in with a code, without any passkey.
    AdminByCode,
    /// An administrator, signed in, with a passkey.
    Admin,
}

impl Persona {
    pub(super) const ALL: [Self; 6] = [
        Self::Anonymous,
        Self::Device,
        Self::User,
        Self::AdminDevice,
        Self::AdminByCode,
        Self::Admin,
    ];

    pub(super) const fn may(self, access: Access) -> bool {
        match access {
            Access::Public => true,
            Access::User => !matches!(self, Self::Anonymous),
            Access::Admin => matches!(self, Self::Admin),
        }
    }

    /// The redirect of a refusal, for users who can resolve it.
    pub(super) fn cure(self, return_to: &str) -> String {
        match self {
            Self::AdminByCode => "/enrol/passkey".to_owned(),
            _ => format!("/login?return_to={return_to}"),
        }
    }

    /// The role is there, or may be there for all the server knows: signing in could help.
    pub(super) const fn could_after_signing_in(self, access: Access) -> bool {
        !matches!((self, access), (Self::Device | Self::User, Access::Admin))
    }

    pub(super) async fn browser(self, test: &TestApp) -> Browser<'_> {
        let role = match self {
            Self::AdminDevice | Self::AdminByCode | Self::Admin => Role::Admin,
            Self::Anonymous | Self::Device | Self::User => Role::User,
        };
        if self == Self::Anonymous {
            return test.anon();
        }
        let user = test.user(&format!("{self:?}@example.com"), role).await;
        let browser = match self {
            Self::Admin => test.with_passkey(&user).await,
            _ => test.signed_in(&user).await,
        };
        if matches!(self, Self::Device | Self::AdminDevice) {
            test.wait(Duration::hours(25));
        }
        browser
    }
}
