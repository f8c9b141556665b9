//! Rules about networks, returns of devices, and what was learnt about users.

use super::Log;
use crate::{
    passkey::{change, with_passkey},
    test_engine::{OPERATOR, TestEngine, from, origin},
};
use latchkey_domain::risk::NetworkVerdict;
use latchkey_engine::SignedIn;

pub(super) async fn block_and_return(log: &mut Log<'_>, test: &TestEngine) {
    let (engine, origin) = (&test.engine, &origin());
    let joan = test.registered("joan@example.com").await;
    let (joan, ..) = with_passkey(test, &joan).await;
    let user = joan.current_user.user_id;
    log.news().await;
    engine
        .rule_network(
            &OPERATOR,
            "198.51.100.0/24",
            NetworkVerdict::Block,
            None,
            origin,
        )
        .await
        .unwrap();
    log.says("rule_network").await;
    let elsewhere = from([198, 51, 100, 7]);
    let is_challenged = engine.assess_return(&joan.current_user, &elsewhere).await;
    assert!(is_challenged.unwrap());
    let assessed = log.news().await;
    assert_eq!(assessed[0].action, "device.assessed");
    type_as_ever(log, test, &joan).await;
    let proof = change(test, &joan).await;
    engine.erase_my_baseline(&proof, origin).await.unwrap();
    log.says("erase_my_baseline").await;
    engine
        .erase_baseline(&OPERATOR, user, origin)
        .await
        .unwrap();
    log.says("erase_baseline").await;
    let held = {
        let (_, uri) = test.provisioned("june@example.com").await;
        let code = test.totp(&uri);
        log.news().await;
        engine
            .register_device("june@example.com", &code, "", None, &elsewhere)
            .await
            .unwrap()
    };
    let device = held.current_user.device_id;
    engine
        .approve_any_device(&OPERATOR, device, origin)
        .await
        .unwrap();
    log.says("approve_any_device").await;
    engine
        .remove_network_rule(&OPERATOR, "198.51.100.0/24", origin)
        .await
        .unwrap();
    log.says("remove_network_rule").await;
    let rule = engine
        .rule_network(&OPERATOR, "192.0.2.9", NetworkVerdict::Allow, None, origin)
        .await
        .unwrap();
    log.news().await;
    engine
        .remove_network_rule_by_id(&OPERATOR, rule.id, origin)
        .await
        .unwrap();
    log.says("remove_network_rule_by_id").await;
}

async fn type_as_ever(log: &mut Log<'_>, test: &TestEngine, joan: &SignedIn) {
    let (engine, origin) = (&test.engine, &origin());
    let proof = change(test, joan).await;
    log.news().await;
    let line = "code h80,91,72,103,84,95 p150,131,172,143,194";
    engine
        .observing(line)
        .practise_behaviour(&proof, "joan@example.com", "271828", origin)
        .await
        .unwrap();
    log.says("practise_behaviour").await;
    engine.erase_my_behaviour(&proof, origin).await.unwrap();
    log.says("erase_my_behaviour").await;
    engine.exempt_my_behaviour(&proof, origin).await.unwrap();
    log.says("exempt_my_behaviour").await;
    engine.include_my_behaviour(&proof, origin).await.unwrap();
    log.says("include_my_behaviour").await;
}
