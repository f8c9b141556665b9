//! Tokens that speak for a user who approved a program, and the sign-in that they rest on.

use super::*;
use crate::tokens::error::TokenError;
use latchkey_domain::{
    access::permission::{CurrentUser, SignIn},
    id::TokenFamilyId,
    tokens::{client::GrantType, family::TokenFamily},
};
use sea_orm::ConnectionTrait;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A public client of both services; its id.
async fn terminal(engine: &Engine, name: &str) -> String {
    let (operator, origin) = (Operator, RequestOrigin::default());
    let new = NewClient {
        grant_types: [GrantType::DeviceCode].into(),
        ..NewClient::new(name, ClientKind::Public, "photos wiki", "read write")
    };
    let added = engine.add_client(&operator, new, &origin).await.unwrap();
    added.commit().await.unwrap().0.id.to_string()
}

/// A token that Ada approved for a terminal at `photos`, its claims, and her cookie.
async fn approved(test: &TestEngine, client: &str) -> (String, Map<String, Value>, String) {
    let (operator, origin) = (Operator, RequestOrigin::default());
    let engine = &test.engine;
    for service in ["photos", "wiki"] {
        let policy = TokenUse::Reusable;
        let changed = engine.change_access_tokens(
            &operator,
            service,
            crate::NewAccessTokens::new("read write", policy),
            &origin,
        );
        changed.await.unwrap();
    }
    let [cookie] = test.users(["ada@example.com"]).await;
    test.give_passkey("ada@example.com").await;
    let scopes = "".parse().unwrap();
    let granted = engine.add_grant(&operator, "ada@example.com", "wiki", scopes, None, &origin);
    granted.await.unwrap();
    let ada = engine.authenticate(Some(&cookie), None).await.unwrap();
    let now = test.clock.now();
    let ada = CurrentUser {
        sign_in: Some(SignIn {
            at: now,
            last_active_at: now,
        }),
        ..ada.current_user.unwrap()
    };
    let credentials = ClientCredentials {
        id: Some(client),
        ..ClientCredentials::default()
    };
    let asked = TokenParameters {
        audience: Some("photos"),
        scope: Some("read"),
        ..TokenParameters::default()
    };
    let begun = engine.begin_device_authorization(credentials, asked, &origin);
    let begun = begun.await.unwrap();
    let proof = ada.may_manage_self(now).unwrap();
    let approved = engine.approve_authorization(&proof, &begun.user_code, &origin);
    approved.await.unwrap();
    let fetched = TokenParameters {
        grant_type: Some(DEVICE_CODE),
        device_code: Some(begun.device_code.expose_secret()),
        ..TokenParameters::default()
    };
    let issued = engine.issue_token(credentials, fetched, &origin).await;
    let issued = issued.unwrap();
    assert!(issued.refresh_token.is_none(), "not one of its grant types");
    let token = issued.access_token;
    let payload = token.expose_secret().split('.').nth(1).unwrap();
    let claims = serde_json::from_slice(&BASE64.decode(payload).unwrap()).unwrap();
    (token.expose_secret().to_owned(), claims, cookie)
}

async fn add_wiki(test: &TestEngine) -> String {
    let (operator, origin) = (Operator, RequestOrigin::default());
    let new = crate::NewService::default();
    let added = test
        .engine
        .add_service(&operator, "wiki", new, &origin)
        .await;
    let (_, token) = added.unwrap().commit().await.unwrap();
    token.expose_secret().to_owned()
}

#[tokio::test]
async fn a_token_of_a_user_is_accepted_as_it_was_approved_alone() {
    let test = TestEngine::new().await;
    let wiki = add_wiki(&test).await;
    let engine = &test.engine;
    let (client, other) = (
        terminal(engine, "Terminal").await,
        terminal(engine, "Other").await,
    );
    let (token, claims, cookie) = approved(&test, &client).await;
    assert!(is_accepted(&test, &token).await);
    for (name, value) in [
        ("client_id", json!(other)),
        ("scope", json!("read write")),
        ("sub", json!(client)),
        ("sub", json!("somebody")),
    ] {
        let mut changed = claims.clone();
        changed.insert(name.to_owned(), value);
        let changed = signed(engine, KeyPurpose::AccessToken, "at+jwt", &changed);
        assert!(!is_accepted(&test, &changed).await, "{name}");
    }
    // At another service, under the pseudonym that Ada has there.
    let there = engine
        .verify("wiki", Some(&wiki), Some(cookie.as_str()))
        .await;
    let VerifyDecision::Granted(there) = there else {
        panic!("access");
    };
    let mut elsewhere = claims.clone();
    elsewhere.insert("aud".to_owned(), json!("wiki"));
    elsewhere.insert("sub".to_owned(), json!(there.subject.to_string()));
    let elsewhere = signed(engine, KeyPurpose::AccessToken, "at+jwt", &elsewhere);
    let caller = CallerCredentials {
        cookie: None,
        origin: crate::CallerOrigin::default(),
        access_token: Some(&PresentedToken {
            text: &elsewhere,
            proof: None,
        }),
    };
    let decision = engine.verify("wiki", Some(&wiki), caller).await;
    assert!(matches!(decision, VerifyDecision::Unauthenticated));
}

/// Whether a family's sign-in is still there after a change of the rows.
async fn is_signed_in(change: &str) -> bool {
    let test = TestEngine::new().await;
    add_wiki(&test).await;
    let client = terminal(&test.engine, "Terminal").await;
    let (_, claims, _) = approved(&test, &client).await;
    test.users(["eve@example.com"]).await;
    let family: TokenFamilyId = claims["sid"].as_str().unwrap().parse().unwrap();
    let engine = &test.engine;
    let family = crate::tokens::store::family::find(&engine.read(), family).await;
    let family: TokenFamily = family.unwrap().unwrap();
    let now = test.clock.now().unix_timestamp().to_string();
    let permit = engine.acquire_write_permit().await.unwrap();
    let change = change.replace("NOW", &now);
    permit.db().execute_unprepared(&change).await.unwrap();
    drop(permit);
    let origin = RequestOrigin::default();
    let tx = engine
        .begin(crate::unit_of_work::Actor::System, &origin)
        .await;
    match engine.require_sign_in(&tx.unwrap(), &family).await {
        Ok(_) => true,
        Err(TokenError::InvalidGrant) => false,
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn r15_a_family_needs_the_sign_in_on_which_it_was_approved() {
    for (change, expected) in [
        ("", true),
        ("UPDATE users SET disabled_at = 1", false),
        ("UPDATE devices SET signed_out_at = 1", false),
        ("UPDATE devices SET revoked_at = 1", false),
        ("UPDATE devices SET expires_at = NOW", false),
        ("UPDATE devices SET expires_at = NOW + 1", true),
        (
            "UPDATE devices SET user_id = (SELECT id FROM users WHERE email = 'eve@example.com')",
            false,
        ),
        ("DELETE FROM devices", false),
    ] {
        assert_eq!(is_signed_in(change).await, expected, "{change}");
    }
}
