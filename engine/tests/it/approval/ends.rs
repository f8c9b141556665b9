//! What ends an approval that was not collected.

use super::*;
use latchkey_domain::identity::user::Role;

/// Ada approves; then `end` happens; then nothing is collected, nor when `after` brings back what ended.
macro_rules! ends {
    ($($name:ident: $end:expr;)*) => {$(
        #[tokio::test]
        async fn $name() {
            let mut approval = Approval::new().await;
            approval.approve().await.unwrap();
            let end: fn(&Approval) -> futures_util::future::BoxFuture<'_, ()> = $end;
            end(&approval).await;
            let refusal = refused(approval.collect().await);
            assert_eq!(refusal, Refusal::ApprovalDecided);
        }
    )*};
}

ends! {
    r15_an_approval_ends_with_the_device_on_which_it_was_given: |approval| Box::pin(async move {
        approval.test.revoke(approval.ada.current_user.device_id).await;
    });
    r15_an_approval_ends_when_its_device_signs_out: |approval| Box::pin(async move {
        let ada = &approval.ada.current_user;
        approval.test.engine.sign_out(ada, &origin()).await.unwrap();
    });
    r8_an_approval_ends_when_its_user_is_disabled: |approval| Box::pin(async move {
        approval.test.disable(approval.ada.current_user.user_id).await;
    });
    r8_an_approval_does_not_come_back_when_its_user_is_enabled_again: |approval| Box::pin(async move {
        let user = approval.ada.current_user.user_id;
        approval.test.disable(user).await;
        approval.test.enable(user).await;
    });
    an_approval_ends_when_the_role_of_its_user_changes: |approval| Box::pin(async move {
        let user = approval.ada.current_user.user_id;
        approval.test.set_role(user, Role::Admin).await;
    });
    an_approval_ends_with_the_passkey_that_gave_it: |approval| Box::pin(async move {
        let ada = &approval.ada.current_user;
        let engine = &approval.test.engine;
        let passkeys = engine.my_passkeys(ada).await.unwrap();
        engine.remove_any_passkey(&OPERATOR, passkeys[0].id, &origin()).await.unwrap();
    });
}

#[tokio::test]
async fn r15_signing_out_and_in_again_brings_no_approval_back() {
    let mut approval = Approval::new().await;
    approval.approve().await.unwrap();
    let ada = approval.ada.current_user.clone();
    let engine = &approval.test.engine;
    engine.sign_out(&ada, &origin()).await.unwrap();
    let browser = Some(KnownBrowser::from(&ada));
    approval.test.wait(30);
    let code = approval.test.totp(&approval.uri);
    let again = (approval.test.register_on("ada@example.com", &code, browser)).await;
    assert_eq!(again.unwrap().current_user.device_id, ada.device_id);
    assert_eq!(refused(approval.collect().await), Refusal::ApprovalDecided);
}

#[tokio::test]
async fn an_approval_of_a_deleted_user_is_none() {
    let mut approval = Approval::new().await;
    approval.approve().await.unwrap();
    let user = approval.ada.current_user.user_id;
    (approval.test.engine)
        .delete_user(&OPERATOR, user, &origin())
        .await
        .unwrap();
    // The row is deleted with them: it is as if nobody had decided.
    assert_eq!(refused(approval.collect().await), Refusal::ApprovalPending);
}

#[tokio::test]
async fn a_device_that_was_revoked_or_disabled_meanwhile_approves_nothing() {
    for end in ["device", "user"] {
        let mut approval = Approval::new().await;
        let assertion = approval.assertion().await.unwrap();
        let ada = approval.ada.current_user.clone();
        // What the request knew before is not believed: the transaction's view decides.
        match end {
            "device" => approval.test.revoke(ada.device_id).await,
            _ => approval.test.disable(ada.user_id).await,
        }
        assert!(approval.finish(&assertion).await.is_err(), "{end}");
        assert!(approval.deny().await.is_err(), "{end}");
        assert_eq!(approval.state().await, ApprovalState::Waiting, "{end}");
    }
}

#[tokio::test]
async fn an_approval_expires_with_its_request() {
    let mut approval = Approval::new().await;
    approval.test.wait(8 * 60);
    approval.approve().await.unwrap();
    approval.test.wait(119);
    assert_eq!(approval.state().await, ApprovalState::Granted);
    approval.test.wait(1);
    assert_eq!(refused(approval.collect().await), Refusal::ApprovalExpired);
    assert_eq!(refused(approval.deny().await), Refusal::ApprovalExpired);
    let late = refused(approval.assertion().await);
    assert_eq!(late, Refusal::ApprovalExpired);
}
