//! Whole requests that a proxy holds back, and redirects to services.

use crate::test_engine::{CLIENT, OPERATOR, TestEngine, cookie};
use latchkey_domain::{
    access::service::{Policy, Requirement},
    identity::user::Role,
    request::host::Host,
};
use latchkey_engine::{
    ForwardDecision, NewService, OriginalRequest, Requester, SignedIn, VerifyDecision,
};

const RULES: &str = "public /assets/*\nadmins /settings/*\nnobody /internal/*";

fn word(decision: &ForwardDecision) -> &'static str {
    match decision {
        ForwardDecision::Public => "public",
        ForwardDecision::Granted(_) => "granted",
        ForwardDecision::SignIn => "sign in",
        ForwardDecision::StepUp => "step up",
        ForwardDecision::NoAccess => "no access",
        ForwardDecision::Closed => "closed",
        ForwardDecision::TokenAccepted(_) => "token accepted",
        ForwardDecision::InvalidToken => "invalid token",
        ForwardDecision::TokenTooOld { .. } => "token too old",
        ForwardDecision::NonceRequired => "nonce required",
        ForwardDecision::NotForCaller => "not for caller",
        ForwardDecision::Unavailable => "unavailable",
    }
}

struct Proxy {
    test: TestEngine,
    /// The token of `photos`.
    token: String,
}

impl Proxy {
    /// In front of `photos`, with [`RULES`], and `vault`, which requires a passkey.
    async fn new() -> Self {
        let test = TestEngine::new().await;
        let token = test.service("photos").await;
        test.service("vault").await;
        let passkey = Policy {
            requirement: Requirement::Passkey {
                max_age_seconds: 600,
            },
            admins_enter: false,
        };
        for (name, rules, policy) in [("photos", RULES, Policy::default()), ("vault", "", passkey)]
        {
            let new = NewService {
                hosts: format!("{name}.example.com"),
                rules: rules.to_owned(),
                policy,
            };
            let changed = test
                .engine
                .change_service(&OPERATOR, name, new, &CLIENT)
                .await;
            changed.unwrap();
        }
        Self { test, token }
    }

    async fn user(&self, name: &str, role: Role) -> SignedIn {
        let email = format!("{name}@example.com");
        let (id, uri) = self.test.provisioned(&email).await;
        self.test.set_role(id, role).await;
        self.test.sign_in(&email, &uri).await
    }

    async fn decision(
        &self,
        caller: Requester<'_>,
        host: &str,
        target: &str,
        user: Option<&SignedIn>,
    ) -> ForwardDecision {
        let request = OriginalRequest {
            method: "GET",
            is_https: true,
            host: &Host::parse(host).unwrap(),
            target,
        };
        let credentials = user.map(cookie).into();
        let engine = &self.test.engine;
        engine.forward_auth(caller, request, &credentials).await
    }

    async fn ask(&self, host: &str, target: &str, user: Option<&SignedIn>) -> &'static str {
        let decision = self.decision(Requester::Trusted, host, target, user);
        word(&decision.await)
    }
}

#[tokio::test]
async fn a_request_is_decided_by_its_host_its_path_and_its_user() {
    let proxy = Proxy::new().await;
    let guest = proxy.user("guest", Role::Member).await;
    let eve = proxy.user("eve", Role::Member).await;
    let ada = proxy.user("ada", Role::Admin).await;
    for service in ["photos", "vault"] {
        proxy.test.grant("guest@example.com", service, "").await;
    }
    for (host, target, [anyone, eves, guests, adas]) in [
        (
            "photos.example.com",
            "/",
            ["sign in", "no access", "granted", "granted"],
        ),
        (
            "photos.example.com",
            "/assets/a.css",
            ["public", "public", "granted", "granted"],
        ),
        (
            "photos.example.com",
            "/settings/",
            ["sign in", "no access", "no access", "granted"],
        ),
        ("photos.example.com", "/internal/", ["closed"; 4]),
        ("photos.example.com", "/a//../b", ["closed"; 4]),
        (
            "vault.example.com",
            "/",
            ["sign in", "no access", "step up", "no access"],
        ),
        ("nowhere.example.com", "/", ["not for caller"; 4]),
    ] {
        for (who, user, expected) in [
            ("anyone", None, anyone),
            ("eve", Some(&eve), eves),
            ("guest", Some(&guest), guests),
            ("ada", Some(&ada), adas),
        ] {
            let decision = proxy.ask(host, target, user).await;
            assert_eq!(decision, expected, "{who} {host}{target}");
        }
    }
}

#[tokio::test]
async fn a_proxy_with_the_token_of_a_service_asks_for_that_service_only() {
    let proxy = Proxy::new().await;
    for (token, host, expected) in [
        (Some(&*proxy.token), "photos.example.com", "public"),
        (Some(&*proxy.token), "vault.example.com", "not for caller"),
        (Some("lk_0000"), "photos.example.com", "not for caller"),
        (None, "photos.example.com", "not for caller"),
    ] {
        let caller = Requester::Token(token);
        let decision = proxy.decision(caller, host, "/assets/a.css", None).await;
        assert_eq!(word(&decision), expected, "{host}");
    }
}

#[tokio::test]
async fn r35_an_administrators_first_request_creates_one_grant() {
    let proxy = Proxy::new().await;
    let ada = proxy.user("ada", Role::Admin).await;
    let subject = async || {
        let decision = proxy.decision(Requester::Trusted, "photos.example.com", "/", Some(&ada));
        match decision.await {
            ForwardDecision::Granted(authorized) => authorized.granted.subject,
            refused => panic!("{}", word(&refused)),
        }
    };
    let first = subject().await;
    assert_eq!(first, subject().await);
    let verified = proxy
        .test
        .engine
        .verify("photos", Some(&proxy.token), Some(cookie(&ada)));
    let VerifyDecision::Granted(granted) = verified.await else {
        panic!("access");
    };
    assert_eq!(granted.subject, first);
}

#[tokio::test]
async fn whether_a_user_can_access_the_service_that_sent_them_here() {
    let proxy = Proxy::new().await;
    let guest = proxy.user("guest", Role::Member).await;
    let ada = proxy.user("ada", Role::Admin).await;
    for service in ["photos", "vault"] {
        proxy.test.grant("guest@example.com", service, "").await;
    }
    let engine = &proxy.test.engine;
    for (target, guests, adas) in [
        ("https://photos.example.com/a", true, true),
        // It requires a passkey of the guest, and a grant of Ada.
        ("https://vault.example.com/", false, false),
        ("/devices", false, false),
    ] {
        let target = engine.return_target(target).await.unwrap().unwrap();
        for (who, expected) in [(&guest, guests), (&ada, adas)] {
            let can_access = engine.can_access(&who.current_user, &target).await;
            assert_eq!(can_access.unwrap(), expected, "{}", target.as_str());
        }
    }
    // Nor when the service was deleted.
    let target = engine.return_target("https://photos.example.com/").await;
    let target = target.unwrap().unwrap();
    let deleted = engine.delete_service(&OPERATOR, "photos", &CLIENT).await;
    deleted.unwrap();
    let can_access = engine.can_access(&guest.current_user, &target);
    assert!(!can_access.await.unwrap());
}
