//! Every case of `sdk/vectors.json`.

use crate::issuer::{Issuer, VECTORS, token};
use axum::{
    Extension, Router,
    body::Body,
    http::{Request, Response},
    routing::any,
};
use latchkey_client::{Claims, Error, Verifier, VerifyLayer};
use serde_json::Value;
use tower::ServiceExt;

#[tokio::test]
async fn every_case_of_the_vectors() {
    let verifier = Issuer::start().await.verifier();
    for case in &VECTORS.cases {
        let verified = match case.presented_as.as_str() {
            "access" => verifier.access_token(&case.token).await,
            _ => verifier.identity_token(&case.token).await,
        };
        let found = match verified {
            Ok(claims) => Value::Object(claims.all),
            Err(error) => error.code().into(),
        };
        assert_eq!(found, case.expected, "{}", case.name);
    }
    assert!(VECTORS.cases.len() > 250);
}

#[tokio::test]
async fn every_proof_of_the_vectors() {
    let verifier = Issuer::start().await.verifier();
    let request = &VECTORS.request;
    let (origin, path) = request.url.split_at(request.url.rfind('/').unwrap());
    let claims = async |Extension(claims): Extension<Claims>| {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(claims);
        response
    };
    let layer = VerifyLayer::new(verifier).dpop(origin);
    let app = Router::new().route(path, any(claims)).layer(layer);
    for case in &VECTORS.proofs {
        let request = Request::builder()
            .method(&*request.method)
            .uri(path)
            .header("Authorization", format!("DPoP {}", case.token))
            .header("DPoP", &case.proof);
        let response = app
            .clone()
            .oneshot(request.body(Body::empty()).unwrap())
            .await;
        let response = response.unwrap();
        let found = match response.extensions().get::<Error>() {
            None => Value::Object(response.extensions().get::<Claims>().unwrap().all.clone()),
            Some(error) => error.code().into(),
        };
        assert_eq!(found, case.expected, "{}", case.name);
    }
    assert!(VECTORS.proofs.len() > 90);
}

#[tokio::test]
async fn claims_are_typed() {
    let verifier = Issuer::start().await.verifier();
    let claims = verifier.access_token(token("EdDSA is accepted")).await;
    let claims = claims.unwrap();
    assert_eq!(claims.subject, "5f9f28b81e27a96bde3e393b1effb7c8");
    assert_eq!(
        (claims.audience.as_str(), claims.id.as_deref()),
        ("photos", Some("j1"))
    );
    assert!(
        claims
            .scopes
            .iter()
            .eq(&["photos:read".to_owned(), "photos:write".to_owned()])
    );
    let times = (claims.issued_at, claims.expires_at);
    assert_eq!(times, (VECTORS.now, VECTORS.now + 120));
    let identity = token("identity token with ES256");
    assert_eq!(verifier.identity_token(identity).await.unwrap().id, None);
    let no_list = token(r#"claims with {"scope":["photos:read"]}"#);
    let no_list = verifier.access_token(no_list).await.unwrap();
    assert!(no_list.scopes.is_empty());
}

#[test]
fn only_http_addresses_are_accepted() {
    for address in [
        "",
        "login.example.com",
        "file:///etc/passwd",
        "https://",
        "://",
    ] {
        assert!(Verifier::new(address, "photos").is_err(), "{address}");
        let verifier = Verifier::with_jwks_url(&VECTORS.issuer, "photos", address);
        assert!(verifier.is_err(), "{address}");
    }
}
