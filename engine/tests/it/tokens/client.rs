//! Clients, and what they get.

use super::*;
use crate::one_time_store::{OneTimeStore, on_each_store};
use crate::test_engine::cookie;
use latchkey_domain::tokens::client::GrantType;
use latchkey_engine::{Conflict, Error, InvalidInput, Noun, VerifyDecision};
use latchkey_jose::{Algorithm, SigningKey, sign};
use serde_json::json;

on_each_store! {
    a_client_with_keys_authenticates_by_signing_once_for_this_server
}

#[tokio::test]
async fn a_client_gets_a_token_that_its_service_accepts_and_no_other_does() {
    let test = TestEngine::new().await;
    let (photos, client) = photos(&test, TokenUse::Reusable).await;
    let wiki = test.service("wiki").await;
    let issued = client
        .ask(&test.engine, TokenParameters::default())
        .await
        .unwrap();
    assert_eq!(issued.expires_in, time::Duration::minutes(2));
    assert_eq!(issued.scopes.to_string(), "read write");
    let token = issued.access_token.expose_secret();
    let parsed = latchkey_jose::UnverifiedToken::parse(token).unwrap();
    assert_eq!(parsed.issuer(), Some("http://localhost:3000"));
    let caller = CallerCredentials {
        cookie: None,
        origin: latchkey_engine::CallerOrigin::default(),
        access_token: Some(&bearer(token)),
    };
    match test.engine.verify("photos", Some(&photos), caller).await {
        VerifyDecision::TokenAccepted(accepted) => {
            assert_eq!(accepted.client.to_string(), client.id);
            assert_eq!(accepted.scopes, issued.scopes);
            assert_eq!(accepted.expires_at - accepted.issued_at, 120);
        }
        refused => panic!("{}", word(&refused)),
    }
    let engine = &test.engine;
    for (service, service_token, expected) in [
        ("photos", photos.as_str(), "token accepted"),
        ("wiki", &wiki, "unknown"),
        ("photos", &wiki, "unknown"),
        ("wiki", &photos, "service not found"),
        ("nowhere", &photos, "service not found"),
        ("photos", "lk_0", "unknown"),
        ("nowhere", "lk_0", "unknown"),
    ] {
        assert_eq!(
            ask(engine, service, service_token, token).await,
            expected,
            "{service}"
        );
    }
}

#[tokio::test]
async fn a_token_is_accepted_until_it_expires_and_the_leeway_is_over() {
    let test = TestEngine::new().await;
    let (photos, client) = photos(&test, TokenUse::Reusable).await;
    let token = client.token(&test.engine).await;
    for (seconds, expected) in [
        (120, "token accepted"),
        (4, "token accepted"),
        (1, "unknown"),
    ] {
        test.wait(seconds);
        assert_eq!(ask(&test.engine, "photos", &photos, &token).await, expected);
    }
}

#[tokio::test]
async fn must_survive_29_a_token_from_the_future_is_accepted_when_its_time_comes() {
    let test = TestEngine::new().await;
    let (photos, client) = photos(&test, TokenUse::Reusable).await;
    test.wait(300);
    let token = client.token(&test.engine).await;
    test.wait(-300);
    assert_eq!(
        ask(&test.engine, "photos", &photos, &token).await,
        "unknown"
    );
    test.wait(295);
    assert_eq!(
        ask(&test.engine, "photos", &photos, &token).await,
        "token accepted"
    );
}

#[tokio::test]
async fn only_the_secret_of_the_client_gets_a_token() {
    let test = TestEngine::new().await;
    let (service_token, client) = photos(&test, TokenUse::Reusable).await;
    let other = TestClient::add(&test.engine, new_client("Other", "photos", "read")).await;
    let (id, secret) = (client.id.as_str(), client.secret.as_str());
    let changed = format!("{}A", &secret[..secret.len() - 1]);
    for (id, secret) in [
        (None, Some(secret)),
        (Some(id), None),
        (Some(id), Some("")),
        (Some(id), Some(changed.as_str())),
        (Some(id), Some(other.secret.as_str())),
        (Some(other.id.as_str()), Some(secret)),
        (Some("Backup"), Some(secret)),
        (Some(id), Some(service_token.as_str())),
        (None, None),
    ] {
        let credentials = ClientCredentials {
            id,
            secret,
            assertion: None,
        };
        let parameters = TokenParameters {
            grant_type: Some("client_credentials"),
            ..TokenParameters::default()
        };
        let issued = test.engine.issue_token(credentials, parameters, &ORIGIN);
        let refused = issued.await.unwrap_err();
        assert!(
            matches!(refused, TokenError::InvalidClient),
            "{id:?} {refused}"
        );
    }
}

#[tokio::test]
async fn a_client_gets_no_more_than_it_and_the_service_have() {
    let test = TestEngine::new().await;
    let (_, client) = photos(&test, TokenUse::Reusable).await;
    test.service("wiki").await;
    let both = TestClient::add(
        &test.engine,
        new_client("Both", "photos wiki", "read delete"),
    )
    .await;
    let parameters = |audience, resource, scope| TokenParameters {
        grant_type: None,
        audience,
        resource,
        scope,
        ..TokenParameters::default()
    };
    let (photos, wiki) = (Some("photos"), Some("wiki"));
    let url = |text| Some(text);
    for (client, parameters, expected) in [
        (&client, parameters(None, None, None), Ok("read write")),
        (&client, parameters(photos, None, Some("read")), Ok("read")),
        (
            &client,
            parameters(photos, None, Some("delete")),
            Err("invalid_scope"),
        ),
        (
            &client,
            parameters(photos, None, Some("a\"b")),
            Err("invalid_scope"),
        ),
        (&client, parameters(wiki, None, None), Err("invalid_target")),
        (
            &client,
            parameters(Some("nowhere"), None, None),
            Err("invalid_target"),
        ),
        (&both, parameters(None, None, None), Err("invalid_target")),
        (&both, parameters(photos, None, None), Ok("read")),
        (
            &both,
            parameters(photos, None, Some("delete")),
            Err("invalid_scope"),
        ),
        (&both, parameters(wiki, None, None), Ok("")),
        (
            &both,
            parameters(None, url("https://photos.example.com"), None),
            Ok("read"),
        ),
        (
            &both,
            parameters(None, url("https://photos.example.com/albums?a=1"), None),
            Ok("read"),
        ),
        (
            &both,
            parameters(photos, url("https://photos.example.com/"), None),
            Ok("read"),
        ),
        (
            &both,
            parameters(None, url("http://photos.example.com/"), None),
            Ok("read"),
        ),
        (
            &both,
            parameters(wiki, url("https://photos.example.com/"), None),
            Err("invalid_target"),
        ),
        (
            &both,
            parameters(None, url("https://photos.example.com/#x"), None),
            Err("invalid_target"),
        ),
        (
            &both,
            parameters(None, url("https://a@photos.example.com/"), None),
            Err("invalid_target"),
        ),
        (
            &both,
            parameters(None, url("ftp://photos.example.com/"), None),
            Err("invalid_target"),
        ),
        (
            &both,
            parameters(None, url("photos"), None),
            Err("invalid_target"),
        ),
    ] {
        let issued = client.ask(&test.engine, parameters).await;
        let got = issued
            .map(|issued| issued.scopes.to_string())
            .map_err(|error| error.to_string());
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(got, expected, "{parameters:?}");
    }
}

#[tokio::test]
async fn a_client_uses_its_grant_types_and_what_is_no_grant_type_is_refused() {
    let test = TestEngine::new().await;
    test.service("photos").await;
    let new = NewClient {
        grant_types: [GrantType::DeviceCode].into(),
        ..new_client("Terminal", "photos", "")
    };
    let client = TestClient::add(&test.engine, new).await;
    let ask = |grant_type| {
        let parameters = TokenParameters {
            grant_type,
            ..TokenParameters::default()
        };
        let (engine, client) = (&test.engine, &client);
        async move {
            let issued = engine.issue_token(client.credentials(), parameters, &ORIGIN);
            issued.await.unwrap_err().to_string()
        }
    };
    assert_eq!(ask(Some("client_credentials")).await, "unauthorized_client");
    assert_eq!(ask(Some("password")).await, "unsupported_grant_type");
    assert_eq!(ask(None).await, "invalid_request");
}

#[tokio::test]
async fn a_request_that_names_a_client_and_a_user_is_denied() {
    let test = TestEngine::new().await;
    let (photos, client) = photos(&test, TokenUse::Reusable).await;
    let ada = test.registered("ada@example.com").await;
    test.grant("ada@example.com", "photos", "").await;
    let token = client.token(&test.engine).await;
    for (cookie, expected) in [
        (Some(cookie(&ada)), "unknown"),
        (Some("stale"), "token accepted"),
        (None, "token accepted"),
    ] {
        let caller = CallerCredentials {
            cookie,
            origin: latchkey_engine::CallerOrigin::default(),
            access_token: Some(&bearer(&token)),
        };
        let decision = test.engine.verify("photos", Some(&photos), caller).await;
        assert_eq!(word(&decision), expected);
    }
    // The token of another issuer is the service's own business.
    let caller = CallerCredentials {
        cookie: Some(cookie(&ada)),
        origin: latchkey_engine::CallerOrigin::default(),
        access_token: Some(&bearer("eyJhbGciOiJub25lIn0.eyJpc3MiOiJvdGhlciJ9.AA")),
    };
    let decision = test.engine.verify("photos", Some(&photos), caller).await;
    assert_eq!(word(&decision), "granted");
}

#[tokio::test]
async fn a_client_that_cannot_be_is_not_added() {
    let test = TestEngine::new().await;
    let (_, _) = photos(&test, TokenUse::Reusable).await;
    let public = NewClient {
        kind: ClientKind::Public,
        ..new_client("App", "photos", "")
    };
    for (new, field) in [
        (new_client(" ", "photos", ""), "name"),
        (new_client("A", "nowhere", ""), "audiences"),
        (new_client("A", "", ""), "audiences"),
        (new_client("A", "photos", "a\"b"), "scopes"),
        (
            NewClient {
                redirect_uris: "http://app.example.com/".to_owned(),
                ..public.clone()
            },
            "redirect_uris",
        ),
        (
            NewClient {
                grant_types: [GrantType::ClientCredentials].into(),
                ..public.clone()
            },
            "grant_types",
        ),
    ] {
        let refused = test.engine.add_client(&OPERATOR, new, &ORIGIN).await.err();
        match refused {
            Some(Error::BadInput { field: wrong, .. }) => assert_eq!(wrong, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    let again = test
        .engine
        .add_client(&OPERATOR, new_client("Backup", "photos", ""), &ORIGIN);
    let again = again.await.err();
    assert!(matches!(
        again,
        Some(Error::Conflict {
            field: "name",
            reason: Conflict::ClientName(_)
        })
    ));
    let (view, secret) = test
        .engine
        .add_client(&OPERATOR, public, &ORIGIN)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    assert!(secret.is_none() && view.secrets.is_empty());
    let rotated = test
        .engine
        .rotate_client_secret(&OPERATOR, "App", time::Duration::HOUR, &ORIGIN);
    assert!(matches!(
        rotated.await.err(),
        Some(Error::Conflict {
            reason: Conflict::PublicClient,
            ..
        })
    ));
    let nobody = test.engine.client(&OPERATOR, "Nobody").await.err();
    assert!(matches!(nobody, Some(Error::NotFound(Noun::Client))));
    let long = time::Duration::days(31);
    let rotated = test
        .engine
        .rotate_client_secret(&OPERATOR, "Backup", long, &ORIGIN);
    assert!(matches!(
        rotated.await.err(),
        Some(Error::BadInput {
            reason: InvalidInput::Overlap { .. },
            ..
        })
    ));
}

async fn a_client_with_keys_authenticates_by_signing_once_for_this_server(store: OneTimeStore) {
    let test = TestEngine::on(&store).await;
    let service = test.service("photos").await;
    // Clients choose the ids of their keys; families of tokens have ids of this form too.
    let key = SigningKey::from_bytes(Algorithm::EdDsa, &[7; 32])
        .unwrap()
        .with_id("0190a6a0-0000-7000-8000-0000000000ab".to_owned());
    let other = SigningKey::from_bytes(Algorithm::EdDsa, &[8; 32]).unwrap();
    let new = NewClient {
        keys: Some(json!({ "keys": [key.public().jwk()] }).to_string()),
        ..new_client("Signing", "photos", "")
    };
    let client = TestClient::add(&test.engine, new).await;
    assert_eq!(client.secret, "", "it needs none");
    let now = test.engine.now().unix_timestamp();
    let claims = |id: &str, audience: &str| json!({"iss": client.id, "sub": client.id, "aud": audience, "jti": id, "exp": now + 60});
    let issuer = test.engine.issuer().to_owned();
    let ask = async |assertion: &str, id, secret| {
        let credentials = ClientCredentials {
            id,
            secret,
            assertion: Some(assertion),
        };
        let parameters = TokenParameters {
            grant_type: Some("client_credentials"),
            ..TokenParameters::default()
        };
        let issued = test
            .engine
            .issue_token(credentials, parameters, &ORIGIN)
            .await;
        issued
            .map(|issued| issued.access_token.expose_secret().to_owned())
            .map_err(|error| error.to_string())
    };
    let refused = Err("invalid_client".to_owned());
    let good = sign(&key, "JWT", &claims("one", &issuer)).unwrap();
    let token = ask(&good, Some(&*client.id), None).await.unwrap();
    let engine = &test.engine;
    assert_eq!(
        super::ask(engine, "photos", &service, &token).await,
        "token accepted"
    );
    assert_eq!(ask(&good, None, None).await, refused, "it was used");
    let of_endpoint = claims("two", &format!("{issuer}/oauth/token"));
    let forged = other.with_id(key.id().to_owned());
    for assertion in [
        sign(&key, "JWT", &of_endpoint).unwrap(),
        sign(&forged, "JWT", &claims("three", &issuer)).unwrap(),
        sign(&key, "at+jwt", &claims("four", &issuer)).unwrap(),
        "abc".to_owned(),
    ] {
        assert_eq!(ask(&assertion, None, None).await, refused);
    }
    let fresh = sign(&key, "JWT", &claims("five", &issuer)).unwrap();
    assert_eq!(
        ask(&fresh, None, Some("lkc_0")).await,
        refused,
        "two ways at once"
    );
    let of_other = ask(&fresh, Some("0190a6a0-0000-7000-8000-0000000000ab"), None).await;
    assert_eq!(of_other, refused, "the id of another client");
    assert!(ask(&fresh, None, None).await.is_ok());
    let none = NewClient {
        keys: Some("{\"keys\":[]}".to_owned()),
        ..new_client("Without", "photos", "")
    };
    let none = engine.add_client(&OPERATOR, none, &ORIGIN).await.err();
    assert!(matches!(none, Some(Error::BadInput { field: "keys", .. })));
}

#[tokio::test]
async fn the_clients_of_a_service_are_those_that_get_tokens_for_it() {
    let test = TestEngine::new().await;
    let (_, _) = photos(&test, TokenUse::Reusable).await;
    test.service("wiki").await;
    for (name, audiences) in [("Zoo", "photos wiki"), ("App", "photos"), ("Other", "wiki")] {
        TestClient::add(&test.engine, new_client(name, audiences, "")).await;
    }
    for (service, expected) in [
        ("photos", ["App", "Backup", "Zoo"].as_slice()),
        ("wiki", &["Other", "Zoo"]),
    ] {
        let service = test.engine.service(&OPERATOR, service).await.unwrap();
        let clients = test.engine.clients_of(&OPERATOR, service.id).await.unwrap();
        let names: Vec<_> = clients.iter().map(|client| client.name.as_str()).collect();
        assert_eq!(names, expected);
    }
    let dashboard = test.engine.dashboard(&OPERATOR).await.unwrap();
    assert_eq!(dashboard.clients, 4);
}
