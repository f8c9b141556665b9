//! Recovery codes, recoveries that are cancelled, and the operator's help.

use super::Log;
use crate::{
    passkey::change,
    test_engine::{OPERATOR, TestEngine, origin},
};

pub(super) async fn recover_and_cancel(log: &mut Log<'_>, test: &TestEngine) {
    let (engine, origin) = (&test.engine, &origin());
    let mary = test.registered("mary@example.com").await;
    log.news().await;
    let proof = change(test, &mary).await;
    let codes = engine.make_recovery_codes(&proof, origin).await.unwrap();
    log.says("make_recovery_codes").await;
    engine
        .recover(codes[0].expose_secret(), None, origin)
        .await
        .unwrap();
    log.says("recover").await;
    let proof = mary.current_user.may_cancel_recovery().unwrap();
    engine.cancel_recoveries(&proof, origin).await.unwrap();
    log.says("cancel_recoveries").await;
    engine
        .recover_user(&OPERATOR, "mary@example.com", true, origin)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    log.says("recover_user").await;
}
