//! Rules about networks, returns of devices, and what was learnt about users.

use super::Log;
use crate::{
    passkey::{change, with_passkey},
    test_engine::{OPERATOR, TestEngine, from, origin},
};
use latchkey_domain::risk::NetworkVerdict;

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
    log.says("assess_return").await;
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
}
