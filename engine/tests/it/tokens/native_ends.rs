//! How native devices end, and who cannot have one.

use super::{
    bound::proven,
    native::{Native, error},
    *,
};
use crate::passkey::change;
use latchkey_domain::identity::user::Role;
use latchkey_engine::{Conflict, Error};
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn r15_must_survive_17_a_native_device_that_is_revoked_while_it_redeems_has_no_access() {
    for _ in 0..5 {
        let native = Arc::new(Native::new().await);
        let code = native.begin_with(&native.holder).await.unwrap();
        native.approve(&code).await.unwrap();
        let redeem = {
            let native = Arc::clone(&native);
            tokio::spawn(async move { native.redeem_with(&native.holder, &code).await })
        };
        // The device on which it was approved.
        native.test.revoke(native.ada.current_user.device_id).await;
        let issued = redeem.await.unwrap();
        if let Ok(issued) = &issued {
            assert_eq!(native.ask(issued).await, "unknown");
        }
        assert!(native.token().await.is_err());
        let devices = native.native_devices().await;
        assert!(devices.iter().all(|device| device.revoked_at.is_some()));
    }
}

#[tokio::test]
async fn r15_must_survive_17_a_native_device_ends_with_everything_that_it_rests_on() {
    async fn ends(what: &str, end: impl AsyncFn(&Native)) {
        let native = Native::new().await;
        let issued = native.log_in().await;
        assert_eq!(native.ask(&issued).await, "token accepted", "{what}");
        end(&native).await;
        assert_eq!(native.ask(&issued).await, "unknown", "{what}");
        let refused = error(native.token().await);
        assert!(
            ["invalid_grant", "invalid_target"].contains(&&*refused),
            "{what}: {refused}"
        );
    }
    ends("it is revoked", async |native| {
        let device = native.native_devices().await[0].id;
        let proof = change(&native.test, &native.ada).await;
        let revoked = (native.test.engine).revoke_my_device(&proof, device, &[], &ORIGIN);
        revoked.await.unwrap();
    })
    .await;
    ends(
        "the device is revoked on which it was approved",
        async |native| {
            native.test.revoke(native.ada.current_user.device_id).await;
            assert!(native.native_devices().await[0].revoked_at.is_some());
        },
    )
    .await;
    ends("the user is disabled and enabled", async |native| {
        let user = native.ada.current_user.user_id;
        native.test.disable(user).await;
        native.test.enable(user).await;
    })
    .await;
    ends("all sign-ins end", async |native| {
        let user = native.ada.current_user.user_id;
        native.test.set_role(user, Role::Admin).await;
    })
    .await;
    ends("the grant is removed", async |native| {
        let engine = &native.test.engine;
        let removed = engine.remove_grant(&OPERATOR, "ada@example.com", "photos", &ORIGIN);
        removed.await.unwrap();
    })
    .await;
    ends("the service accepts none any more", async |native| {
        let engine = &native.test.engine;
        let reusable = TokenUse::Reusable;
        let changed = engine.change_access_tokens(
            &OPERATOR,
            "photos",
            NewAccessTokens::new("read write", reusable),
            &ORIGIN,
        );
        changed.await.unwrap();
    })
    .await;
    ends("its program logs out", async |native| {
        let assertion = native.assertion_with(json!({}));
        let engine = &native.test.engine;
        let revoked = engine.revoke_token(native.client.credentials(), &assertion, &ORIGIN);
        revoked.await.unwrap();
        assert!(native.native_devices().await[0].revoked_at.is_some());
    })
    .await;
}

#[tokio::test]
async fn signing_out_on_the_approving_device_leaves_a_native_device() {
    let native = Native::new().await;
    let issued = native.log_in().await;
    let user = &native.ada.current_user;
    native.test.engine.sign_out(user, &ORIGIN).await.unwrap();
    assert_eq!(native.ask(&issued).await, "token accepted");
    assert!(native.token().await.is_ok());
}

#[tokio::test]
async fn a_revoked_key_is_not_approved_again_nor_by_another_user() {
    let native = Native::new().await;
    native.log_in().await;
    // Eve approves what Ada's key asks for: a key is one user's.
    let eve = native.test.registered("eve@example.com").await;
    let (eve, ..) = crate::passkey::with_passkey(&native.test, &eve).await;
    native.test.grant("eve@example.com", "photos", "").await;
    let code = native.begin_with(&native.holder).await.unwrap();
    let proof = change(&native.test, &eve).await;
    let engine = &native.test.engine;
    let approved = engine.approve_authorization(&proof, &code.user_code, &ORIGIN);
    approved.await.unwrap();
    let refused = native.redeem_with(&native.holder, &code).await;
    assert_eq!(error(refused), "invalid_grant");
    assert!(native.token().await.is_ok(), "Ada's is as it was");

    let waiting = native.begin_with(&native.holder).await.unwrap();
    native.approve(&waiting).await.unwrap();
    let device = native.native_devices().await[0].id;
    native.test.revoke(device).await;
    let refused = native.redeem_with(&native.holder, &waiting).await;
    assert_eq!(error(refused), "invalid_grant");
    let refused = native.begin_with(&native.holder).await.unwrap_err();
    assert_eq!(refused.to_string(), "invalid_grant");
}

#[tokio::test]
async fn a_service_accepts_native_devices_only_if_it_says_so() {
    let native = Native::new().await;
    native.test.service("wiki").await;
    native.test.grant("ada@example.com", "wiki", "").await;
    native.log_in().await;
    let proof = native.holder.token_proof(&native.test);
    let parameters = TokenParameters {
        audience: Some("wiki"),
        proof: proven(&proof),
        ..TokenParameters::default()
    };
    let engine = &native.test.engine;
    let credentials = native.client.credentials();
    let begun = engine.begin_device_authorization(credentials, parameters, &ORIGIN);
    assert_eq!(begun.await.unwrap_err().to_string(), "invalid_target");
    // The client is no one's to add, to see among theirs, or to delete.
    let listed = engine.list_clients(&OPERATOR, &Default::default()).await;
    assert_eq!(listed.unwrap().total, 0);
    let shown = engine.client(&OPERATOR, &native.client.id).await.unwrap();
    assert_eq!(shown.audiences.len(), 1);
    let deleted = engine.delete_client(&OPERATOR, &native.client.id, &ORIGIN);
    assert!(matches!(
        deleted.await,
        Err(Error::Conflict {
            reason: Conflict::CommandLineClient,
            ..
        })
    ));
}
