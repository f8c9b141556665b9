use super::*;
use crate::{RequestOrigin, VerifyDecision, test_engine::TestEngine};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use latchkey_domain::{access::permission::Operator, id::ClientId};
use serde_json::Value;
use time::Duration;
use uuid::Uuid;

/// A user who was granted access to `photos`.
struct Ada {
    test: TestEngine,
    granted: Granted,
}

impl Ada {
    async fn new() -> Self {
        let test = TestEngine::new().await;
        let [cookie] = test.users(["ada@example.com"]).await;
        let VerifyDecision::Granted(granted) = test.ask(&cookie).await else {
            panic!("access");
        };
        Self { test, granted }
    }

    /// The assertion of a request on a device of hers, at this many seconds after her first.
    fn assertion_after(&self, seconds: i64, device: u128) -> Arc<str> {
        let now = self.test.clock.now() + Duration::seconds(seconds);
        let device = DeviceId::from_uuid(Uuid::from_u128(device));
        let engine = &self.test.engine;
        let made = engine.assertion(device, &self.granted, &photos(), now);
        made.unwrap().unwrap()
    }

    fn kept(&self) -> Vec<DeviceId> {
        let kept = self.granted.grant().unwrap().assertions();
        kept.iter().map(|kept| kept.device).collect()
    }
}

fn photos() -> ServiceName {
    ServiceName::parse("photos").unwrap()
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

#[tokio::test]
async fn audit_22_an_assertion_is_used_again_for_the_same_facts_and_key_only() {
    let mut ada = Ada::new().await;
    let first = ada.assertion_after(0, 1);
    assert!(Arc::ptr_eq(&first, &ada.assertion_after(0, 1)));
    let before = std::mem::replace(&mut ada.granted.assurance, Assurance::Passkey);
    assert_ne!(first, ada.assertion_after(0, 1));
    ada.granted.assurance = before;
    let (operator, nobody) = (Operator, RequestOrigin::default());
    let engine = &ada.test.engine;
    let rotated = engine.rotate_key(&operator, KeyPurpose::IdentityToken, true, &nobody);
    rotated.await.unwrap();
    let second = ada.assertion_after(0, 1);
    assert_ne!(first, second);
    assert!(Arc::ptr_eq(&second, &ada.assertion_after(0, 1)));
}

#[tokio::test]
async fn an_assertion_is_good_for_a_minute_and_used_again_for_half_of_it() {
    let ada = Ada::new().await;
    let first = ada.assertion_after(0, 1);
    let (stated, now) = (claims(&first), ada.test.clock.now().unix_timestamp());
    assert_eq!(
        [&stated["iat"], &stated["nbf"], &stated["exp"]],
        [now, now, now + 60]
    );
    for (seconds, is_used_again) in [(0, true), (30, true), (31, false), (-1, false)] {
        let ada = Ada::new().await;
        let first = ada.assertion_after(0, 1);
        let then = ada.assertion_after(seconds, 1);
        assert_eq!(Arc::ptr_eq(&first, &then), is_used_again, "{seconds} s");
    }
}

#[tokio::test]
async fn the_assertions_of_devices_in_use_are_kept_and_no_others() {
    let ada = Ada::new().await;
    let device = |number| DeviceId::from_uuid(Uuid::from_u128(number));
    ada.assertion_after(0, 1);
    ada.assertion_after(20, 2);
    assert_eq!(ada.kept(), [device(1), device(2)]);
    // The first one's is no longer good for long enough; the second one's is.
    ada.assertion_after(40, 3);
    assert_eq!(ada.kept(), [device(2), device(3)]);
    // One that is made again replaces the former.
    ada.assertion_after(60, 2);
    assert_eq!(ada.kept(), [device(3), device(2)]);
    for number in 4..=10 {
        ada.assertion_after(60, number);
    }
    assert_eq!(ada.kept(), [2, 4, 5, 6, 7, 8, 9, 10].map(device));
}

#[tokio::test]
async fn the_assertion_of_an_access_token_ends_with_it_at_the_latest() {
    let test = TestEngine::new().await;
    let now = test.clock.now();
    for (left, expected) in [(90, 60), (60, 60), (10, 10)] {
        let accepted = AcceptedToken {
            rests_on: String::new(),
            client: ClientId::from_uuid(Uuid::from_u128(1)),
            user: None,
            scopes: "read".parse().unwrap(),
            id: String::new(),
            issued_at: now.unix_timestamp(),
            expires_at: now.unix_timestamp() + left,
            has_old_nonce: false,
        };
        let made = (test.engine).token_assertion(&accepted, &photos(), now);
        let stated = claims(&made.unwrap());
        assert_eq!(stated["exp"], now.unix_timestamp() + expected);
        assert_eq!(
            (&stated["sub"], &stated["aud"], &stated["scope"]),
            (&stated["client_id"], &"photos".into(), &"read".into())
        );
    }
}
