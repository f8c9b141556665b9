//! The proxy doctor's device.

use crate::test_engine::{OPERATOR, TestEngine, origin};
use latchkey_domain::{access::permission::Operator, pagination::ListQuery};
use latchkey_engine::{DIAGNOSTIC_DEVICE_LIFETIME, DiagnosticDevice, Error, VerifyDecision};

async fn probe(test: &TestEngine) -> DiagnosticDevice {
    test.engine
        .create_diagnostic_device(&OPERATOR, "ada@example.com", &origin())
        .await
        .unwrap()
}

async fn enters(test: &TestEngine, token: &str, probe: &DiagnosticDevice) -> bool {
    let cookie = probe.cookie.value.expose_secret();
    let response = test
        .engine
        .verify("photos", Some(token), Some(cookie))
        .await;
    matches!(response, VerifyDecision::Granted(_))
}

#[tokio::test]
async fn a_diagnostic_device_is_granted_until_revoked_and_both_are_logged() {
    let test = TestEngine::new().await;
    test.registered("ada@example.com").await;
    let photos = test.service("photos").await;
    test.grant("ada@example.com", "photos", "").await;
    let probe = probe(&test).await;
    assert!(enters(&test, &photos, &probe).await);
    test.revoke(probe.device).await;
    assert!(!enters(&test, &photos, &probe).await);
    let log = test
        .engine
        .list_events(&OPERATOR, &ListQuery::default())
        .await
        .unwrap();
    let shown: Vec<_> = (log.items.iter())
        .map(|event| {
            (
                event.action.as_str(),
                event.actor.as_str(),
                event.target_name.as_str(),
            )
        })
        .collect();
    assert_eq!(
        shown[..2],
        [
            ("device.revoked", "operator", "proxy doctor"),
            ("device.probed", "operator", "proxy doctor")
        ]
    );
}

#[tokio::test]
async fn a_diagnostic_device_expires_and_pages_neither_accept_nor_renew_it() {
    let test = TestEngine::new().await;
    test.registered("ada@example.com").await;
    let photos = test.service("photos").await;
    test.grant("ada@example.com", "photos", "").await;
    let probe = probe(&test).await;
    let cookie = probe.cookie.value.expose_secret();
    assert!(
        test.engine
            .authenticate(Some(cookie), None)
            .await
            .unwrap()
            .current_user
            .is_none()
    );
    test.wait(DIAGNOSTIC_DEVICE_LIFETIME.whole_seconds() - 1);
    assert!(enters(&test, &photos, &probe).await);
    test.wait(1);
    assert!(!enters(&test, &photos, &probe).await);
}

#[tokio::test]
async fn diagnostic_devices_are_made_for_existing_users() {
    let test = TestEngine::new().await;
    let ada = test.registered("ada@example.com").await;
    let operator = Operator;
    for email in ["grace@example.com", "not an address"] {
        let made = test
            .engine
            .create_diagnostic_device(&operator, email, &origin())
            .await;
        assert!(matches!(made, Err(Error::NotFound(_))), "{email}");
    }
    test.disable(ada.current_user.user_id).await;
    let made = test
        .engine
        .create_diagnostic_device(&operator, "ada@example.com", &origin())
        .await;
    assert!(matches!(made, Err(Error::BadInput { field: "email", .. })));
    assert_eq!(
        test.engine
            .devices_of(&operator, ada.current_user.user_id)
            .await
            .unwrap()
            .len(),
        1
    );
}
