//! Users, and the browsers on which they have signed in.

use super::{Browser, TestApp};
use latchkey_domain::{
    access::permission::Operator, id::UserId, identity::device::DeviceView, identity::user::Role,
};
use latchkey_engine::{EnrolmentCode, NewUser, RequestOrigin};
use time::{Duration, OffsetDateTime};
use totp_rs::Totp;

/// A user with an authenticator app.
pub(crate) struct TestUser {
    pub(crate) id: UserId,
    pub(crate) email: String,
    totp: Totp,
}

impl TestUser {
    /// What their app shows at a time.
    pub(crate) fn code(&self, at: OffsetDateTime) -> String {
        self.totp
            .generate(at.unix_timestamp().cast_unsigned())
            .to_string()
    }
}

impl TestApp {
    /// Adds a user whose authenticator app is set up.
    pub(crate) async fn user(&self, email: &str, role: Role) -> TestUser {
        let new = NewUser {
            email: email.to_owned(),
            name: String::new(),
            role,
        };
        let (user, uri) = self
            .engine
            .add_user_with_totp(&Operator, new, &RequestOrigin::default())
            .await
            .unwrap()
            .commit()
            .await
            .unwrap();
        TestUser {
            id: user.id,
            email: user.email.to_string(),
            totp: Totp::from_url_unchecked(uri.expose_secret()).unwrap(),
        }
    }

    /// Invites a user.
    pub(crate) async fn invite(&self, email: &str, name: &str) -> EnrolmentCode {
        let new = NewUser {
            email: email.to_owned(),
            name: name.to_owned(),
            role: Role::Member,
        };
        let (_, code) = self
            .engine
            .add_user(&Operator, new, &RequestOrigin::default())
            .await
            .unwrap()
            .commit()
            .await
            .unwrap();
        code
    }

    /// The code of a new enrolment link of a user.
    pub(crate) async fn link(&self, user: &TestUser, is_vouched: bool) -> String {
        let origin = RequestOrigin::default();
        let link = self
            .engine
            .invite_user(&Operator, user.id, is_vouched, &origin);
        let link = link.await.unwrap().commit().await.unwrap();
        link.code.expose_secret().to_owned()
    }

    /// Disables a user.
    pub(crate) async fn disable(&self, user: &TestUser) {
        let origin = RequestOrigin::default();
        let disabled = self.engine.disable_user(&Operator, user.id, &origin);
        disabled.await.unwrap();
    }

    /// The devices of a user.
    pub(crate) async fn devices_of(&self, id: UserId) -> Vec<DeviceView> {
        self.engine.devices_of(&Operator, id).await.unwrap()
    }

    /// A browser on which this user has just signed in with a code.
    pub(crate) async fn signed_in(&self, user: &TestUser) -> Browser<'_> {
        // A code is good once: the next one is thirty seconds away.
        self.wait(Duration::seconds(30));
        let mut browser = self.anon();
        let code = user.code(self.now());
        let response = browser.register(&user.email, &code).await;
        assert_eq!(response.status, 303, "{}", response.body);
        assert!(
            browser.device_cookie().is_some(),
            "no device cookie after signing in"
        );
        browser
    }

    /// A browser on which this user has just made a passkey: who administers needs one.
    pub(crate) async fn with_passkey(&self, user: &TestUser) -> Browser<'_> {
        let mut browser = self.signed_in(user).await;
        let made = browser.add_passkey().await;
        assert_eq!(made.status, 200, "{}", made.body);
        browser
    }
}
