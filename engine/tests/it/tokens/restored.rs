//! What a restored backup does not bring back: what was approved may have been revoked since it was made.

use super::{
    native::{Native, error},
    *,
};
use latchkey_domain::pagination::ListQuery;
use latchkey_engine::{Engine, RestoreOptions, Settings};

/// The installation, restored from a backup that is made now.
async fn restored(mut native: Native, keep_sign_ins: bool) -> (Native, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let backup = dir.path().join("all.backup");
    let made = native.test.engine.back_up(&OPERATOR, &backup, true);
    made.await.unwrap();
    let mut settings = None;
    let clock = native.test.clock.clone();
    let change = |other: &mut Settings| {
        let mut changed = other.clone();
        changed.clock = clock;
        changed.database_url = None;
        changed.data_dir = dir.path().join("data");
        settings = Some(changed);
    };
    TestEngine::with(change).await;
    let settings = settings.unwrap();
    let options = RestoreOptions {
        keep_sign_ins,
        ..RestoreOptions::default()
    };
    Engine::restore(&settings, &backup, options).await.unwrap();
    native.test.engine = Engine::open(settings).await.unwrap();
    (native, dir)
}

#[tokio::test]
async fn r15_native_devices_of_before_do_not_return() {
    for keep_sign_ins in [false, true] {
        let native = Native::new().await;
        let issued = native.log_in().await;
        assert_eq!(native.ask(&issued).await, "token accepted");
        let (native, _dir) = restored(native, keep_sign_ins).await;
        assert_eq!(native.ask(&issued).await, "unknown");
        let refused = error(native.token().await);
        assert!(
            ["invalid_grant", "invalid_target"].contains(&&*refused),
            "{refused}"
        );
        let (engine, all) = (&native.test.engine, ListQuery::default());
        let left = engine.list_token_families(&OPERATOR, &all).await;
        assert_eq!(left.unwrap().total, 0);
    }
}

#[tokio::test]
async fn r15_a_code_that_waited_for_its_user_does_not_return() {
    let native = Native::new().await;
    let code = native.begin_with(&native.holder).await.unwrap();
    native.approve(&code).await.unwrap();
    let (native, _dir) = restored(native, true).await;
    let refused = native.redeem_with(&native.holder, &code).await;
    assert_eq!(error(refused), "invalid_grant");
}

#[tokio::test]
async fn r15_programs_of_before_do_not_return() {
    for keep_sign_ins in [false, true] {
        let mut native = Native::new().await;
        let program = NewClient {
            kind: ClientKind::Public,
            ..new_client("Terminal", "photos", "read")
        };
        let program = TestClient::add(&native.test.engine, program).await;
        native.client = program;
        let engine = &native.test.engine;
        let begun = engine
            .begin_device_authorization(
                native.client.credentials(),
                TokenParameters::default(),
                &ORIGIN,
            )
            .await
            .unwrap();
        native.approve(&begun).await.unwrap();
        let parameters = TokenParameters {
            grant_type: Some("urn:ietf:params:oauth:grant-type:device_code"),
            device_code: Some(begun.device_code.expose_secret()),
            ..TokenParameters::default()
        };
        let issued = native.client.request(engine, parameters).await.unwrap();
        let refresh = issued.refresh_token.unwrap();
        let access = issued.access_token.expose_secret();
        let asked = ask(engine, "photos", &native.service, access).await;
        assert_eq!(asked, "token accepted");

        let (native, _dir) = restored(native, keep_sign_ins).await;
        let engine = &native.test.engine;
        let asked = ask(engine, "photos", &native.service, access).await;
        assert_eq!(asked, "unknown");
        let parameters = TokenParameters {
            grant_type: Some("refresh_token"),
            refresh_token: Some(refresh.expose_secret()),
            ..TokenParameters::default()
        };
        let refused = native.client.request(engine, parameters).await;
        assert_eq!(error(refused), "invalid_grant");
    }
}
