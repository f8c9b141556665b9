//! Unusual sign-ins and returns of devices: what they are asked for, and what is learnt.

mod behaviour;
mod effects;
mod networks;
mod overview;
mod replay;
mod returns;
mod services;

use crate::{
    passkey::{used, with_passkey},
    test_engine::{OPERATOR, TestEngine, origin},
    verify::ask,
};
use latchkey_domain::risk::Mode;
use latchkey_engine::{
    KnownBrowser, RegisterPublicKeyCredential, RequestOrigin, Result, RiskMode, RiskSettings,
    SignedIn, UserRisk,
};
use std::net::IpAddr;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

pub(crate) fn at(ip: &str) -> RequestOrigin {
    RequestOrigin {
        ip: ip.parse::<IpAddr>().ok(),
        ..origin()
    }
}

pub(crate) async fn with_risk(mode: RiskMode) -> TestEngine {
    TestEngine::with(|settings| {
        settings.risk = RiskSettings {
            mode,
            ..RiskSettings::off()
        };
    })
    .await
}

pub(crate) async fn enforcing() -> TestEngine {
    with_risk(RiskMode::Fixed(Mode::Enforce)).await
}

/// Ada, who has signed in with a passkey at home each day for a week, and may enter a service.
pub(crate) struct Settled {
    pub(crate) test: TestEngine,
    pub(crate) ada: SignedIn,
    pub(crate) credential: RegisterPublicKeyCredential,
    pub(crate) authenticator: SoftPasskey,
    pub(crate) uri: String,
    pub(crate) token: String,
}

impl Settled {
    pub(crate) async fn on(test: TestEngine) -> Self {
        let (_, uri) = test.provisioned("ada@example.com").await;
        let token = test.service("photos").await;
        test.grant("ada@example.com", "photos", "read:email").await;
        let first = test.sign_in("ada@example.com", &uri).await;
        let (ada, credential, authenticator) = with_passkey(&test, &first).await;
        let mut settled = Self {
            test,
            ada,
            credential,
            authenticator,
            uri,
            token,
        };
        for _ in 0..7 {
            settled.test.wait(24 * 60 * 60);
            let browser = KnownBrowser::from(&settled.ada.current_user);
            settled.ada = settled.passkey(Some(browser), &origin()).await.unwrap();
        }
        settled
    }

    /// Signs in with the passkey.
    pub(crate) async fn passkey(
        &mut self,
        browser: Option<KnownBrowser>,
        origin: &RequestOrigin,
    ) -> Result<SignedIn> {
        let engine = &self.test.engine;
        let (handle, response) =
            used(engine, &self.ada, &self.credential, &mut self.authenticator).await;
        engine
            .finish_passkey_login(Some(&handle), &response, browser, origin)
            .await
    }

    /// Signs in with a code.
    pub(crate) async fn code(
        &self,
        browser: Option<KnownBrowser>,
        origin: &RequestOrigin,
    ) -> Result<SignedIn> {
        self.test.wait(30);
        let code = self.test.totp(&self.uri);
        (self.test.engine)
            .register_device("ada@example.com", &code, "", browser, origin)
            .await
    }

    pub(crate) fn browser(&self) -> Option<KnownBrowser> {
        Some(KnownBrowser::from(&self.ada.current_user))
    }

    pub(crate) async fn ask(&self, who: &SignedIn) -> &'static str {
        ask(&self.test, "photos", &self.token, who).await
    }

    pub(crate) async fn risk(&self) -> UserRisk {
        let user = self.ada.current_user.user_id;
        let risk = self.test.engine.user_risk(&OPERATOR, user).await;
        risk.unwrap()
    }

    /// The newest assessment: score, level, what it asks for, and its reasons.
    pub(crate) async fn newest(&self) -> String {
        let risk = self.risk().await;
        latchkey_domain::risk::RiskNote::from(&risk.events[0]).to_string()
    }
}
