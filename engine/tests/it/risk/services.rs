//! Cookies that are used at services alone, and what services ask for.

use super::{Settled, at, enforcing, with_risk};
use crate::{
    audit::within_a_second,
    test_engine::{OPERATOR, cookie, origin},
    verify::word,
};
use latchkey_domain::{
    access::service::{RaisedLevel, RiskPolicy},
    request::host::Host,
    risk::{Level, Mode},
};
use latchkey_engine::{
    CallerCredentials, CallerOrigin, Engine, ForwardDecision, NewService, OriginalRequest,
    RequestOrigin, Requester, RiskMode, SignedIn, VerifyDecision,
};

const HOTEL: &str = "198.51.100.7";
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0.0.0 Safari/537.36";

fn caller<'a>(who: &'a SignedIn, from: &'a RequestOrigin) -> CallerCredentials<'a> {
    CallerCredentials {
        cookie: Some(cookie(who)),
        access_token: None,
        origin: CallerOrigin {
            ip: from.ip,
            user_agent: Some(&from.user_agent),
        },
    }
}

impl Settled {
    async fn decision(&self, who: &SignedIn, from: &RequestOrigin) -> VerifyDecision {
        let (engine, token) = (&self.test.engine, Some(self.token.as_str()));
        engine.verify("photos", token, caller(who, from)).await
    }

    /// What the service hears of a request from somewhere.
    async fn ask_from(&self, who: &SignedIn, from: &RequestOrigin) -> &'static str {
        word(&self.decision(who, from).await)
    }

    async fn set_risk_policy(&self, risk: RiskPolicy) {
        (self.test.engine)
            .change_risk_policy(&OPERATOR, "photos", risk, &origin())
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn audit_54_a_copied_cookie_is_refused_at_a_service_at_once_and_its_owner_comes_back() {
    let mut settled = Settled::on(enforcing().await).await;
    assert_eq!(settled.ask_from(&settled.ada, &origin()).await, "granted");
    assert_eq!(settled.ask_from(&settled.ada, &at(HOTEL)).await, "step up");
    assert_eq!(
        settled.newest().await,
        "30 medium enforce authentication unusual_location:30"
    );
    assert_eq!(settled.ask_from(&settled.ada, &origin()).await, "step up");
    let back = settled.passkey(settled.browser(), &origin()).await.unwrap();
    let copy = std::mem::replace(&mut settled.ada, back);
    for from in [origin(), origin(), at("203.0.113.77")] {
        assert_eq!(settled.ask_from(&settled.ada, &from).await, "granted");
    }
    // The copy is void, wherever it comes from.
    for from in [origin(), at(HOTEL)] {
        assert_eq!(settled.ask_from(&copy, &from).await, "unknown");
    }
}

#[tokio::test]
async fn audit_54_a_copied_cookie_in_another_browser_is_refused_at_a_service() {
    let settled = Settled::on(enforcing().await).await;
    let thief = RequestOrigin {
        user_agent: CHROME.to_owned(),
        ..origin()
    };
    let entries = settled.test.entries().await;
    for _ in 0..3 {
        assert_eq!(settled.ask_from(&settled.ada, &thief).await, "step up");
    }
    assert_eq!(settled.test.entries().await, entries + 1);
    assert_eq!(
        settled.newest().await,
        "25 medium enforce authentication other_browser:25"
    );
}

#[tokio::test]
async fn audit_54_a_proxy_is_answered_like_a_service() {
    let settled = Settled::on(enforcing().await).await;
    let engine = &settled.test.engine;
    let new = NewService {
        hosts: "photos.example.com".to_owned(),
        rules: "public /assets/*".to_owned(),
        ..NewService::default()
    };
    (engine
        .change_service(&OPERATOR, "photos", new, &origin())
        .await)
        .unwrap();
    let passage = async |target, from: &RequestOrigin| {
        let request = OriginalRequest {
            method: "GET",
            is_https: true,
            host: &Host::parse("photos.example.com").unwrap(),
            target,
        };
        let caller = caller(&settled.ada, from);
        engine
            .forward_auth(Requester::Trusted, request, &caller)
            .await
    };
    let hotel = at(HOTEL);
    let here = passage("/", &origin()).await;
    assert!(matches!(here, ForwardDecision::Granted(_)), "{here:?}");
    // What is open to everybody stays open, without a name.
    let asset = passage("/assets/a.css", &hotel).await;
    assert!(matches!(asset, ForwardDecision::Public), "{asset:?}");
    let page = passage("/", &hotel).await;
    assert!(matches!(page, ForwardDecision::StepUp), "{page:?}");
}

#[tokio::test]
async fn audit_54_what_is_unknown_is_not_compared() {
    let settled = Settled::on(enforcing().await).await;
    let entries = settled.test.entries().await;
    assert_eq!(settled.ask(&settled.ada).await, "granted");
    let (engine, token) = (&settled.test.engine, Some(settled.token.as_str()));
    for (ip, user_agent) in [
        (origin().ip, None),
        (None, Some(origin().user_agent)),
        (None, Some("Mozilla/5.0".to_owned())),
    ] {
        let caller = CallerCredentials {
            cookie: Some(cookie(&settled.ada)),
            access_token: None,
            origin: CallerOrigin {
                ip,
                user_agent: user_agent.as_deref(),
            },
        };
        assert_eq!(
            word(&engine.verify("photos", token, caller).await),
            "granted"
        );
    }
    assert_eq!(settled.test.entries().await, entries);
}

#[tokio::test]
async fn the_device_of_the_proxy_doctor_is_used_from_anywhere() {
    let settled = Settled::on(enforcing().await).await;
    let (engine, token) = (&settled.test.engine, Some(settled.token.as_str()));
    let doctor = engine
        .create_diagnostic_device(&OPERATOR, "ada@example.com", &origin())
        .await
        .unwrap();
    let caller = CallerCredentials {
        cookie: Some(doctor.cookie.value.expose_secret()),
        origin: CallerOrigin {
            ip: at(HOTEL).ip,
            user_agent: None,
        },
        access_token: None,
    };
    assert_eq!(
        word(&engine.verify("photos", token, caller).await),
        "granted"
    );
}

#[tokio::test]
async fn audit_54_shadow_mode_changes_no_answer_whatever_takes_turns() {
    let settled = Settled::on(with_risk(RiskMode::Fixed(Mode::Shadow)).await).await;
    settled
        .set_risk_policy(RiskPolicy {
            tells_level: true,
            passkey_from: Some(RaisedLevel::Medium),
            device_bound_from: Some(RaisedLevel::Medium),
        })
        .await;
    let entries = settled.test.entries().await;
    for number in 0..50 {
        let from = at(&format!("198.51.{number}.1"));
        for from in [&from, &origin()] {
            let decision = settled.decision(&settled.ada, from).await;
            let VerifyDecision::Granted(granted) = decision else {
                panic!("{decision:?}")
            };
            assert_eq!(granted.risk, None);
        }
    }
    assert_eq!(settled.test.entries().await, entries + 1);
}

#[tokio::test]
async fn audit_54_who_changes_networks_without_end_has_to_authenticate() {
    let mut settled = Settled::on(enforcing().await).await;
    // Each beside the usual one, which is not unusual enough.
    let beside = |number: u8| at(&format!("203.0.{number}.9"));
    for number in 0..30 {
        let answer = settled.ask_from(&settled.ada, &beside(number)).await;
        assert_eq!(answer, "granted", "{number}");
    }
    assert_eq!(settled.ask_from(&settled.ada, &beside(30)).await, "step up");
    assert_eq!(settled.ask_from(&settled.ada, &beside(29)).await, "granted");
    settled.ada = settled.passkey(settled.browser(), &origin()).await.unwrap();
    assert_eq!(settled.ask_from(&settled.ada, &beside(30)).await, "granted");
    for number in 31..60 {
        settled.ask_from(&settled.ada, &beside(number)).await;
    }
    assert_eq!(settled.ask_from(&settled.ada, &beside(61)).await, "step up");
    settled.test.wait(600);
    assert_eq!(settled.ask_from(&settled.ada, &beside(61)).await, "granted");
}

#[tokio::test]
async fn audit_54_of_requests_that_come_at_once_each_is_refused_and_one_is_recorded() {
    let settled = Settled::on(enforcing().await).await;
    let entries = settled.test.entries().await;
    let hotel = at(HOTEL);
    let asked = (0..50).map(|_| settled.ask_from(&settled.ada, &hotel));
    let answers = futures_util::future::join_all(asked).await;
    assert!(
        answers.iter().all(|answer| *answer == "step up"),
        "{answers:?}"
    );
    assert_eq!(settled.test.entries().await, entries + 1);
}

#[tokio::test]
async fn audit_54_another_process_refuses_the_cookie_within_a_second() {
    let test = crate::test_engine::TestEngine::with(|settings| {
        settings.database_url = None;
        settings.risk = latchkey_engine::RiskSettings {
            mode: RiskMode::Fixed(Mode::Enforce),
            ..latchkey_engine::RiskSettings::off()
        };
    })
    .await;
    let clock = test.clock.clone();
    let mut settled = Settled::on(test).await;
    let mut settings = crate::audit::settings(settled.test.dir());
    settings.clock = clock;
    settings.risk = latchkey_engine::RiskSettings {
        mode: RiskMode::Fixed(Mode::Enforce),
        ..latchkey_engine::RiskSettings::off()
    };
    let other = Engine::open(settings).await.unwrap();
    other.spawn_change_feed();
    let token = settled.token.clone();
    let is = async |who: &SignedIn, expected: &str| {
        let answer = other
            .verify("photos", Some(&token), caller(who, &origin()))
            .await;
        word(&answer) == expected
    };
    within_a_second(async || is(&settled.ada, "granted").await).await;
    assert_eq!(settled.ask_from(&settled.ada, &at(HOTEL)).await, "step up");
    within_a_second(async || is(&settled.ada, "step up").await).await;
    settled.ada = settled.passkey(settled.browser(), &origin()).await.unwrap();
    within_a_second(async || is(&settled.ada, "granted").await).await;
}

#[tokio::test]
async fn audit_54_a_service_asks_for_a_passkey_after_an_unusual_sign_in_and_hears_of_it() {
    let mut settled = Settled::on(enforcing().await).await;
    let hotel = at(HOTEL);
    let level = async |settled: &Settled, who: &SignedIn, from: &RequestOrigin| match settled
        .decision(who, from)
        .await
    {
        VerifyDecision::Granted(granted) => Ok(granted.risk),
        refused => Err(word(&refused)),
    };
    // On a device of hers at a hotel, with a code, which is what a medium score asks for.
    let here = settled.code(settled.browser(), &hotel).await.unwrap();
    assert_eq!(
        settled.newest().await,
        "30 medium enforce authentication unusual_location:30"
    );
    assert_eq!(
        level(&settled, &here, &hotel).await,
        Ok(None),
        "does not want to hear of it"
    );
    let policy = RiskPolicy {
        tells_level: true,
        ..RiskPolicy::default()
    };
    settled.set_risk_policy(policy).await;
    assert_eq!(
        level(&settled, &here, &hotel).await,
        Ok(Some(Level::Medium))
    );
    for (passkey_from, expected) in [
        (RaisedLevel::High, Ok(Some(Level::Medium))),
        (RaisedLevel::Medium, Err("step up")),
    ] {
        let passkey_from = Some(passkey_from);
        settled
            .set_risk_policy(RiskPolicy {
                passkey_from,
                ..policy
            })
            .await;
        assert_eq!(
            level(&settled, &here, &hotel).await,
            expected,
            "{passkey_from:?}"
        );
    }
    // The software authenticator does not synchronise its passkeys.
    let device_bound_from = Some(RaisedLevel::Medium);
    settled
        .set_risk_policy(RiskPolicy {
            device_bound_from,
            ..policy
        })
        .await;
    assert_eq!(level(&settled, &here, &hotel).await, Err("step up"));
    // Elsewhere again, with what it asks for.
    let elsewhere = at("192.0.2.44");
    settled.ada = (settled.passkey(settled.browser(), &elsewhere).await).unwrap();
    assert_eq!(
        level(&settled, &settled.ada, &elsewhere).await,
        Ok(Some(Level::Medium))
    );
}
