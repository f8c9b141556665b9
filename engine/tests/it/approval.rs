//! Approving a browser from another device.

mod attacks;
mod ends;
mod mitigations;

use crate::{
    passkey::{answer, with_passkey},
    test_engine::{OPERATOR, START, TestEngine, from, origin},
};
use latchkey_domain::{
    access::permission::Denial, identity::approval::ApprovalState, notification::NotificationKind,
};
use latchkey_engine::{
    ApprovalObstacle, AskingBrowser, Error, KnownBrowser, Refusal, RegisterPublicKeyCredential,
    RequestOrigin, Result, SignedIn,
};
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

/// The browser that asks, as it describes itself.
pub(crate) fn asking_origin() -> RequestOrigin {
    RequestOrigin {
        user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
            .to_owned(),
        ..from([192, 0, 2, 7])
    }
}

/// Ada on a device with a passkey, and a browser that asks her.
pub(crate) struct Approval {
    pub(crate) test: TestEngine,
    /// Of her authenticator app.
    uri: String,
    pub(crate) ada: SignedIn,
    pub(crate) credential: RegisterPublicKeyCredential,
    pub(crate) authenticator: SoftPasskey,
    pub(crate) asking: AskingBrowser,
}

impl Approval {
    pub(crate) async fn new() -> Self {
        Self::on(TestEngine::new().await).await
    }

    pub(crate) async fn on(test: TestEngine) -> Self {
        let (_, uri) = test.provisioned("ada@example.com").await;
        let first = test.sign_in("ada@example.com", &uri).await;
        let (ada, credential, authenticator) = with_passkey(&test, &first).await;
        let asking = test.engine.begin_approval(&asking_origin()).unwrap();
        Self {
            test,
            uri,
            ada,
            credential,
            authenticator,
            asking,
        }
    }

    pub(crate) fn ticket(&self) -> &str {
        self.asking.ticket.expose_secret()
    }

    /// A number that is offered and not shown.
    pub(crate) async fn wrong_number(&self) -> u8 {
        let asked = (self.test.engine)
            .asked_approval(&self.ada.current_user, &self.asking.link, None, &origin())
            .await
            .unwrap();
        let mut offered = asked.offered.into_iter();
        offered
            .find(|number| *number != self.asking.number)
            .unwrap()
    }

    /// What a user gets for the number in [`Self::asking`].
    pub(crate) async fn picked_by(&self, user: &SignedIn) -> Result<String> {
        let (user, asking) = (&user.current_user, &self.asking);
        (self.test.engine)
            .pick_approval_number(user, &asking.link, asking.number, None, &origin())
            .await
    }

    /// The passkey's answer to the challenge of this request.
    pub(crate) async fn assertion(
        &mut self,
    ) -> Result<(String, latchkey_engine::PublicKeyCredential)> {
        let picked = self.picked_by(&self.ada).await?;
        let (handle, options) = (self.test.engine)
            .begin_approval_assertion(&self.ada.current_user, &picked)
            .await?;
        let answer = answer(
            options,
            &self.ada,
            &self.credential,
            &mut self.authenticator,
        );
        Ok((handle.text.expose_secret().to_owned(), answer))
    }

    pub(crate) async fn finish(
        &self,
        (handle, answer): &(String, latchkey_engine::PublicKeyCredential),
    ) -> Result<()> {
        (self.test.engine)
            .finish_approval(&self.ada.current_user, Some(handle), answer, &origin())
            .await
    }

    pub(crate) async fn approve(&mut self) -> Result<()> {
        let assertion = self.assertion().await?;
        self.finish(&assertion).await
    }

    pub(crate) async fn deny(&self) -> Result<()> {
        (self.test.engine)
            .deny_approval(&self.ada.current_user, &self.asking.link, &origin())
            .await
    }

    pub(crate) async fn collect(&self) -> Result<SignedIn> {
        self.collect_on(None).await
    }

    pub(crate) async fn collect_on(&self, browser: Option<KnownBrowser>) -> Result<SignedIn> {
        (self.test.engine)
            .collect_approval(self.ticket(), browser, &asking_origin())
            .await
    }

    /// A device that Ada registers with a code, beside her passkey.
    pub(crate) async fn limited_device(&self) -> SignedIn {
        self.test.wait(30);
        let limited = self.test.sign_in("ada@example.com", &self.uri).await;
        assert!(limited.current_user.limit.is_limited());
        limited
    }

    pub(crate) async fn state(&self) -> ApprovalState {
        let asking = self.test.engine.asking_browser(self.ticket()).await;
        asking.unwrap().state
    }

    /// The actions of the newest entries of the audit log, the oldest first.
    pub(crate) async fn last_actions(&self, count: usize) -> Vec<(String, String)> {
        let events = (self.test.engine)
            .list_events(
                &OPERATOR,
                &latchkey_domain::pagination::ListQuery::default(),
            )
            .await
            .unwrap();
        let newest = events.items.into_iter().take(count);
        let mut newest: Vec<_> = newest.map(|event| (event.action, event.detail)).collect();
        newest.reverse();
        newest
    }
}

pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn audit_45_a_browser_becomes_a_device_once_its_number_was_picked_and_a_passkey_approved_it()
{
    let mut approval = Approval::new().await;
    assert_eq!(approval.state().await, ApprovalState::Waiting);
    assert_eq!(refused(approval.collect().await), Refusal::ApprovalPending);
    approval.approve().await.unwrap();
    assert_eq!(approval.state().await, ApprovalState::Granted);
    let signed_in = approval.collect().await.unwrap();
    let (new, ada) = (&signed_in.current_user, &approval.ada.current_user);
    assert!(signed_in.is_new_device && new.device_id != ada.device_id);
    assert_eq!(new.user_id, ada.user_id);
    // It counts as approved, and not as if a passkey had been used on it.
    assert!(!new.limit.is_limited() && new.passkey_verified_at.is_none() && new.has_passkey);
    assert_eq!(approval.state().await, ApprovalState::Collected);
    assert_eq!(refused(approval.collect().await), Refusal::ApprovalDecided);
    let approved = (
        "device.approval_granted".to_owned(),
        "Firefox on Linux from 192.0.2.7".to_owned(),
    );
    let registered = ("device.registered".to_owned(), "approval".to_owned());
    assert_eq!(approval.last_actions(2).await, [approved, registered]);
}

#[tokio::test]
async fn the_user_sees_what_asks_and_what_is_unusual_about_it() {
    let approval = Approval::new().await;
    let ada = &approval.ada.current_user;
    let engine = &approval.test.engine;
    let asked = (engine.asked_approval(ada, &approval.asking.link, None, &asking_origin())).await;
    let asked = asked.unwrap();
    assert_eq!(asked.request.browser.as_str(), "Firefox on Linux");
    assert_eq!(asked.request.ip, asking_origin().ip);
    assert_eq!(asked.request.created_at, START);
    assert!(asked.offered.contains(&approval.asking.number));
    assert!(asked.is_same_network && asked.obstacle.is_none());
    // The same three numbers in the same order, however often and by whomever they are seen.
    let eve = approval.test.registered("eve@example.com").await;
    let link = &approval.asking.link;
    let again = (engine.asked_approval(&eve.current_user, link, None, &origin())).await;
    assert_eq!(again.unwrap().offered, asked.offered);
    let other = (approval.test.engine.asking_browser(approval.ticket())).await;
    let other = other.unwrap().link;
    assert_ne!(&other, link, "each copy is sealed anew");
    let again = (engine.asked_approval(ada, &other, None, &origin())).await;
    assert_eq!(again.unwrap().offered, asked.offered);
}

#[tokio::test]
async fn a_limited_device_that_asks_is_approved_and_stays_the_same_device() {
    let mut approval = Approval::new().await;
    let limited = approval.limited_device().await;
    let browser = KnownBrowser::from(&limited.current_user);
    approval.approve().await.unwrap();
    let told = (approval.test.engine)
        .my_unread_notifications(&limited.current_user)
        .await
        .unwrap();
    assert_eq!(told[0].kind, NotificationKind::ApprovalGranted);
    let signed_in = approval.collect_on(Some(browser)).await.unwrap();
    assert!(!signed_in.is_new_device && !signed_in.current_user.limit.is_limited());
    assert_eq!(signed_in.current_user.device_id, browser.device);
    assert!(
        !approval.test.knows(&limited).await,
        "its cookie has a new secret"
    );
}

#[tokio::test]
async fn a_browser_that_was_signed_out_comes_back_as_the_device_that_it_was() {
    let mut approval = Approval::new().await;
    approval.approve().await.unwrap();
    let first = approval.collect().await.unwrap();
    let browser = KnownBrowser::from(&first.current_user);
    (approval.test.engine)
        .sign_out(&first.current_user, &origin())
        .await
        .unwrap();
    approval.asking = approval
        .test
        .engine
        .begin_approval(&asking_origin())
        .unwrap();
    approval.approve().await.unwrap();
    let again = approval.collect_on(Some(browser)).await.unwrap();
    assert!(!again.is_new_device);
    assert_eq!(again.current_user.device_id, browser.device);
}

#[tokio::test]
async fn a_browser_of_another_user_becomes_a_device_of_the_user_who_approved_it() {
    let mut approval = Approval::new().await;
    let eve = approval.test.registered("eve@example.com").await;
    approval.approve().await.unwrap();
    let browser = Some(KnownBrowser::from(&eve.current_user));
    let signed_in = approval.collect_on(browser).await.unwrap();
    assert!(signed_in.is_new_device);
    assert_eq!(
        signed_in.current_user.user_id,
        approval.ada.current_user.user_id
    );
    assert!(approval.test.knows(&eve).await, "it is still hers");
}

#[tokio::test]
async fn what_cannot_approve_is_told_why() {
    let approval = Approval::new().await;
    let (engine, link) = (&approval.test.engine, &approval.asking.link);
    let limited = approval.limited_device().await.current_user;
    let eve = (approval.test.registered("eve@example.com").await).current_user;
    let ada = &approval.ada.current_user;
    let ticket = Some(approval.ticket());
    for (user, ticket, obstacle) in [
        (ada, None, None),
        (ada, ticket, Some(ApprovalObstacle::BySelf)),
        (ada, Some("forged"), None),
        (&limited, None, Some(ApprovalObstacle::Limited)),
        (&eve, None, Some(ApprovalObstacle::NoPasskey)),
    ] {
        let asked = engine.asked_approval(user, link, ticket, &origin()).await;
        assert_eq!(asked.unwrap().obstacle, obstacle);
    }
    let number = approval.asking.number;
    let pick = async |user, ticket| {
        (engine.pick_approval_number(user, link, number, ticket, &origin())).await
    };
    assert!(pick(ada, None).await.is_ok());
    assert_eq!(refused(pick(ada, ticket).await), Refusal::ApprovalBySelf);
    let denied = pick(&limited, None).await;
    assert!(matches!(denied, Err(Error::Denied(Denial::NotApproved))));
    let denied = pick(&eve, None).await;
    assert!(matches!(denied, Err(Error::Denied(Denial::NeedsPasskey))));
    assert_eq!(approval.state().await, ApprovalState::Waiting);
}

#[tokio::test]
async fn a_user_who_signs_in_with_passkeys_only_can_approve() {
    let mut approval = Approval::new().await;
    let user = approval.ada.current_user.user_id;
    (approval.test.engine)
        .set_passkey_only(&OPERATOR, user, true, &origin())
        .await
        .unwrap();
    approval.approve().await.unwrap();
    assert!(approval.collect().await.is_ok());
}
