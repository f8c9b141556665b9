use super::*;
use crate::{Clock, NewService, RequestOrigin, Rng, Settings};
use latchkey_domain::access::permission::Operator;
use sea_orm::ConnectionTrait;

static OPERATOR: Operator = Operator;

async fn engine(dir: &std::path::Path) -> Engine {
    let settings = Settings {
        data_dir: dir.to_owned(),
        database_url: Some("sqlite::memory:".to_owned()),
        redis_url: None,
        master_key_file: None,
        public_url: "https://login.example.com".parse().unwrap(),
        site_name: String::new(),
        passkey_only: latchkey_domain::identity::user::PasskeyOnly::default(),
        key_rotation: None,
        sends_mail: false,
        recovery_cooling_off: latchkey_domain::identity::recovery::DEFAULT_COOLING_OFF,
        recovery_confirms_by_mail: false,
        risk: crate::RiskSettings::off(),
        passkeys: crate::PasskeySettings::default(),
        clock: Clock::system(),
        rng: Rng::seeded(7),
    };
    Engine::open(settings).await.unwrap()
}

async fn service(engine: &Engine, name: &str, hosts: &str) {
    let new = NewService {
        hosts: hosts.to_owned(),
        ..NewService::default()
    };
    engine
        .add_service(&OPERATOR, name, new, &RequestOrigin::default())
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
}

/// A host as it could be stored before spellings were compared.
async fn store_host(engine: &Engine, service: &str, host: &str) {
    let statement = format!(
        "INSERT INTO service_hosts (host, service_id, place) SELECT '{host}', id, 7 FROM services WHERE name = '{service}'"
    );
    engine.db().execute_unprepared(&statement).await.unwrap();
}

async fn of_host(engine: &Engine, host: &str, is_https: bool) -> Option<String> {
    let host = Host::parse(host).unwrap();
    engine
        .in_service_index(|service_index| {
            let service = service_index.of_host(&host, is_https)?;
            Some(service.name.to_string())
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn audit_14_a_host_claimed_by_two_services_belongs_to_neither() {
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path()).await;
    service(&engine, "open", "dup.example.com *.apps.example.com").await;
    service(&engine, "closed", "x.example.com").await;
    service(&engine, "wide", "*.example.com").await;
    for host in ["dup.example.com:80", "*.apps.example.com:443"] {
        store_host(&engine, "closed", host).await;
    }
    for (host, is_https) in [
        ("dup.example.com", true),
        ("dup.example.com:443", true),
        ("dup.example.com", false),
        ("a.apps.example.com", true),
    ] {
        assert_eq!(of_host(&engine, host, is_https).await, None, "{host}");
    }
    assert_eq!(
        of_host(&engine, "x.example.com", true).await.as_deref(),
        Some("closed")
    );
    let conflicting = engine.conflicting_hosts(&OPERATOR).await.unwrap();
    let named: Vec<_> = conflicting.iter().map(|one| one.host.as_str()).collect();
    assert_eq!(named, ["*.apps.example.com", "dup.example.com"]);
    let services: Vec<_> = conflicting[1]
        .services
        .iter()
        .map(ServiceName::as_str)
        .collect();
    assert_eq!(services, ["closed", "open"]);

    // Taken from one of them it is the other's, stored as it is looked up.
    let hosts = |hosts: &str| NewService {
        hosts: hosts.to_owned(),
        ..NewService::default()
    };
    let kept = engine
        .change_service(
            &OPERATOR,
            "closed",
            hosts("dup.example.com:80"),
            &RequestOrigin::default(),
        )
        .await;
    assert!(matches!(
        kept,
        Err(crate::Error::Conflict { field: "hosts", .. })
    ));
    engine
        .change_service(
            &OPERATOR,
            "closed",
            hosts("x.example.com"),
            &RequestOrigin::default(),
        )
        .await
        .unwrap();
    assert_eq!(
        of_host(&engine, "dup.example.com", true).await.as_deref(),
        Some("open")
    );
    assert_eq!(engine.conflicting_hosts(&OPERATOR).await.unwrap(), []);
}

#[tokio::test]
async fn audit_14_a_host_in_two_spellings_is_of_its_service() {
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path()).await;
    service(&engine, "photos", "photos.example.com").await;
    store_host(&engine, "photos", "photos.example.com:80").await;
    assert_eq!(
        of_host(&engine, "photos.example.com", true)
            .await
            .as_deref(),
        Some("photos")
    );
    assert_eq!(engine.conflicting_hosts(&OPERATOR).await.unwrap(), []);
}

#[tokio::test]
async fn audit_14_each_service_that_claims_a_host_is_named_once() {
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path()).await;
    for name in ["one", "two", "three"] {
        service(&engine, name, &format!("{name}.example.com")).await;
    }
    // In the order in which hosts are read.
    store_host(&engine, "one", "dup.example.com").await;
    store_host(&engine, "two", "dup.example.com:80").await;
    store_host(&engine, "two", "dup.example.com:443").await;
    store_host(&engine, "three", "DUP.example.com").await;
    let conflicting = engine.conflicting_hosts(&OPERATOR).await.unwrap();
    let names: Vec<_> = (conflicting.iter().flat_map(|host| &host.services))
        .map(ServiceName::as_str)
        .collect();
    assert_eq!(names, ["one", "three", "two"]);
}

#[tokio::test]
async fn audit_15_rules_that_no_longer_parse_deny_their_own_service_only() {
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path()).await;
    service(&engine, "odd", "odd.example.com").await;
    service(&engine, "photos", "photos.example.com").await;
    engine
        .db()
        .execute_unprepared("UPDATE services SET rules = 'public /%C2%A0./*' WHERE name = 'odd'")
        .await
        .unwrap();
    for (name, rules) in [("odd", Rules::closed()), ("photos", Rules::default())] {
        let found = engine
            .in_service_index(|service_index| {
                service_index
                    .services
                    .get(name)
                    .map(|service| service.rules.clone())
            })
            .await
            .unwrap();
        assert_eq!(found.as_ref(), Some(&rules));
        assert_eq!(engine.service(&OPERATOR, name).await.unwrap().rules, rules);
    }
}

#[tokio::test]
async fn audit_10_known_hosts_are_answered_from_memory() {
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path()).await;
    service(&engine, "photos", "photos.example.com *.apps.example.com").await;
    let leads_to = async |text: &str| {
        engine
            .return_target(text)
            .await
            .map(|target| target.is_some())
    };
    assert!(leads_to("https://photos.example.com/a").await.unwrap());
    engine
        .db()
        .execute_unprepared("DROP TABLE service_hosts")
        .await
        .unwrap();
    for (text, expected) in [
        ("https://photos.example.com/a", true),
        ("https://a.apps.example.com/", true),
        ("https://evil.example/", false),
        ("http://photos.example.com/", false),
        ("/devices", true),
        ("//evil.example", false),
    ] {
        assert_eq!(leads_to(text).await.unwrap(), expected, "{text}");
    }
}
