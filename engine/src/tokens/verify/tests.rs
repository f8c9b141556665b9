//! What a token must claim, signed with the right key.

mod user;

use crate::{
    CallerCredentials, ClientCredentials, Engine, NewClient, PresentedToken, RequestOrigin,
    TokenParameters, VerifyDecision, keys::purpose::KeyPurpose, test_engine::TestEngine,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_domain::{
    access::permission::Operator,
    tokens::{client::ClientKind, policy::TokenUse},
};
use latchkey_jose::{Algorithm, SigningKey, sign};
use serde_json::{Map, Value, json};

/// The claims of a token that a client has got.
async fn issued(test: &TestEngine) -> Map<String, Value> {
    let (operator, origin) = (Operator, RequestOrigin::default());
    let engine = &test.engine;
    let policy = TokenUse::Reusable;
    let changed = engine.change_access_tokens(
        &operator,
        "photos",
        crate::NewAccessTokens::new("read", policy),
        &origin,
    );
    changed.await.unwrap();
    let new = NewClient::new("Backup", ClientKind::Confidential, "photos", "read write");
    let added = engine.add_client(&operator, new, &origin).await.unwrap();
    let (client, secret) = added.commit().await.unwrap();
    let id = client.id.to_string();
    let credentials = ClientCredentials {
        id: Some(&id),
        secret: secret.as_ref().map(|secret| secret.expose_secret()),
        assertion: None,
    };
    let parameters = TokenParameters {
        grant_type: Some("client_credentials"),
        ..TokenParameters::default()
    };
    let token = engine
        .issue_token(credentials, parameters, &origin)
        .await
        .unwrap();
    let payload = token
        .access_token
        .expose_secret()
        .split('.')
        .nth(1)
        .unwrap();
    serde_json::from_slice(&BASE64.decode(payload).unwrap()).unwrap()
}

async fn is_accepted(test: &TestEngine, token: &str) -> bool {
    let caller = CallerCredentials {
        cookie: None,
        origin: crate::CallerOrigin::default(),
        access_token: Some(&PresentedToken {
            text: token,
            proof: None,
        }),
    };
    let decision = test
        .engine
        .verify("photos", Some(&test.token), caller)
        .await;
    matches!(decision, VerifyDecision::TokenAccepted(_))
}

fn signed(engine: &Engine, purpose: KeyPurpose, typ: &str, claims: &Map<String, Value>) -> String {
    let keys = engine.signing_keys();
    let (_, key) = keys.current(purpose).unwrap();
    sign(key, typ, claims).unwrap()
}

#[tokio::test]
async fn r33_a_token_with_one_claim_changed_is_refused() {
    let test = TestEngine::new().await;
    let claims = issued(&test).await;
    let sign = |claims: &Map<String, Value>| {
        signed(&test.engine, KeyPurpose::AccessToken, "at+jwt", claims)
    };
    assert!(is_accepted(&test, &sign(&claims)).await);
    let now = test.clock.now().unix_timestamp();
    for (name, value) in [
        ("iss", json!("http://localhost:3000/")),
        ("iss", json!("https://evil.example")),
        ("aud", json!("wiki")),
        ("aud", json!(["photos", "wiki"])),
        ("sub", json!("somebody")),
        ("client_id", json!("somebody")),
        ("client_id", json!("0190a6a0-0000-7000-8000-0000000000ab")),
        ("sid", json!("0123456789abcdef")),
        ("sid", json!(1)),
        ("scope", json!("read admin")),
        ("scope", json!("write")),
        ("scope", json!(["read"])),
        ("scope", json!(null)),
        ("exp", json!(now - 5)),
        ("exp", json!((now + 60).to_string())),
        ("exp", json!(null)),
        ("nbf", json!(now + 6)),
        ("nbf", json!("tomorrow")),
        ("iat", json!(now + 6)),
        ("iat", json!(true)),
        ("jti", json!(5)),
    ] {
        let mut changed = claims.clone();
        changed.insert(name.to_owned(), value.clone());
        assert!(
            !is_accepted(&test, &sign(&changed)).await,
            "{name}: {value}"
        );
    }
    for name in ["iss", "aud", "sub", "exp", "iat", "jti", "client_id", "sid"] {
        let mut changed = claims.clone();
        changed.remove(name);
        assert!(!is_accepted(&test, &sign(&changed)).await, "no {name}");
    }
}

#[tokio::test]
async fn tokens_of_other_kinds_and_keys_are_no_access_tokens() {
    let test = TestEngine::new().await;
    let claims = issued(&test).await;
    let engine = &test.engine;
    for (purpose, typ) in [
        (KeyPurpose::AccessToken, "JWT"),
        (KeyPurpose::AccessToken, "dpop+jwt"),
        (KeyPurpose::IdentityToken, "at+jwt"),
        (KeyPurpose::AuditCheckpoint, "at+jwt"),
    ] {
        let token = signed(engine, purpose, typ, &claims);
        assert!(!is_accepted(&test, &token).await, "{purpose} {typ}");
    }
    let es256 = signed(engine, KeyPurpose::AccessTokenEs256, "at+jwt", &claims);
    assert!(is_accepted(&test, &es256).await);
    // A key of the attacker's own under the id of ours.
    let keys = engine.signing_keys();
    let (id, _) = keys.current(KeyPurpose::AccessToken).unwrap();
    let key = SigningKey::from_bytes(Algorithm::EdDsa, &[7; 32]).unwrap();
    let forged = sign(&key.with_id(id.to_string()), "at+jwt", &claims).unwrap();
    assert!(!is_accepted(&test, &forged).await);
}

#[test]
fn a_token_rests_on_a_key_that_its_client_still_has() {
    let key = SigningKey::from_bytes(Algorithm::EdDsa, &[7; 32]).unwrap();
    let set = json!({ "keys": [key.public().jwk()] }).to_string();
    assert!(super::has_key(Some(&set), &format!("key:{}", key.id())));
    assert!(!super::has_key(Some(&set), key.id()));
    assert!(!super::has_key(Some(&set), "key:another"));
    assert!(!super::has_key(None, &format!("key:{}", key.id())));
}
