//! The device authorization grant (RFC 8628): a terminal asks, its user approves on a device of theirs.

use super::*;
use crate::{
    passkey::change, risk::enforcing, test_engine::cookie, verify::ask as ask_with_cookie,
};
use latchkey_domain::{
    access::{
        permission::Denial,
        service::{Policy, Requirement},
    },
    tokens::client::GrantType,
};
use latchkey_engine::{
    BegunAuthorization, Conflict, Error, NewService, Noun, SignedIn, VerifyDecision,
};

pub(super) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A public client with refresh tokens, of a service that a user has access to.
pub(super) struct Terminal {
    pub(super) test: TestEngine,
    pub(super) service: String,
    pub(super) client: TestClient,
    pub(super) ada: SignedIn,
}

impl Terminal {
    pub(super) async fn new() -> Self {
        Self::of(ClientKind::Public, TokenUse::Reusable).await
    }

    pub(super) async fn of(kind: ClientKind, token_use: TokenUse) -> Self {
        Self::on(TestEngine::on_disk().await, kind, token_use).await
    }

    async fn on(test: TestEngine, kind: ClientKind, token_use: TokenUse) -> Self {
        let service = test.service("photos").await;
        let engine = &test.engine;
        engine
            .change_access_tokens(
                &OPERATOR,
                "photos",
                NewAccessTokens::new("read write", token_use),
                &ORIGIN,
            )
            .await
            .unwrap();
        let new = NewClient {
            kind,
            grant_types: [GrantType::DeviceCode, GrantType::RefreshToken].into(),
            ..new_client("Terminal", "photos", "read write read:email")
        };
        let client = TestClient::add(engine, new).await;
        let (ada, ..) = crate::passkey::ada(&test).await;
        test.grant("ada@example.com", "photos", "read:email").await;
        Self {
            test,
            service,
            client,
            ada,
        }
    }

    pub(super) async fn begin(&self) -> BegunAuthorization {
        let parameters = TokenParameters {
            scope: Some("read read:email"),
            ..TokenParameters::default()
        };
        let credentials = self.client.credentials();
        let begun = self
            .test
            .engine
            .begin_device_authorization(credentials, parameters, &ORIGIN);
        begun.await.unwrap()
    }

    pub(super) async fn approve(&self, code: &str) -> latchkey_engine::Result<()> {
        let proof = change(&self.test, &self.ada).await;
        self.test
            .engine
            .approve_authorization(&proof, code, &ORIGIN)
            .await
    }

    pub(super) async fn fetch(&self, code: &BegunAuthorization) -> Result<IssuedToken, TokenError> {
        let parameters = TokenParameters {
            grant_type: Some(DEVICE_CODE),
            device_code: Some(code.device_code.expose_secret()),
            ..TokenParameters::default()
        };
        self.client.request(&self.test.engine, parameters).await
    }

    /// Tokens that the user has approved.
    pub(super) async fn tokens(&self) -> IssuedToken {
        let begun = self.begin().await;
        self.approve(&begun.user_code).await.unwrap();
        self.fetch(&begun).await.unwrap()
    }

    pub(super) async fn ask(&self, token: &IssuedToken) -> &'static str {
        let token = token.access_token.expose_secret();
        ask(&self.test.engine, "photos", &self.service, token).await
    }
}

fn error(result: Result<IssuedToken, TokenError>) -> String {
    result.unwrap_err().to_string()
}

#[tokio::test]
async fn a_program_gets_tokens_for_the_user_who_approved_it() {
    let terminal = Terminal::new().await;
    let begun = terminal.begin().await;
    assert_eq!(begun.user_code.len(), 9, "{}", begun.user_code);
    assert_eq!(error(terminal.fetch(&begun).await), "authorization_pending");
    let proof = change(&terminal.test, &terminal.ada).await;
    let typed = begun.user_code.to_lowercase().replace('-', " ");
    let asked = terminal
        .test
        .engine
        .asked_authorization(&proof, &typed)
        .await
        .unwrap();
    assert_eq!(
        (
            asked.client.as_str(),
            asked.service.as_str(),
            asked.scopes.to_string()
        ),
        ("Terminal", "photos", "read read:email".to_owned())
    );
    terminal.approve(&typed).await.unwrap();
    terminal.test.wait(5);
    let issued = terminal.fetch(&begun).await.unwrap();
    assert!(issued.refresh_token.is_some() && !issued.is_bound);
    let caller = CallerCredentials {
        cookie: None,
        origin: latchkey_engine::CallerOrigin::default(),
        access_token: Some(&bearer(issued.access_token.expose_secret())),
    };
    let engine = &terminal.test.engine;
    let decision = engine
        .verify("photos", Some(&terminal.service), caller)
        .await;
    let VerifyDecision::TokenAccepted(accepted) = decision else {
        panic!("{}", word(&decision));
    };
    // By the same pseudonym as in a browser, with what grant and token both allow.
    let VerifyDecision::Granted(granted) = engine
        .verify(
            "photos",
            Some(&terminal.service),
            Some(cookie(&terminal.ada)),
        )
        .await
    else {
        panic!("a grant");
    };
    assert_eq!(accepted.subject(), granted.subject.to_string());
    assert_eq!(accepted.email(), Some("ada@example.com"));
    assert_eq!((accepted.username(), accepted.role()), (None, None));
    let user = accepted.user.as_ref().unwrap();
    assert_eq!(
        (user.auth_methods, user.auth_time),
        (granted.auth_methods, granted.auth_time)
    );
}

#[tokio::test]
async fn a_code_is_redeemed_once_and_by_its_client() {
    let terminal = Terminal::new().await;
    let begun = terminal.begin().await;
    terminal.approve(&begun.user_code).await.unwrap();
    let other = NewClient {
        kind: ClientKind::Public,
        ..new_client("Other", "photos", "read")
    };
    let other = TestClient::add(&terminal.test.engine, other).await;
    let parameters = TokenParameters {
        grant_type: Some(DEVICE_CODE),
        device_code: Some(begun.device_code.expose_secret()),
        ..TokenParameters::default()
    };
    assert_eq!(
        error(other.request(&terminal.test.engine, parameters).await),
        "invalid_grant"
    );
    terminal.fetch(&begun).await.unwrap();
    assert_eq!(error(terminal.fetch(&begun).await), "invalid_grant");
    for code in ["", "abc", &"A".repeat(43), &"A".repeat(4000)] {
        let parameters = TokenParameters {
            device_code: Some(code),
            ..parameters
        };
        let refused = terminal
            .client
            .request(&terminal.test.engine, parameters)
            .await;
        assert_eq!(error(refused), "invalid_grant");
    }
}

#[tokio::test]
async fn a_program_that_asks_too_often_slows_down() {
    let terminal = Terminal::new().await;
    let begun = terminal.begin().await;
    for (wait, expected) in [
        (0, "authorization_pending"),
        (4, "slow_down"),
        (1, "authorization_pending"),
        // Five seconds more than before.
        (9, "slow_down"),
        (1, "authorization_pending"),
    ] {
        terminal.test.wait(wait);
        assert_eq!(error(terminal.fetch(&begun).await), expected);
    }
}

#[tokio::test]
async fn a_user_can_deny_and_a_code_expires() {
    let terminal = Terminal::new().await;
    let begun = terminal.begin().await;
    let proof = change(&terminal.test, &terminal.ada).await;
    let engine = &terminal.test.engine;
    engine
        .deny_authorization(&proof, &begun.user_code, &ORIGIN)
        .await
        .unwrap();
    assert!(matches!(
        terminal.approve(&begun.user_code).await,
        Err(Error::NotFound(Noun::Authorization))
    ));
    assert_eq!(error(terminal.fetch(&begun).await), "access_denied");
    assert_eq!(error(terminal.fetch(&begun).await), "invalid_grant");

    let begun = terminal.begin().await;
    terminal.test.wait(600);
    assert!(terminal.approve(&begun.user_code).await.is_err());
    assert_eq!(error(terminal.fetch(&begun).await), "expired_token");
    terminal.test.engine.tidy().await;
    assert_eq!(error(terminal.fetch(&begun).await), "expired_token");
    terminal.test.wait(601);
    terminal.test.engine.tidy().await;
    assert_eq!(error(terminal.fetch(&begun).await), "invalid_grant");
}

#[tokio::test]
async fn a_user_gives_no_more_than_they_have() {
    let terminal = Terminal::new().await;
    let engine = &terminal.test.engine;
    let begun = terminal.begin().await;
    let revoke = engine.remove_grant(&OPERATOR, "ada@example.com", "photos", &ORIGIN);
    revoke.await.unwrap();
    assert!(matches!(
        terminal.approve(&begun.user_code).await,
        Err(Error::Conflict {
            reason: Conflict::NoAccess(_),
            ..
        })
    ));
    // What the grant does not tell the service, a token does not either.
    terminal.test.grant("ada@example.com", "photos", "").await;
    terminal.approve(&begun.user_code).await.unwrap();
    let issued = terminal.fetch(&begun).await.unwrap();
    assert_eq!(issued.scopes.to_string(), "read");
    // A service that requires a more recent passkey.
    let begun = terminal.begin().await;
    let strict = NewService {
        policy: Policy {
            requirement: Requirement::Passkey {
                max_age_seconds: 60,
            },
            admins_enter: true,
        },
        ..NewService::default()
    };
    engine
        .change_service(&OPERATOR, "photos", strict, &ORIGIN)
        .await
        .unwrap();
    terminal.test.wait(61);
    assert!(matches!(
        terminal.approve(&begun.user_code).await,
        Err(Error::Denied(Denial::StepUp))
    ));
    assert_eq!(terminal.ask(&issued).await, "token too old");
}

#[tokio::test]
async fn r15_must_survive_17_tokens_end_with_device_sign_in_user_grant_and_client() {
    async fn ends(what: &str, end: impl AsyncFn(&Terminal)) {
        let terminal = Terminal::new().await;
        let waiting = terminal.begin().await;
        terminal.approve(&waiting.user_code).await.unwrap();
        let issued = terminal.tokens().await;
        assert_eq!(terminal.ask(&issued).await, "token accepted", "{what}");
        end(&terminal).await;
        assert_eq!(terminal.ask(&issued).await, "unknown", "{what}");
        // Neither a refresh token nor an approval that nobody has fetched outlives it.
        let parameters = TokenParameters {
            grant_type: Some("refresh_token"),
            refresh_token: issued
                .refresh_token
                .as_ref()
                .map(|text| text.expose_secret()),
            ..TokenParameters::default()
        };
        let engine = &terminal.test.engine;
        let refreshed = error(terminal.client.request(engine, parameters).await);
        assert!(
            ["invalid_grant", "invalid_client"].contains(&&*refreshed),
            "{what}: {refreshed}"
        );
        let fetched = error(terminal.fetch(&waiting).await);
        assert!(
            ["invalid_grant", "invalid_client"].contains(&&*fetched),
            "{what}: {fetched}"
        );
    }
    ends("the device is revoked", async |terminal| {
        terminal
            .test
            .revoke(terminal.ada.current_user.device_id)
            .await;
    })
    .await;
    ends("the user signs out and in again", async |terminal| {
        let user = &terminal.ada.current_user;
        terminal.test.engine.sign_out(user, &ORIGIN).await.unwrap();
    })
    .await;
    ends("the user is disabled and enabled", async |terminal| {
        let user = terminal.ada.current_user.user_id;
        terminal.test.disable(user).await;
        terminal.test.enable(user).await;
    })
    .await;
    ends("the role changes", async |terminal| {
        let user = terminal.ada.current_user.user_id;
        let admin = latchkey_domain::identity::user::Role::Admin;
        terminal.test.set_role(user, admin).await;
    })
    .await;
    ends("the grant is removed", async |terminal| {
        let removed =
            terminal
                .test
                .engine
                .remove_grant(&OPERATOR, "ada@example.com", "photos", &ORIGIN);
        removed.await.unwrap();
    })
    .await;
    ends("the client is deleted", async |terminal| {
        let deleted = terminal
            .test
            .engine
            .delete_client(&OPERATOR, "Terminal", &ORIGIN);
        deleted.await.unwrap();
    })
    .await;
    ends("the user is deleted", async |terminal| {
        let user = terminal.ada.current_user.user_id;
        terminal
            .test
            .engine
            .delete_user(&OPERATOR, user, &ORIGIN)
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_token_and_the_cookie_of_the_same_user_agree() {
    let terminal = Terminal::new().await;
    let issued = terminal.tokens().await;
    let eve = terminal.test.registered("eve@example.com").await;
    for (cookie, expected) in [
        (cookie(&terminal.ada), "token accepted"),
        (cookie(&eve), "unknown"),
    ] {
        let caller = CallerCredentials {
            cookie: Some(cookie),
            origin: latchkey_engine::CallerOrigin::default(),
            access_token: Some(&bearer(issued.access_token.expose_secret())),
        };
        let engine = &terminal.test.engine;
        let decision = engine
            .verify("photos", Some(&terminal.service), caller)
            .await;
        assert_eq!(word(&decision), expected);
    }
    let with_cookie = ask_with_cookie(&terminal.test, "photos", &terminal.service, &eve).await;
    assert_eq!(with_cookie, "no access");
}

#[tokio::test]
async fn audit_54_tokens_end_when_the_cookie_of_their_device_comes_from_another_browser() {
    let test = enforcing().await;
    let terminal = Terminal::on(test, ClientKind::Public, TokenUse::Reusable).await;
    let waiting = terminal.begin().await;
    terminal.approve(&waiting.user_code).await.unwrap();
    let issued = terminal.tokens().await;
    assert_eq!(terminal.ask(&issued).await, "token accepted");
    let (engine, service) = (&terminal.test.engine, &*terminal.service);
    let edge = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0";
    let thief = CallerCredentials {
        cookie: Some(cookie(&terminal.ada)),
        origin: latchkey_engine::CallerOrigin {
            ip: None,
            user_agent: Some(edge),
        },
        access_token: None,
    };
    let answer = engine.verify("photos", Some(service), thief).await;
    assert!(matches!(answer, VerifyDecision::StepUp), "{answer:?}");
    assert_eq!(terminal.ask(&issued).await, "unknown");
    let fetched = error(terminal.fetch(&waiting).await);
    assert_eq!(fetched, "invalid_grant");
}
