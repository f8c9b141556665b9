//! One row that cannot be read must not deny other requests.

use crate::{
    AccessGrantFilter, Engine, NewService, RequestOrigin, VerifyDecision, test_engine::TestEngine,
    test_log::ErrorLog,
};
use latchkey_domain::{
    access::permission::Operator, identity::user::Role, pagination::ListQuery, request::host::Host,
};
use sea_orm::ConnectionTrait;
use std::time::Duration;

static OPERATOR: Operator = Operator;

static NOBODY: RequestOrigin = RequestOrigin {
    ip: None,
    user_agent: String::new(),
};

async fn write(engine: &Engine, sql: &str) {
    engine.db().execute_unprepared(sql).await.unwrap();
    engine.inner.snapshot.forget_all();
}

fn with_hosts(hosts: &str) -> NewService {
    NewService {
        hosts: hosts.to_owned(),
        ..NewService::default()
    }
}

/// Adds a service; its token.
async fn service(engine: &Engine, name: &str, hosts: &str) -> String {
    let added = engine.add_service(&OPERATOR, name, with_hosts(hosts), &NOBODY);
    let (_, token) = added.await.unwrap().commit().await.unwrap();
    token.expose_secret().to_owned()
}

async fn of_host(engine: &Engine, host: &str) -> Option<String> {
    let host = Host::parse(host).unwrap();
    let found = engine.in_service_index(|index| {
        let service = index.of_host(&host, true)?;
        Some(service.name.to_string())
    });
    found.await.unwrap()
}

#[tokio::test]
async fn audit_19_a_host_that_cannot_be_read_denies_nothing_else_and_can_be_replaced() {
    let test = TestEngine::new().await;
    let engine = &test.engine;
    let [cookie] = test.users(["ada@example.com"]).await;
    service(engine, "wiki", "wiki.example.com w.example.com").await;
    let bad = "UPDATE service_hosts SET host = 'w .example.com' WHERE host = 'w.example.com'";
    write(engine, bad).await;
    let (log, _listening) = ErrorLog::listen();
    for _ in 0..3 {
        assert!(matches!(
            test.ask(&cookie).await,
            VerifyDecision::Granted(_)
        ));
        let found = of_host(engine, "wiki.example.com").await;
        assert_eq!(found.as_deref(), Some("wiki"));
        assert_eq!(of_host(engine, "w.example.com").await, None);
    }
    assert_eq!(log.count("this host cannot be read"), 1);
    let shown = engine.service(&OPERATOR, "wiki").await.unwrap();
    assert_eq!(shown.hosts.len(), 1);
    let listed = engine.list_services(&OPERATOR, &ListQuery::default()).await;
    assert_eq!(listed.unwrap().total, 2);
    assert_eq!(engine.service_hosts(&OPERATOR).await.unwrap().len(), 1);

    let hosts = with_hosts("wiki.example.com w.example.com");
    let changed = engine.change_service(&OPERATOR, "wiki", hosts, &NOBODY);
    changed.await.unwrap();
    let found = of_host(engine, "w.example.com").await;
    assert_eq!(found.as_deref(), Some("wiki"));
    write(engine, bad).await;
    let deleted = engine.delete_service(&OPERATOR, "wiki", &NOBODY);
    deleted.await.unwrap();
}

#[tokio::test]
async fn audit_19_a_service_whose_name_cannot_be_read_is_closed_and_can_be_deleted() {
    let test = TestEngine::new().await;
    let engine = &test.engine;
    let [cookie] = test.users(["ada@example.com"]).await;
    let token = service(engine, "wiki", "wiki.example.com").await;
    let granted = engine.add_grant(
        &OPERATOR,
        "ada@example.com",
        "wiki",
        "".parse().unwrap(),
        None,
        &NOBODY,
    );
    granted.await.unwrap();
    write(
        engine,
        "UPDATE services SET name = 'My wiki' WHERE name = 'wiki'",
    )
    .await;
    let (log, _listening) = ErrorLog::listen();
    for _ in 0..3 {
        assert!(matches!(
            test.ask(&cookie).await,
            VerifyDecision::Granted(_)
        ));
        assert_eq!(of_host(engine, "wiki.example.com").await, None);
        for name in ["My wiki", "My?wiki", "wiki", "photos"] {
            let decision = engine
                .verify(name, Some(&token), Some(cookie.as_str()))
                .await;
            assert!(
                matches!(decision, VerifyDecision::ServiceNotFound),
                "{name}"
            );
        }
    }
    assert_eq!(log.count("the name of this service cannot be read"), 1);
    let listed = engine.list_services(&OPERATOR, &ListQuery::default()).await;
    let names = listed.unwrap().items.into_iter().map(|one| one.name);
    let names: Vec<_> = names.map(|name| name.to_string()).collect();
    assert_eq!(names, ["My?wiki", "photos"]);
    let (filter, query) = (AccessGrantFilter::default(), ListQuery::default());
    let grants = engine.list_grants(&OPERATOR, &filter, &query);
    assert_eq!(grants.await.unwrap().total, 2);

    let changed = engine.change_service(&OPERATOR, "My wiki", with_hosts(""), &NOBODY);
    changed.await.unwrap();
    let deleted = engine.delete_service(&OPERATOR, "My wiki", &NOBODY);
    deleted.await.unwrap();
    service(engine, "wiki", "wiki.example.com").await;
}

#[tokio::test]
async fn audit_19_a_grant_whose_pseudonym_cannot_be_read_denies_its_own_service_only() {
    let test = TestEngine::new().await;
    let engine = &test.engine;
    let [ada, grace] = test.users(["ada@example.com", "grace@example.com"]).await;
    let wiki = service(engine, "wiki", "").await;
    let grant = async |service| {
        let scopes = "read:email".parse().unwrap();
        let granted =
            engine.add_grant(&OPERATOR, "ada@example.com", service, scopes, None, &NOBODY);
        granted.await.unwrap();
    };
    grant("wiki").await;
    let VerifyDecision::Granted(before) = test.ask(&ada).await else {
        panic!("a grant");
    };
    let id = test.id_of("ada@example.com").await;
    let user = hex::encode_upper(id.uuid().as_bytes());
    let damage = format!(
        "UPDATE grants SET subject_sealed = CAST(substr(subject_sealed, 1, length(subject_sealed) - 1) || x'00' AS BLOB) \
         WHERE user_id = x'{user}' AND service_id = (SELECT id FROM services WHERE name = 'photos')"
    );
    write(engine, &damage).await;

    let (log, _listening) = ErrorLog::listen();
    for _ in 0..3 {
        assert!(matches!(test.ask(&ada).await, VerifyDecision::NoAccess));
        let decision = engine.verify("wiki", Some(&wiki), Some(ada.as_str())).await;
        assert!(matches!(decision, VerifyDecision::Granted(_)));
        assert!(matches!(test.ask(&grace).await, VerifyDecision::Granted(_)));
    }
    assert_eq!(log.count("the pseudonym of a grant cannot be read"), 1);

    // Also of an administrator, without a write permit.
    let promoted = engine.set_role(&OPERATOR, id, Role::Admin, &NOBODY);
    promoted.await.unwrap();
    write(
        engine,
        "UPDATE devices SET signed_out_at = NULL; UPDATE grants SET origin = 'admin'",
    )
    .await;
    let permit = engine.acquire_write_permit().await.unwrap();
    let asked = tokio::time::timeout(Duration::from_secs(5), test.ask(&ada)).await;
    assert!(matches!(asked.unwrap(), VerifyDecision::NoAccess));
    drop(permit);

    grant("photos").await;
    let VerifyDecision::Granted(after) = test.ask(&ada).await else {
        panic!("the grant was added again");
    };
    assert_ne!(after.subject, before.subject);
}
