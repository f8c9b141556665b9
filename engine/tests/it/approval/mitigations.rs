//! The mitigations of RFC 10027 §6.1 that the engine has, one test each; docs/add-a-device.md has the table.

use super::*;
use crate::test_engine::CLIENT;
use latchkey_domain::{
    identity::approval::{LIFETIME, Unusual},
    identity::device::Assurance,
    notification::NotificationKind,
    pagination::ListQuery,
};

#[tokio::test]
async fn rfc10027_proximity_a_request_from_another_network_is_marked() {
    let approval = Approval::new().await;
    let ada = &approval.ada.current_user;
    for (here, is_near) in [([192, 0, 2, 7], true), ([198, 51, 100, 1], false)] {
        let asked = (approval.test.engine)
            .asked_approval(ada, &approval.asking.link, None, &from(here))
            .await
            .unwrap();
        assert_eq!(asked.is_same_network, is_near);
        assert_eq!(!asked.unusual.contains(&Unusual::Network), is_near);
    }
}

#[tokio::test]
async fn rfc10027_short_lived_codes_a_link_ends_after_ten_minutes() {
    let approval = Approval::new().await;
    let (engine, ada) = (&approval.test.engine, &approval.ada.current_user);
    let ask = async || {
        let link = &approval.asking.link;
        (engine.asked_approval(ada, link, None, &origin())).await
    };
    approval.test.wait(LIFETIME.whole_seconds() - 1);
    assert!(ask().await.is_ok());
    approval.test.wait(1);
    assert_eq!(refused(ask().await), Refusal::ApprovalExpired);
}

#[tokio::test]
async fn rfc10027_one_time_codes_a_link_is_decided_once() {
    let mut approval = Approval::new().await;
    approval.approve().await.unwrap();
    assert_eq!(refused(approval.approve().await), Refusal::ApprovalDecided);
    assert_eq!(refused(approval.deny().await), Refusal::ApprovalDecided);
    // Nor by another user.
    let eve = approval.test.registered("eve@example.com").await;
    let (engine, link) = (&approval.test.engine, &approval.asking.link);
    let denied = engine.deny_approval(&eve.current_user, link, &CLIENT);
    assert_eq!(refused(denied.await), Refusal::ApprovalDecided);
    assert_eq!(approval.state().await, ApprovalState::Granted);
}

#[tokio::test]
async fn rfc10027_unique_codes_no_two_requests_share_anything() {
    let approval = Approval::new().await;
    let engine = &approval.test.engine;
    let mut seen = std::collections::HashSet::new();
    for _ in 0..50 {
        let asking = engine.begin_approval(&asking_origin()).unwrap();
        let ticket = asking.ticket.expose_secret().to_owned();
        assert!(seen.insert(asking.link) && seen.insert(ticket) && seen.insert(asking.name));
    }
}

#[tokio::test]
async fn rfc10027_content_filtering_no_message_and_no_entry_carries_a_link_or_a_number() {
    let mut approval = Approval::new().await;
    approval.deny().await.unwrap();
    let denied = approval.asking.clone();
    approval.asking = approval
        .test
        .engine
        .begin_approval(&asking_origin())
        .unwrap();
    approval.approve().await.unwrap();
    approval.collect().await.unwrap();
    let (engine, ada) = (&approval.test.engine, &approval.ada.current_user);
    let told = engine.my_notifications(ada, &ListQuery::default()).await;
    let logged = engine.list_events(&OPERATOR, &ListQuery::default()).await;
    let text = format!("{:?} {:?}", told.unwrap(), logged.unwrap().items);
    for asking in [&denied, &approval.asking] {
        assert!(!text.contains(&asking.link) && !text.contains(asking.ticket.expose_secret()));
    }
}

#[tokio::test]
async fn rfc10027_detect_and_remediate_a_user_is_told_of_a_request_that_was_not_approved() {
    for is_wrong_number in [false, true] {
        let approval = Approval::new().await;
        let (engine, ada) = (&approval.test.engine, &approval.ada.current_user);
        match is_wrong_number {
            false => approval.deny().await.unwrap(),
            true => {
                let (link, number) = (&approval.asking.link, approval.wrong_number().await);
                let picked = engine.pick_approval_number(ada, link, number, None, &CLIENT);
                assert_eq!(refused(picked.await), Refusal::WrongNumber);
            }
        }
        assert_eq!(approval.state().await, ApprovalState::Ended);
        let told = engine.my_unread_notifications(ada).await.unwrap();
        let newest = told
            .iter()
            .find(|one| one.kind == NotificationKind::ApprovalDenied);
        assert_eq!(newest.unwrap().subject, "Firefox on Linux");
        let detail = match is_wrong_number {
            false => "Firefox on Linux from 192.0.2.7",
            true => "Firefox on Linux from 192.0.2.7: wrong number",
        };
        let expected = ("device.approval_denied".to_owned(), detail.to_owned());
        assert_eq!(approval.last_actions(1).await, [expected]);
    }
}

#[tokio::test]
async fn rfc10027_trusted_devices_only_an_approved_device_of_a_user_with_a_passkey_approves() {
    let approval = Approval::new().await;
    let limited = approval.limited_device().await;
    let picked = approval.picked_by(&limited).await;
    assert!(matches!(picked, Err(Error::Denied(Denial::NotApproved))));
}

#[tokio::test]
async fn rfc10027_limited_scopes_an_approved_device_has_no_passkey_assurance() {
    let mut approval = Approval::new().await;
    approval.approve().await.unwrap();
    let signed_in = approval.collect().await.unwrap();
    let devices = (approval.test.engine)
        .my_devices(&signed_in.current_user)
        .await
        .unwrap();
    assert_eq!(devices[0].id, signed_in.current_user.device_id);
    assert_eq!(devices[0].assurance, Assurance::Registered);
}

#[tokio::test]
async fn rfc10027_short_lived_tokens_the_sign_in_ends_as_any_other() {
    let mut approval = Approval::new().await;
    approval.approve().await.unwrap();
    let signed_in = approval.collect().await.unwrap();
    let sign_in = signed_in.current_user.sign_in.unwrap();
    let role = signed_in.current_user.role;
    assert!(sign_in.is_live(role, approval.test.engine.now()));
    approval.test.wait(60 * 60 + 1);
    assert!(!sign_in.is_live(role, approval.test.engine.now()));
}

#[tokio::test]
async fn rfc10027_rate_limits_asking_and_waiting_write_nothing() {
    let approval = Approval::new().await;
    let before = approval.test.entries().await;
    for _ in 0..20 {
        let asking = approval
            .test
            .engine
            .begin_approval(&asking_origin())
            .unwrap();
        let ticket = asking.ticket.expose_secret();
        (approval.test.engine.asking_browser(ticket)).await.unwrap();
        let collected = (approval.test.engine)
            .collect_approval(ticket, None, &asking_origin())
            .await;
        assert_eq!(refused(collected), Refusal::ApprovalPending);
    }
    assert_eq!(approval.test.entries().await, before);
}

#[tokio::test]
async fn rfc10027_sender_constrained_whoever_has_the_link_cannot_collect() {
    let mut approval = Approval::new().await;
    approval.approve().await.unwrap();
    let (engine, link) = (&approval.test.engine, &approval.asking.link);
    let collected = engine.collect_approval(link, None, &origin()).await;
    assert_eq!(refused(collected), Refusal::ApprovalExpired);
    assert!(engine.asking_browser(link).await.is_err());
    assert!(approval.collect().await.is_ok());
}

#[tokio::test]
async fn rfc10027_request_verification_another_number_than_the_shown_one_ends_the_request() {
    let mut approval = Approval::new().await;
    let (wrong, right) = (approval.wrong_number().await, approval.asking.number);
    approval.asking.number = wrong;
    assert_eq!(refused(approval.assertion().await), Refusal::WrongNumber);
    approval.asking.number = right;
    assert_eq!(
        refused(approval.assertion().await),
        Refusal::ApprovalDecided
    );
    assert_eq!(refused(approval.collect().await), Refusal::ApprovalDecided);
}

#[tokio::test]
async fn rfc10027_request_binding_the_challenge_is_that_of_one_request_and_one_nonce() {
    let approval = Approval::new().await;
    let picked = approval.picked_by(&approval.ada).await.unwrap();
    let begin = async || {
        let ada = &approval.ada.current_user;
        let begun = approval.test.engine.begin_approval_assertion(ada, &picked);
        begun.await.unwrap()
    };
    let (_, first) = begin().await;
    let (_, second) = begin().await;
    assert_eq!(first.public_key.challenge.len(), 32);
    assert_ne!(first.public_key.challenge, second.public_key.challenge);
}
