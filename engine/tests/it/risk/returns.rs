//! Devices that return without signing in.

use super::{Settled, at, enforcing, with_risk};
use crate::test_engine::{cookie, origin};
use latchkey_domain::{
    notification::NotificationKind,
    pagination::ListQuery,
    risk::{Factor, Mode},
};
use latchkey_engine::{Engine, RiskMode, SignedIn};

const HOTEL: &str = "198.51.100.7";

/// Whether the pages know whose device a cookie is of, without a session.
async fn is_known(engine: &Engine, who: &SignedIn) -> bool {
    let found = engine.authenticate(Some(cookie(who)), None).await.unwrap();
    assert!(found.browser.is_some(), "the browser is known all the same");
    found.current_user.is_some()
}

#[tokio::test]
async fn audit_51_a_copied_cookie_elsewhere_has_to_authenticate_and_its_owner_comes_back() {
    let mut settled = Settled::on(enforcing().await).await;
    let engine = settled.test.engine.clone();
    let session = settled.test.session(&settled.ada).await;
    let ada = settled.ada.current_user.clone();
    assert!(!engine.assess_return(&ada, &origin()).await.unwrap());
    assert!(is_known(&engine, &settled.ada).await);
    // A thief with her cookie.
    assert!(engine.assess_return(&ada, &at(HOTEL)).await.unwrap());
    assert_eq!(
        settled.newest().await,
        "30 medium enforce authentication unusual_location:30"
    );
    assert_eq!(settled.ask(&settled.ada).await, "step up");
    assert!(!is_known(&engine, &settled.ada).await);
    let id = settled.ada.current_user.device_id.uuid().into_bytes();
    assert!(
        engine.load_session(&id).await.unwrap().is_none(),
        "{session:?}"
    );
    // She signs in at home: her device works again, and the copy is void.
    let copied = cookie(&settled.ada).to_owned();
    let back = settled.passkey(settled.browser(), &origin()).await.unwrap();
    assert!(!back.is_new_device);
    assert_eq!(settled.ask(&back).await, "granted");
    let thief = engine.authenticate(Some(&copied), None).await.unwrap();
    assert!(thief.current_user.is_none() && thief.browser.is_none());
}

#[tokio::test]
async fn audit_51_a_code_meets_a_medium_score_and_the_place_is_usual_for_that_device_for_a_week() {
    let mut settled = Settled::on(enforcing().await).await;
    let engine = settled.test.engine.clone();
    let ada = settled.ada.current_user.clone();
    assert!(engine.assess_return(&ada, &at(HOTEL)).await.unwrap());
    let here = settled.code(settled.browser(), &at(HOTEL)).await.unwrap();
    assert_eq!(settled.ask(&here).await, "granted");
    let again = engine.assess_return(&here.current_user, &at(HOTEL)).await;
    assert!(!again.unwrap(), "she is not asked twice");
    let elsewhere = at("192.0.2.9");
    let elsewhere = engine.assess_return(&here.current_user, &elsewhere);
    assert!(elsewhere.await.unwrap());
    assert_eq!(
        settled.risk().await.baseline.networks.len(),
        1,
        "a code teaches nothing"
    );
    settled.ada = here;
    let back = settled.passkey(settled.browser(), &origin()).await.unwrap();
    assert_eq!(settled.ask(&back).await, "granted");
}

#[tokio::test]
async fn audit_51_in_shadow_mode_a_return_is_recorded_once_in_ten_minutes_and_goes_on() {
    let settled = Settled::on(with_risk(RiskMode::Fixed(Mode::Shadow)).await).await;
    let engine = settled.test.engine.clone();
    let ada = settled.ada.current_user.clone();
    let before = settled.test.entries().await;
    for number in 0..20 {
        let from = at(&format!("198.51.{number}.1"));
        assert!(!engine.assess_return(&ada, &from).await.unwrap());
    }
    assert_eq!(settled.test.entries().await, before + 1);
    settled.test.wait(600);
    assert!(!engine.assess_return(&ada, &at("192.0.2.9")).await.unwrap());
    assert_eq!(settled.test.entries().await, before + 2);
    assert_eq!(settled.ask(&settled.ada).await, "granted");
}

#[tokio::test]
async fn audit_54_a_cookie_in_another_browser_has_to_authenticate_and_its_user_is_told() {
    let mut settled = Settled::on(enforcing().await).await;
    let engine = settled.test.engine.clone();
    let ada = settled.ada.current_user.clone();
    let phone =
        in_browser("Mozilla/5.0 (Linux; Android 10; K) Chrome/140.0.0.0 Mobile Safari/537.36");
    assert!(engine.assess_return(&ada, &phone).await.unwrap());
    assert_eq!(
        settled.newest().await,
        "25 medium enforce authentication other_browser:25"
    );
    assert_eq!(settled.ask(&settled.ada).await, "step up");
    // It was her, for some reason: she is asked once.
    let here = settled.code(settled.browser(), &phone).await.unwrap();
    assert_eq!(settled.ask(&here).await, "granted");
    let again = engine.assess_return(&here.current_user, &phone).await;
    assert!(!again.unwrap());
    let before = engine.assess_return(&here.current_user, &origin()).await;
    assert!(!before.unwrap(), "both are hers");
    settled.ada = settled.passkey(settled.browser(), &origin()).await.unwrap();
    let told = told(&settled).await;
    assert_eq!(told[0], NotificationKind::OtherBrowser);
}

#[tokio::test]
async fn audit_54_in_another_browser_and_network_a_passkey_is_asked_for() {
    let settled = Settled::on(enforcing().await).await;
    let engine = settled.test.engine.clone();
    let ada = settled.ada.current_user.clone();
    let thief = latchkey_engine::RequestOrigin {
        user_agent: "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0.0.0 Safari/537.36".to_owned(),
        ..at(HOTEL)
    };
    assert!(engine.assess_return(&ada, &thief).await.unwrap());
    assert_eq!(
        settled.newest().await,
        "55 high enforce passkey unusual_location:30 other_browser:25"
    );
    assert_eq!(
        told(&settled).await[0],
        NotificationKind::OtherBrowserElsewhere
    );
    let code = settled.code(settled.browser(), &thief).await.unwrap();
    assert_eq!(settled.ask(&code).await, "step up", "a code is not enough");
    // What could not give what was asked for makes no browser known.
    let browsers = settled.risk().await.events;
    assert!(
        browsers[0]
            .reasons
            .iter()
            .any(|reason| reason.factor == Factor::OtherBrowser)
    );
}

#[tokio::test]
async fn an_update_of_a_browser_is_no_other_browser() {
    let settled = Settled::on(enforcing().await).await;
    let engine = settled.test.engine.clone();
    let ada = settled.ada.current_user.clone();
    let newer =
        in_browser("Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0");
    assert!(!engine.assess_return(&ada, &newer).await.unwrap());
    let headless = in_browser("Mozilla/5.0 (X11; Linux x86_64) HeadlessFirefox/140.0");
    assert!(!engine.assess_return(&ada, &headless).await.unwrap());
    assert_eq!(settled.ask(&settled.ada).await, "granted");
}

fn in_browser(user_agent: &str) -> latchkey_engine::RequestOrigin {
    latchkey_engine::RequestOrigin {
        user_agent: user_agent.to_owned(),
        ..origin()
    }
}

/// What Ada was told, newest first.
async fn told(settled: &Settled) -> Vec<NotificationKind> {
    let engine = &settled.test.engine;
    let query = ListQuery::default();
    let page = engine.my_notifications(&settled.ada.current_user, &query);
    let page = page.await.unwrap();
    page.items.into_iter().map(|told| told.kind).collect()
}
