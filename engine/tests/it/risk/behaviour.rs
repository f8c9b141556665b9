//! How somebody types: what is learnt and compared, and what users decide about it.

use super::{Settled, with_risk};
use crate::{
    passkey::{change, used},
    test_engine::{OPERATOR, TestEngine, origin},
};
use latchkey_domain::{access::permission::Denial, risk::Mode};
use latchkey_engine::{
    BehaviourView, Conflict, Error, InvalidInput, KnownBrowser, Result, RiskMode, RiskSettings,
    SignedIn,
};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};

const EMAIL: &str = "ada@example.com";

async fn comparing() -> TestEngine {
    comparing_in("sqlite::memory:").await
}

async fn comparing_in(database: impl Into<Option<&str>>) -> TestEngine {
    let database = database.into().map(str::to_owned);
    TestEngine::with(|settings| {
        settings.database_url = database;
        settings.risk = RiskSettings {
            mode: RiskMode::Fixed(Mode::Enforce),
            behaviour: true,
            ..RiskSettings::off()
        };
    })
    .await
}

fn times(count: usize, usual: usize, slowness: f64, number: usize) -> String {
    let time = |key: usize| {
        let mixed = (key * 1000 + number * 7 + 1) as u64;
        let noise = (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize % 29;
        (slowness * (usual + 15 * (key % 3) + noise) as f64).round()
    };
    let times: Vec<_> = (0..count).map(|key| time(key).to_string()).collect();
    times.join(",")
}

fn field(name: &str, keys: usize, slowness: f64, number: usize) -> String {
    let holds = times(keys, 80, slowness, number);
    let presses = times(keys - 1, 150, slowness, number + 7);
    format!("{name} h{holds} p{presses}")
}

/// What a page sends of Ada's hands, a little different each time.
fn ada(number: usize) -> String {
    typed_by(1.0, number)
}

/// Of somebody else's.
fn stranger(number: usize) -> String {
    typed_by(2.6, number)
}

fn typed_by(slowness: f64, number: usize) -> String {
    let email = field("email", EMAIL.len(), slowness, number);
    format!("{email};{}", field("code", 6, slowness, number))
}

impl Settled {
    async fn passkey_typing(&mut self, line: &str) {
        let browser = self.browser();
        let engine = &self.test.engine;
        let (handle, response) =
            used(engine, &self.ada, &self.credential, &mut self.authenticator).await;
        let signed_in = engine
            .observing(line)
            .finish_passkey_login(Some(&handle), &response, browser, &origin())
            .await
            .unwrap();
        self.ada = signed_in;
    }

    async fn code_typing(&self, line: &str) -> Result<SignedIn> {
        self.test.wait(30);
        let code = self.test.totp(&self.uri);
        (self.test.engine.observing(line))
            .register_device(EMAIL, &code, "", self.browser(), &origin())
            .await
    }

    async fn taught() -> Self {
        Self::taught_in(comparing().await).await
    }

    async fn taught_in(test: TestEngine) -> Self {
        let mut settled = Self::on(test).await;
        for number in 0..5 {
            settled.passkey_typing(&ada(number)).await;
        }
        settled
    }

    async fn behaviour(&self) -> BehaviourView {
        self.risk().await.behaviour
    }

    /// How many samples there are of each field.
    async fn samples(&self) -> Vec<(&'static str, usize)> {
        let kept = self.behaviour().await.templates;
        kept.iter().map(|kept| (kept.field, kept.samples)).collect()
    }

    async fn practise(&self, email: &str, code: &str, line: &str) -> Result<BehaviourView> {
        let proof = change(&self.test, &self.ada).await;
        let engine = self.test.engine.observing(line);
        engine
            .practise_behaviour(&proof, email, code, &origin())
            .await
    }
}

async fn open(test: &TestEngine) -> DatabaseConnection {
    let path = test.dir().join("latchkey.db");
    Database::connect(format!("sqlite:{}", path.display()))
        .await
        .unwrap()
}

#[tokio::test]
async fn audit_53_where_nobody_turned_it_on_nothing_is_kept() {
    let test = with_risk(RiskMode::Fixed(Mode::Enforce)).await;
    let mut settled = Settled::on(test).await;
    for number in 0..6 {
        settled.passkey_typing(&ada(number)).await;
    }
    assert!(settled.behaviour().await.is_nothing());
    let refused = settled.practise(EMAIL, "123456", &ada(1)).await;
    assert!(matches!(
        refused,
        Err(Error::Conflict {
            reason: Conflict::BehaviourNotCompared,
            ..
        })
    ));
    settled.code_typing(&stranger(1)).await.unwrap();
    assert_eq!(settled.newest().await, "0 low enforce nothing");
    let user = settled.ada.current_user.user_id;
    assert!(
        !settled
            .test
            .engine
            .observes_behaviour_of(Some(user))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn audit_53_five_sign_ins_with_a_passkey_tell_her_hands_from_a_strangers() {
    let settled = Settled::taught().await;
    assert_eq!(settled.samples().await, [("code", 5), ("email", 5)]);
    let hers = settled.code_typing(&ada(9)).await.unwrap();
    assert_eq!(settled.newest().await, "0 low enforce nothing");
    assert_eq!(settled.ask(&hers).await, "granted");
    settled.code_typing(&stranger(9)).await.unwrap();
    let newest = settled.newest().await;
    assert!(newest.contains("unusual_behaviour:"), "{newest}");
    let points: u8 = newest.rsplit(':').next().unwrap().parse().unwrap();
    assert!((15..=20).contains(&points), "{newest}");
    assert!(
        !newest.contains("held") && !newest.contains("high"),
        "{newest}"
    );
}

#[tokio::test]
async fn audit_53_behaviour_alone_refuses_nobody() {
    let mut settled = Settled::taught().await;
    // Both of its signals at once, and with a right code she is in all the same.
    let copied = ada(2).split_once(';').unwrap().0.to_owned();
    let both = format!("{copied};{}", field("code", 6, 2.6, 3));
    let in_spite = settled.code_typing(&both).await.unwrap();
    let newest = settled.newest().await;
    assert!(newest.contains("unusual_behaviour:20"), "{newest}");
    assert!(
        newest.contains(" medium enforce authentication"),
        "{newest}"
    );
    assert_eq!(settled.ask(&in_spite).await, "granted");
    settled.passkey_typing(&stranger(4)).await;
    assert_eq!(settled.ask(&settled.ada).await, "granted");
}

#[tokio::test]
async fn audit_53_only_a_passkey_on_this_device_teaches() {
    let mut settled = Settled::on(comparing().await).await;
    for number in 0..3 {
        settled.code_typing(&stranger(number)).await.unwrap();
    }
    assert_eq!(settled.samples().await, []);
    settled.passkey_typing(&ada(1)).await;
    settled.code_typing(&stranger(5)).await.unwrap();
    assert_eq!(settled.samples().await, [("code", 1), ("email", 1)]);
    for number in 2..28 {
        settled.passkey_typing(&ada(number)).await;
    }
    assert_eq!(settled.samples().await, [("code", 20), ("email", 20)]);
}

#[tokio::test]
async fn audit_53_a_copy_of_earlier_times_is_a_signal_and_teaches_nothing() {
    let mut settled = Settled::taught().await;
    settled.passkey_typing(&ada(3)).await;
    let newest = settled.newest().await;
    assert!(newest.contains("unusual_behaviour:20"), "{newest}");
    assert_eq!(settled.samples().await, [("code", 5), ("email", 5)]);
    let same = ["90"; 15].join(",");
    let constant = format!("email h{same} p{}", ["120"; 14].join(","));
    settled.code_typing(&constant).await.unwrap();
    assert!(settled.newest().await.contains("unusual_behaviour:20"));
}

#[tokio::test]
async fn audit_53_what_is_not_valid_is_unknown_and_the_sign_in_goes_on() {
    let mut settled = Settled::taught().await;
    for line in [
        "",
        "email hNaN p1",
        "email h1e9,90 p1",
        "email hinf,90 p1",
        // Another address of the same user's would be another text.
        "email h90,91,92 p100,101",
        &"9".repeat(100_000),
        &ada(1)[1..],
    ] {
        settled.code_typing(line).await.unwrap();
        assert_eq!(settled.newest().await, "0 low enforce nothing");
        settled.passkey_typing(line).await;
    }
    assert_eq!(settled.samples().await, [("code", 5), ("email", 5)]);
}

#[tokio::test]
async fn audit_53_whoever_is_exempt_is_not_read_and_nothing_is_kept() {
    let mut settled = Settled::taught().await;
    let engine = settled.test.engine.clone();
    let user = settled.ada.current_user.user_id;
    assert!(engine.observes_behaviour_of(Some(user)).await.unwrap());
    let proof = change(&settled.test, &settled.ada).await;
    engine.exempt_my_behaviour(&proof, &origin()).await.unwrap();
    let before = settled.test.entries().await;
    engine.exempt_my_behaviour(&proof, &origin()).await.unwrap();
    assert_eq!(settled.test.entries().await, before, "she was already");
    assert!(!engine.observes_behaviour_of(Some(user)).await.unwrap());
    assert!(settled.behaviour().await.exempt_since.is_some());
    assert_eq!(settled.samples().await, []);
    settled.code_typing(&stranger(1)).await.unwrap();
    assert_eq!(settled.newest().await, "0 low enforce nothing");
    let constant = format!("email h{} p{}", ["90"; 15].join(","), ["120"; 14].join(","));
    settled.code_typing(&constant).await.unwrap();
    assert_eq!(settled.newest().await, "0 low enforce nothing", "not read");
    settled.passkey_typing(&ada(1)).await;
    assert_eq!(settled.samples().await, []);
    let practised = settled.practise(EMAIL, "123456", &ada(1)).await;
    assert!(matches!(
        practised,
        Err(Error::Conflict {
            reason: Conflict::BehaviourNotCompared,
            ..
        })
    ));
    // Others are compared as before, and so is she when she wants to be.
    assert!(engine.observes_behaviour_of(None).await.unwrap());
    let proof = change(&settled.test, &settled.ada).await;
    engine
        .include_my_behaviour(&proof, &origin())
        .await
        .unwrap();
    settled.passkey_typing(&ada(2)).await;
    assert_eq!(settled.samples().await, [("code", 1), ("email", 1)]);
}

#[tokio::test]
async fn audit_53_what_is_kept_is_erased_on_request_and_with_the_baseline() {
    let mut settled = Settled::taught().await;
    let proof = change(&settled.test, &settled.ada).await;
    let engine = settled.test.engine.clone();
    engine.erase_my_behaviour(&proof, &origin()).await.unwrap();
    assert_eq!(settled.samples().await, []);
    let before = settled.test.entries().await;
    engine.erase_my_behaviour(&proof, &origin()).await.unwrap();
    assert_eq!(settled.test.entries().await, before, "nothing was left");
    settled.passkey_typing(&ada(1)).await;
    let user = settled.ada.current_user.user_id;
    engine
        .erase_baseline(&OPERATOR, user, &origin())
        .await
        .unwrap();
    assert_eq!(settled.samples().await, []);
}

#[tokio::test]
async fn audit_53_she_practises_after_her_passkey_and_types_her_own_address() {
    let settled = Settled::on(comparing().await).await;
    for (email, code, line, expected) in [
        (
            "bob@example.com",
            "123456",
            ada(0),
            InvalidInput::OtherEmail,
        ),
        (EMAIL, "12345", ada(0), InvalidInput::NotSixDigits),
        (EMAIL, "12345a", ada(0), InvalidInput::NotSixDigits),
        (EMAIL, "123456", String::new(), InvalidInput::NotTyped),
    ] {
        match settled.practise(email, code, &line).await {
            Err(Error::BadInput { reason, .. }) => assert_eq!(reason, expected),
            other => panic!("{other:?}"),
        }
    }
    for number in 0..5 {
        let missing = settled.practise(EMAIL, "123456", &ada(number)).await;
        assert_eq!(missing.unwrap().missing(), 4 - number);
    }
    settled.code_typing(&stranger(1)).await.unwrap();
    let newest = settled.newest().await;
    assert!(newest.contains("unusual_behaviour:"), "{newest}");
    settled.code_typing(&ada(8)).await.unwrap();
    assert_eq!(settled.newest().await, "0 low enforce nothing");
}

#[tokio::test]
async fn audit_53_without_a_passkey_nobody_practises() {
    let test = comparing().await;
    let otto = test.registered("otto@example.com").await;
    let proof = change(&test, &otto).await;
    let line = field("email", "otto@example.com".len(), 1.0, 1);
    let engine = test.engine.observing(&line);
    let refused = engine
        .practise_behaviour(&proof, "otto@example.com", "123456", &origin())
        .await;
    assert!(matches!(
        refused,
        Err(Error::Conflict {
            reason: Conflict::BehaviourNotCompared,
            ..
        })
    ));
    // A code on the device of a user with a passkey: the passkey first.
    let mut settled = Settled::on(comparing().await).await;
    let by_code = settled.code_typing("").await.unwrap();
    settled.ada = by_code;
    let current_user = settled.test.current_user(&settled.ada).await.unwrap();
    match current_user.may_manage_self(settled.test.engine.now()) {
        Err(denial) => assert_eq!(denial, Denial::StepUp),
        Ok(proof) => {
            let engine = settled.test.engine.observing(&ada(1));
            let refused = engine
                .practise_behaviour(&proof, EMAIL, "123456", &origin())
                .await;
            assert!(matches!(refused, Err(Error::Denied(Denial::StepUp))));
        }
    }
    assert_eq!(settled.samples().await, []);
}

#[tokio::test]
async fn audit_53_templates_are_sealed_for_their_user_and_field() {
    let settled = Settled::taught_in(comparing_in(None).await).await;
    let db = open(&settled.test).await;
    let rows = "SELECT COUNT(DISTINCT sealed) AS n FROM behaviour_templates";
    let row = db.query_one_raw(sea_orm::Statement::from_string(
        db.get_database_backend(),
        rows.to_owned(),
    ));
    let count: i64 = row.await.unwrap().unwrap().try_get("", "n").unwrap();
    assert_eq!(count, 2);
    // Whoever writes the database gives one field the template of the other.
    db.execute_unprepared(
        "UPDATE behaviour_templates SET sealed = (SELECT sealed FROM behaviour_templates WHERE field = 'email') WHERE field = 'code'",
    )
    .await
    .unwrap();
    assert_eq!(settled.samples().await, [("email", 5)]);
    let browser = KnownBrowser::from(&settled.ada.current_user);
    settled.test.wait(30);
    let code = settled.test.totp(&settled.uri);
    let engine = settled.test.engine.observing(&ada(7));
    let signed_in = engine
        .register_device(EMAIL, &code, "", Some(browser), &origin())
        .await;
    assert!(signed_in.is_ok(), "nobody is locked out");
}
