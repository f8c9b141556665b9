//! Native devices: a program proves a key, its user approves it, and from then on the key signs for tokens.

use super::{
    bound::{ALBUMS, KeyHolder, ask_proven, proven},
    *,
};
use crate::passkey::change;
use latchkey_domain::{
    identity::device::{DeviceKind, DeviceView},
    tokens::device_key::{COMMAND_LINE, THUMBPRINT_URI},
};
use latchkey_engine::{BegunAuthorization, ProvenRequest, SignedIn};
use latchkey_jose::sign;
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::Barrier;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// A terminal with a key, at a service that accepts native devices, and its user.
pub(super) struct Native {
    pub(super) test: TestEngine,
    pub(super) service: String,
    pub(super) client: TestClient,
    pub(super) ada: SignedIn,
    pub(super) holder: KeyHolder,
    assertions: AtomicU64,
}

impl Native {
    pub(super) async fn new() -> Self {
        let test = TestEngine::on_disk().await;
        let service = test.service("photos").await;
        let engine = &test.engine;
        let reusable = TokenUse::Reusable;
        engine
            .change_access_tokens(
                &OPERATOR,
                "photos",
                NewAccessTokens {
                    native: true,
                    ..NewAccessTokens::new("read write", reusable)
                },
                &ORIGIN,
            )
            .await
            .unwrap();
        let (ada, ..) = crate::passkey::ada(&test).await;
        test.grant("ada@example.com", "photos", "read:email").await;
        Self {
            test,
            service,
            client: TestClient {
                id: COMMAND_LINE.to_string(),
                secret: String::new(),
            },
            ada,
            holder: KeyHolder::new(1),
            assertions: AtomicU64::new(0),
        }
    }

    pub(super) async fn begin_with(
        &self,
        holder: &KeyHolder,
    ) -> Result<BegunAuthorization, TokenError> {
        let proof = holder.token_proof(&self.test);
        let parameters = TokenParameters {
            audience: Some("photos"),
            proof: proven(&proof),
            ..TokenParameters::default()
        };
        let credentials = self.client.credentials();
        let engine = &self.test.engine;
        (engine.begin_device_authorization(credentials, parameters, &ORIGIN)).await
    }

    pub(super) async fn approve(&self, code: &BegunAuthorization) -> latchkey_engine::Result<()> {
        let proof = change(&self.test, &self.ada).await;
        let engine = &self.test.engine;
        (engine.approve_authorization(&proof, &code.user_code, &ORIGIN)).await
    }

    pub(super) async fn redeem_with(
        &self,
        holder: &KeyHolder,
        code: &BegunAuthorization,
    ) -> Result<IssuedToken, TokenError> {
        let proof = holder.token_proof(&self.test);
        let parameters = TokenParameters {
            grant_type: Some(DEVICE_CODE),
            device_code: Some(code.device_code.expose_secret()),
            proof: proven(&proof),
            ..TokenParameters::default()
        };
        self.client.request(&self.test.engine, parameters).await
    }

    pub(super) async fn log_in(&self) -> IssuedToken {
        let code = self.begin_with(&self.holder).await.unwrap();
        self.approve(&code).await.unwrap();
        self.redeem_with(&self.holder, &code).await.unwrap()
    }

    /// An assertion with other claims than a right one, if any.
    pub(super) fn assertion_with(&self, claims: serde_json::Value) -> String {
        let party = format!("{THUMBPRINT_URI}{}", self.holder.key.public().thumbprint());
        let number = self.assertions.fetch_add(1, Ordering::Relaxed);
        let now = self.test.engine.now().unix_timestamp();
        let mut all = json!({
            "iss": party,
            "sub": party,
            "aud": "http://localhost:3000",
            "jti": format!("assertion {number}"),
            "iat": now,
            "exp": now + 60,
        });
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        sign(&self.holder.key, "JWT", &all).unwrap()
    }

    pub(super) async fn exchange_with(
        &self,
        holder: &KeyHolder,
        assertion: &str,
    ) -> Result<IssuedToken, TokenError> {
        let proof = holder.token_proof(&self.test);
        let parameters = TokenParameters {
            grant_type: Some(JWT_BEARER),
            assertion: Some(assertion),
            audience: Some("photos"),
            proof: proven(&proof),
            ..TokenParameters::default()
        };
        self.client.request(&self.test.engine, parameters).await
    }

    pub(super) async fn token(&self) -> Result<IssuedToken, TokenError> {
        let assertion = self.assertion_with(json!({}));
        self.exchange_with(&self.holder, &assertion).await
    }

    pub(super) async fn ask(&self, issued: &IssuedToken) -> &'static str {
        let token = issued.access_token.expose_secret();
        let proof = (self.holder).proof(&self.test, ("GET", ALBUMS), Some(token), None);
        let proof = ProvenRequest {
            proof: &proof,
            method: "GET",
            url: ALBUMS,
        };
        ask_proven(&self.test, &self.service, token, Some(proof)).await
    }

    pub(super) async fn native_devices(&self) -> Vec<DeviceView> {
        let user = self.ada.current_user.user_id;
        let devices = self.test.engine.devices_of(&OPERATOR, user).await;
        let mut devices = devices.unwrap();
        devices.retain(|device| device.kind == DeviceKind::Program);
        devices
    }
}

pub(super) fn error(result: Result<IssuedToken, TokenError>) -> String {
    result.unwrap_err().to_string()
}

#[tokio::test]
async fn a_terminal_becomes_a_device_whose_key_signs_for_tokens() {
    let native = Native::new().await;
    let code = native.begin_with(&native.holder).await.unwrap();
    let proof = change(&native.test, &native.ada).await;
    let asked = (native.test.engine)
        .asked_authorization(&proof, &code.user_code)
        .await
        .unwrap();
    assert_eq!(asked.key, Some(native.holder.key.public().thumbprint()));
    assert!(asked.is_native);
    native.approve(&code).await.unwrap();
    assert!(native.native_devices().await.is_empty(), "not fetched yet");
    let first = native.redeem_with(&native.holder, &code).await.unwrap();
    assert!(first.is_bound && first.refresh_token.is_none());
    assert_eq!(native.ask(&first).await, "token accepted");
    let devices = native.native_devices().await;
    assert_eq!(devices.len(), 1);
    assert!(
        devices[0]
            .name
            .as_str()
            .starts_with("Latchkey command line")
    );

    native.test.wait(24 * 3600);
    assert_eq!(native.ask(&first).await, "unknown");
    let next = native.token().await.unwrap();
    assert_eq!(next.expires_in.whole_seconds(), 120);
    assert_eq!(next.scopes.to_string(), "read read:email write");
    assert_eq!(native.ask(&next).await, "token accepted");
    // A stolen token is worth nothing without the key.
    let token = next.access_token.expose_secret();
    let stolen = ask(&native.test.engine, "photos", &native.service, token).await;
    assert_eq!(stolen, "unknown");
    // Not for longer than it was approved for.
    native.test.wait(29 * 24 * 3600 - 1);
    assert!(native.token().await.is_ok());
    native.test.wait(1);
    assert_eq!(error(native.token().await), "invalid_grant");
}

#[tokio::test]
async fn nobody_but_the_holder_of_the_key_redeems_its_code() {
    let native = Native::new().await;
    let thief = KeyHolder::new(2);
    let code = native.begin_with(&native.holder).await.unwrap();
    native.approve(&code).await.unwrap();
    assert_eq!(
        error(native.redeem_with(&thief, &code).await),
        "invalid_grant"
    );
    let parameters = TokenParameters {
        grant_type: Some(DEVICE_CODE),
        device_code: Some(code.device_code.expose_secret()),
        ..TokenParameters::default()
    };
    let engine = &native.test.engine;
    let without = native.client.request(engine, parameters).await;
    assert_eq!(error(without), "invalid_request");
    // Nor does anybody begin without a key.
    let parameters = TokenParameters {
        audience: Some("photos"),
        ..TokenParameters::default()
    };
    let credentials = native.client.credentials();
    let begun = engine.begin_device_authorization(credentials, parameters, &ORIGIN);
    assert_eq!(begun.await.unwrap_err().to_string(), "invalid_request");
    assert!(native.redeem_with(&native.holder, &code).await.is_ok());
    assert_eq!(
        error(native.redeem_with(&native.holder, &code).await),
        "invalid_grant"
    );
}

#[tokio::test]
async fn an_assertion_is_for_this_server_now_and_of_the_key_in_the_proof() {
    let native = Native::new().await;
    native.log_in().await;
    let now = native.test.engine.now().unix_timestamp();
    let other = format!(
        "{THUMBPRINT_URI}{}",
        KeyHolder::new(2).key.public().thumbprint()
    );
    for claims in [
        json!({"aud": "https://evil.example"}),
        json!({"aud": "http://localhost:3000/oauth/token"}),
        json!({"aud": ["http://localhost:3000"]}),
        json!({"exp": now - 10}),
        json!({"exp": now + 3600}),
        json!({"iss": other, "sub": other}),
        json!({"sub": "ada@example.com"}),
        json!({"iss": native.holder.key.public().thumbprint()}),
        json!({"jti": ""}),
    ] {
        let assertion = native.assertion_with(claims.clone());
        let refused = native.exchange_with(&native.holder, &assertion).await;
        assert_eq!(error(refused), "invalid_grant", "{claims}");
    }
    let thief = KeyHolder::new(2);
    let assertion = native.assertion_with(json!({}));
    let refused = native.exchange_with(&thief, &assertion).await;
    assert_eq!(error(refused), "invalid_grant", "another proof");
    for text in ["", "a.b.c", &assertion[..assertion.len() - 4]] {
        let refused = native.exchange_with(&native.holder, text).await;
        assert_eq!(error(refused), "invalid_grant", "{text}");
    }
    let used = native.exchange_with(&native.holder, &assertion).await;
    assert!(used.is_ok(), "nobody else has used it up");
    let again = native.exchange_with(&native.holder, &assertion).await;
    assert_eq!(error(again), "invalid_grant");
}

#[tokio::test]
async fn must_survive_18_fifty_uses_of_one_assertion_give_one_token() {
    let native = Arc::new(Native::new().await);
    native.log_in().await;
    let assertion = native.assertion_with(json!({}));
    let barrier = Arc::new(Barrier::new(50));
    let all: Vec<_> = (0..50)
        .map(|_| {
            let (native, assertion) = (Arc::clone(&native), assertion.clone());
            let barrier = Arc::clone(&barrier);
            tokio::spawn(async move {
                barrier.wait().await;
                let issued = native.exchange_with(&native.holder, &assertion).await;
                issued.is_ok()
            })
        })
        .collect();
    let mut successes = 0;
    for one in all {
        successes += usize::from(one.await.unwrap());
    }
    assert_eq!(successes, 1);
}

#[tokio::test]
async fn the_same_key_is_the_same_device() {
    let native = Native::new().await;
    let first = native.log_in().await;
    let device = native.native_devices().await[0].id;
    native.test.wait(60);
    let again = native.log_in().await;
    let devices = native.native_devices().await;
    assert_eq!((devices.len(), devices[0].id), (1, device));
    // What it may do there was approved anew.
    assert_eq!(native.ask(&first).await, "unknown");
    assert_eq!(native.ask(&again).await, "token accepted");
    let user = &native.ada.current_user;
    let families = native.test.engine.my_token_families(user).await;
    assert_eq!(families.unwrap().len(), 1);
}
