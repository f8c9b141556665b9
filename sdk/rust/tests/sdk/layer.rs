//! Requests that reach the service, and responses to those that do not.

use crate::issuer::{Issuer, token};
use axum::{
    Extension, Router,
    body::Body,
    http::{HeaderName, Request, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use http_body_util::BodyExt;
use latchkey_client::{Claims, Error, IDENTITY_HEADER, VerifyLayer};
use std::{
    future::{Pending, pending},
    task::{Context, Poll, Waker},
};
use tower::{Layer, Service, ServiceExt};

const INVALID: &str = r#"Bearer error="invalid_token""#;
const NEEDS_ADMIN: &str = r#"Bearer error="insufficient_scope", scope="photos:admin""#;

async fn subject(Extension(claims): Extension<Claims>) -> String {
    claims.subject
}

async fn admin(Extension(claims): Extension<Claims>) -> Response {
    match claims.require("photos:admin") {
        Ok(()) => claims.subject.into_response(),
        Err(error) => error.response::<Body>(),
    }
}

/// Sends a request with these values of a header through the layer: the status, the challenge, and the code of the error.
async fn send(
    layer: VerifyLayer,
    path: &str,
    name: HeaderName,
    values: &[&str],
) -> (u16, String, Option<&'static str>) {
    let app = Router::new()
        .route("/", get(subject))
        .route("/admin", get(admin))
        .layer(layer);
    let mut request = Request::get(path);
    for value in values {
        request = request.header(&name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    let response = app.oneshot(request).await.unwrap();
    let status = response.status();
    let headers = response.headers();
    let challenge = headers.get(header::WWW_AUTHENTICATE);
    let challenge = challenge
        .map_or("", |value| value.to_str().unwrap())
        .to_owned();
    assert_eq!(
        headers.contains_key(header::RETRY_AFTER),
        status == StatusCode::SERVICE_UNAVAILABLE
    );
    let code = response.extensions().get::<Error>().map(Error::code);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let is_served = body == "5f9f28b81e27a96bde3e393b1effb7c8";
    assert_eq!(is_served, status == StatusCode::OK);
    assert!(is_served || body.is_empty());
    (status.as_u16(), challenge, code)
}

#[tokio::test]
async fn the_authorization_header_decides() {
    let verifier = Issuer::start().await.verifier();
    let good = &*format!("Bearer {}", token("EdDSA is accepted"));
    let bearer = |name: &str| format!("Bearer {}", token(name));
    for (values, status, challenge, code) in [
        (&[good][..], 200, "", None),
        (&[&good.replace("Bearer", "bEARER")], 200, "", None),
        (&[], 401, "Bearer", Some("missing")),
        (&[""], 401, "Bearer", Some("missing")),
        (&["Bearer"], 401, "Bearer", Some("missing")),
        (&["Bearer "], 401, "Bearer", Some("missing")),
        (&["Bearer ="], 401, "Bearer", Some("missing")),
        (&[&good.replace(' ', "  ")], 401, "Bearer", Some("missing")),
        (
            &[&good.replace("Bearer", "DPoP")],
            401,
            "Bearer",
            Some("missing"),
        ),
        (&["Basic YTpi"], 401, "Bearer", Some("missing")),
        (
            &[&format!("{good}, {good}")],
            401,
            "Bearer",
            Some("missing"),
        ),
        (&[good, good], 401, "Bearer", Some("missing")),
        (&["Bearer abc"], 401, INVALID, Some("malformed")),
        (
            &[&bearer("identity token with ES256")],
            401,
            INVALID,
            Some("type"),
        ),
        (&[&bearer("exp 5 s ago")], 401, INVALID, Some("expired")),
        (
            &[&bearer("EdDSA with a changed signature")],
            401,
            INVALID,
            Some("signature"),
        ),
    ] {
        let layer = VerifyLayer::new(verifier.clone());
        let found = send(layer, "/", header::AUTHORIZATION, values).await;
        assert_eq!(found, (status, challenge.to_owned(), code), "{values:?}");
    }
}

#[tokio::test]
async fn a_scope_is_required_by_the_layer_or_the_handler() {
    let verifier = Issuer::start().await.verifier();
    let good = &*format!("Bearer {}", token("EdDSA is accepted"));
    let send = async |layer, path| send(layer, path, header::AUTHORIZATION, &[good]).await;
    let layer = || VerifyLayer::new(verifier.clone());
    assert_eq!(send(layer().scope("photos:read"), "/").await.0, 200);
    let refused = (403, NEEDS_ADMIN.to_owned(), Some("insufficient_scope"));
    assert_eq!(send(layer().scope("photos:admin"), "/").await, refused);
    let (status, challenge, _) = send(layer(), "/admin").await;
    assert_eq!((status, challenge.as_str()), (403, NEEDS_ADMIN));
}

#[tokio::test]
async fn the_identity_token_of_a_proxy() {
    let verifier = Issuer::start().await.verifier();
    let identity = token("identity token with ES256");
    let bearer = &*format!("Bearer {identity}");
    for (name, values, status, challenge) in [
        (IDENTITY_HEADER, &[identity][..], 200, ""),
        (IDENTITY_HEADER, &[identity, identity], 401, "Bearer"),
        (IDENTITY_HEADER, &[""], 401, "Bearer"),
        (header::AUTHORIZATION, &[bearer], 401, "Bearer"),
        (IDENTITY_HEADER, &[token("EdDSA is accepted")], 401, INVALID),
    ] {
        let layer = VerifyLayer::new(verifier.clone()).identity_header(IDENTITY_HEADER);
        let found = send(layer, "/", name, values).await;
        assert_eq!(
            (found.0, found.1.as_str()),
            (status, challenge),
            "{values:?}"
        );
    }
}

#[tokio::test]
async fn without_keys_the_service_is_unavailable() {
    let issuer = Issuer::start().await;
    issuer.answer(500, "");
    let good = &*format!("Bearer {}", token("EdDSA is accepted"));
    let layer = VerifyLayer::new(issuer.verifier());
    let found = send(layer, "/", header::AUTHORIZATION, &[good]).await;
    assert_eq!(found, (503, String::new(), Some("keys_unavailable")));
}

/// A service that is never ready.
#[derive(Clone)]
struct Busy;

impl Service<Request<Body>> for Busy {
    type Response = Response;
    type Error = ();
    type Future = Pending<Result<Response, ()>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ()>> {
        Poll::Pending
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        pending()
    }
}

#[tokio::test]
async fn the_layer_is_ready_when_the_service_is() {
    let mut service = VerifyLayer::new(Issuer::start().await.verifier()).layer(Busy);
    let mut context = Context::from_waker(Waker::noop());
    assert!(service.poll_ready(&mut context).is_pending());
}
