//! Recovery codes, recoveries that are cancelled, and the operator's help.

use super::Log;
use crate::{
    passkey::change,
    test_engine::{OPERATOR, TestEngine, origin},
};
use latchkey_engine::MailContent;

pub(super) async fn recover_and_cancel(log: &mut Log<'_>, test: &TestEngine) {
    let (engine, origin) = (&test.engine, &origin());
    let mary = test.registered("mary@example.com").await;
    log.news().await;
    let proof = change(test, &mary).await;
    let codes = engine.make_recovery_codes(&proof, origin).await.unwrap();
    log.says("make_recovery_codes").await;
    let phone = engine
        .recover(codes[0].expose_secret(), None, origin)
        .await
        .unwrap();
    log.says("recover").await;
    let proof = phone.current_user.may_confirm_recovery(engine.now());
    let proof = proof.unwrap();
    engine.send_recovery_mail(&proof, origin).await.unwrap();
    log.says("send_recovery_mail").await;
    let code = loop {
        let mail = engine.take_due_mail().await.unwrap().unwrap();
        if let MailContent::RecoveryConfirmation { code, .. } = mail.content {
            break code;
        }
    };
    let code = code.expose_secret();
    engine.confirm_recovery(&proof, code, origin).await.unwrap();
    log.says("confirm_recovery").await;
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
