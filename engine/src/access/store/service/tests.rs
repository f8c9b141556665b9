use super::view::list;
use crate::{
    NewService, RequestOrigin, access::store::access_grant, audit, test_engine::TestEngine,
};
use latchkey_domain::{access::permission::Operator, audit::event::Action, pagination::ListQuery};
use sea_orm::{Database, DatabaseConnection};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// A connection to the same database that counts its statements.
async fn counting(test: &TestEngine) -> (DatabaseConnection, Arc<AtomicUsize>) {
    let path = test.engine.inner.settings.data_dir.join("latchkey.db");
    let mut db = Database::connect(format!("sqlite://{}", path.display()))
        .await
        .unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    db.set_metric_callback(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    (db, count)
}

#[tokio::test]
async fn lists_of_services_take_as_many_statements_for_many_as_for_one() {
    let test = TestEngine::in_file().await;
    let (operator, origin) = (Operator, RequestOrigin::default());
    for number in 0..20 {
        let name = format!("service-{number:02}");
        let new = NewService {
            hosts: format!("{name}.example.com *.{name}.example.com"),
            ..NewService::default()
        };
        let added = test.engine.add_service(&operator, &name, new, &origin);
        added.await.unwrap().commit().await.unwrap();
    }
    test.users(["guest@example.com"]).await;
    let user = test.id_of("guest@example.com").await;
    let (now, query) = (test.clock.now(), ListQuery::default().bounded());
    let (db, statements) = counting(&test).await;

    let page = list(&db, &query, now).await.unwrap();
    assert_eq!((page.total, page.items.len()), (21, 21));
    let third = &page.items[3];
    let hosts: Vec<_> = third.hosts.iter().map(ToString::to_string).collect();
    assert_eq!(
        hosts,
        ["service-02.example.com", "*.service-02.example.com"]
    );
    assert!(page.items.iter().all(|service| service.tokens.len() == 1));
    assert_eq!(statements.swap(0, Ordering::SeqCst), 4);

    let services = access_grant::list_services_by_user(&db, user, true, now)
        .await
        .unwrap();
    assert_eq!(services.len(), 21);
    let host = services[2].1.as_ref().map(ToString::to_string);
    assert_eq!(host.as_deref(), Some("service-01.example.com"));
    assert_eq!(services[0].1, None, "photos has no host");
    assert_eq!(statements.swap(0, Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_dashboard_counts_sign_ins_by_day_without_loading_them() {
    let test = TestEngine::in_file().await;
    let since = test.clock.now().replace_time(time::Time::MIDNIGHT);
    for emails in [
        ["a@example.com", "b@example.com"],
        ["c@example.com", "d@example.com"],
    ] {
        test.users(emails).await;
        test.clock.advance(time::Duration::DAY);
    }
    let (db, statements) = counting(&test).await;
    let since = since.unix_timestamp();
    let actions = [Action::DeviceRegistered, Action::SignedIn];
    let counts = audit::store::count_by_day(&db, &actions, since)
        .await
        .unwrap();
    let registered = |days: i64| (since + days * 86_400, "device.registered".to_owned(), 2);
    assert_eq!(counts, [registered(0), registered(1)]);
    assert_eq!(statements.load(Ordering::SeqCst), 1);
    let dashboard = test.engine.dashboard(&Operator).await.unwrap();
    let signed_in: Vec<_> = dashboard.days.iter().map(|day| day.signed_in).collect();
    assert_eq!(signed_in, [[0; 11].as_slice(), &[2, 2, 0]].concat());
}
