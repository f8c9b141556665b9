//! The proxy doctor's device.

use crate::world::{World, origin};
use latchkey_domain::{
    access::{Administrator, Denial},
    list::ListQuery,
};
use latchkey_engine::{DIAGNOSTIC_DEVICE_LIFETIME, DiagnosticDevice, Error, VerifyDecision};

async fn probe(world: &World) -> DiagnosticDevice {
    world
        .engine
        .create_diagnostic_device(&Administrator::Operator, "ada@example.com", &origin())
        .await
        .unwrap()
}

async fn enters(world: &World, token: &str, probe: &DiagnosticDevice) -> bool {
    let cookie = probe.cookie.value.expose_secret();
    let answer = world
        .engine
        .verify("photos", Some(token), Some(cookie))
        .await;
    matches!(answer, VerifyDecision::Granted(_))
}

#[tokio::test]
async fn a_probe_enters_a_service_until_it_is_revoked_and_the_log_tells_of_both() {
    let world = World::new().await;
    world.registered("ada@example.com").await;
    let photos = world.service("photos").await;
    world.grant("ada@example.com", "photos", "").await;
    let probe = probe(&world).await;
    assert!(enters(&world, &photos, &probe).await);
    world
        .engine
        .revoke_device(&Administrator::Operator, probe.device, &[], &origin())
        .await
        .unwrap();
    assert!(!enters(&world, &photos, &probe).await);
    let log = world
        .engine
        .list_events(&Administrator::Operator, &ListQuery::default())
        .await
        .unwrap();
    let told: Vec<_> = (log.items.iter())
        .map(|event| {
            (
                event.action.as_str(),
                event.actor.as_str(),
                event.target_name.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told[..2],
        [
            ("device.revoked", "operator", "proxy doctor"),
            ("device.probed", "operator", "proxy doctor")
        ]
    );
}

#[tokio::test]
async fn a_probe_ends_by_itself_and_the_pages_neither_know_nor_renew_it() {
    let world = World::new().await;
    world.registered("ada@example.com").await;
    let photos = world.service("photos").await;
    world.grant("ada@example.com", "photos", "").await;
    let probe = probe(&world).await;
    let cookie = probe.cookie.value.expose_secret();
    assert!(
        world
            .engine
            .authenticate(Some(cookie), None)
            .await
            .unwrap()
            .current_user
            .is_none()
    );
    world.wait(DIAGNOSTIC_DEVICE_LIFETIME.whole_seconds() - 1);
    assert!(enters(&world, &photos, &probe).await);
    world.wait(1);
    assert!(!enters(&world, &photos, &probe).await);
}

#[tokio::test]
async fn an_administrator_in_a_browser_makes_no_device_for_others_and_nobody_makes_one_of_a_stranger()
 {
    let world = World::new().await;
    let ada = world.registered("ada@example.com").await;
    let operator = Administrator::Operator;
    let person = Administrator::Person(world.current_user(&ada).await.unwrap());
    let made = world
        .engine
        .create_diagnostic_device(&person, "ada@example.com", &origin())
        .await;
    assert!(matches!(made, Err(Error::Denied(Denial::Forbidden))));
    let crowd = world.engine.seed_users(&person, &[], 1, &[]).await;
    assert!(matches!(crowd, Err(Error::Denied(Denial::Forbidden))));
    for email in ["grace@example.com", "not an address"] {
        let made = world
            .engine
            .create_diagnostic_device(&operator, email, &origin())
            .await;
        assert!(matches!(made, Err(Error::NotFound(_))), "{email}");
    }
    world
        .engine
        .disable_user(&operator, ada.current_user.user_id, &origin())
        .await
        .unwrap();
    let made = world
        .engine
        .create_diagnostic_device(&operator, "ada@example.com", &origin())
        .await;
    assert!(matches!(made, Err(Error::BadInput { field: "email", .. })));
    assert_eq!(
        world
            .engine
            .devices_of(&operator, ada.current_user.user_id)
            .await
            .unwrap()
            .len(),
        1
    );
}
