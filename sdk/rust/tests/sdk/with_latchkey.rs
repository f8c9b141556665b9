//! The SDK with a real server: the whole life of a token, from its issue to the server's end.

mod server;

use latchkey_client::{Denied, Error, Verifier};
use latchkey_jose::TokenError;
use server::{SCOPE, Server, header_of};
use std::time::Duration;

#[tokio::test]
#[ignore = "needs a server: cargo xtask test sdk"]
async fn the_life_of_a_token() {
    let server = Server::connect();
    let (id, secret) = (&*server.client_id, &*server.client_secret);
    let verifier = server.verifier("photos");
    let service = server.service("photos", "SERVICE_TOKEN");
    let other_service = server.service("mail", "OTHER_SERVICE_TOKEN");
    let token = server.issue().await;

    // It is accepted.
    let claims = verifier.access_token(&token).await.unwrap();
    let accepted = service.verify_token(&token).await.unwrap();
    let said = verifier.introspect(id, secret, &token).await.unwrap();
    assert_eq!((&*claims.subject, &*accepted.client_id), (id, id));
    assert!(claims.require(SCOPE).is_ok() && accepted.scopes.contains(SCOPE));
    assert_eq!(claims.id.as_deref(), Some(&*accepted.id));
    assert_eq!(said["jti"], accepted.id);
    assert_eq!(claims.expires_at - claims.issued_at, 120);

    // Others are refused.
    for (token, reason) in [
        (server.expired_token.clone(), TokenError::Expired),
        (server::tampered(&token), TokenError::Signature),
        (server::unsigned(&token), TokenError::Algorithm),
        (
            server.signed_with_the_public_key(&token).await,
            TokenError::Algorithm,
        ),
    ] {
        assert_eq!(verifier.access_token(&token).await, Err(reason.into()));
        let said = verifier.introspect(id, secret, &token).await;
        assert_eq!(said, Err(Error::Inactive));
        let found = service.verify_token(&token).await;
        assert_eq!(found, Err(Denied::Unauthenticated));
    }
    let mail = server.verifier("mail");
    let audience = Error::from(TokenError::Audience);
    assert_eq!(mail.access_token(&token).await, Err(audience.clone()));
    assert_eq!(mail.introspect(id, secret, &token).await, Err(audience));
    let found = other_service.verify_token(&token).await;
    assert_eq!(found, Err(Denied::Unauthenticated));
    let keys = server.jwks_url();
    let elsewhere = Verifier::with_jwks_url("https://login.example.com", "photos", &keys).unwrap();
    let found = elsewhere.access_token(&token).await;
    assert_eq!(found, Err(TokenError::Issuer.into()));
    let said = verifier.introspect(id, "wrong", &token).await;
    assert_eq!(said, Err(Error::Unavailable));

    // A user is verified.
    let cookie = &*server.cookie;
    let user = service.verify_user(cookie).await.unwrap();
    assert_eq!(user.email.as_deref(), Some("grace@example.com"));
    assert_eq!(user.assurance, "registered");
    let found = service.verify_user(&format!("{cookie}x")).await;
    assert_eq!(found, Err(Denied::Unauthenticated));
    let found = other_service.verify_user(cookie).await;
    assert_eq!(found, Err(Denied::NoAccess));
    let mistaken = server.service("mail", "SERVICE_TOKEN");
    let found = mistaken.verify_user(cookie).await;
    assert_eq!(found, Err(Denied::ServiceNotFound));

    // Revocation is noticed by the server only.
    let revoked = server.issue().await;
    service.verify_token(&revoked).await.unwrap();
    server.revoke(&revoked).await;
    let found = service.verify_token(&revoked).await;
    assert_eq!(found, Err(Denied::Unauthenticated));
    let said = verifier.introspect(id, secret, &revoked).await;
    assert_eq!(said, Err(Error::Inactive));
    verifier.access_token(&revoked).await.unwrap();

    // New keys are followed.
    server::rotate_keys();
    let new = tokio::time::timeout(Duration::from_secs(30), new_key(&server, &token)).await;
    let new = new.expect("the server reads its keys every ten seconds");
    verifier.access_token(&new).await.unwrap();
    let found = verifier.access_token(&token).await;
    assert_eq!(found, Err(TokenError::KeyId.into()));

    // An outage is survived.
    server::stop();
    verifier.access_token(&new).await.unwrap();
    let found = server.verifier("photos").access_token(&new).await;
    assert_eq!(found, Err(Error::KeysUnavailable));
    let said = verifier.introspect(id, secret, &new).await;
    assert_eq!(said, Err(Error::Unavailable));
    let found = service.verify_token(&new).await;
    assert_eq!(found, Err(Denied::Unavailable(None)));
}

/// Asks for tokens until one is signed with another key than this one.
async fn new_key(server: &Server, old: &str) -> String {
    loop {
        let token = server.issue().await;
        if header_of(&token) != header_of(old) {
            return token;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
