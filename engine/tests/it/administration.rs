use crate::test_engine::{OPERATOR, TestEngine, new_user, origin};
use latchkey_domain::{id::DeviceId, identity::user::Role, pagination::ListQuery};
use latchkey_engine::{Error, InvalidInput, NewService, Noun};

#[tokio::test]
async fn lists_are_searched_and_paged_in_the_database() {
    let test = TestEngine::new().await;
    for number in 0..60 {
        test.provisioned(&format!("person{number:02}@example.com"))
            .await;
    }
    let query = |search: &str, page, descending| ListQuery {
        search: search.to_owned(),
        page,
        descending,
        ..ListQuery::default()
    };
    let first = test
        .engine
        .list_users(&OPERATOR, &query("", 1, false))
        .await
        .unwrap();
    assert_eq!(
        (first.total, first.items.len(), first.pages(), first.next()),
        (60, 25, 3, Some(2))
    );
    assert_eq!(first.items[0].email.as_str(), "person00@example.com");
    let last = test
        .engine
        .list_users(&OPERATOR, &query("", 3, true))
        .await
        .unwrap();
    assert_eq!(
        (last.items.len(), last.items[9].email.as_str(), last.next()),
        (10, "person00@example.com", None)
    );
    assert_eq!(
        test.engine
            .list_users(&OPERATOR, &query("PERSON07", 1, false))
            .await
            .unwrap()
            .total,
        1
    );
    // What looks like a wildcard is only text.
    for text in ["%", "_", "\\", "person__"] {
        assert_eq!(
            test.engine
                .list_users(&OPERATOR, &query(text, 1, false))
                .await
                .unwrap()
                .total,
            0,
            "{text}"
        );
    }
    assert!(
        test.engine
            .list_users(&OPERATOR, &query("", u64::MAX, false))
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[tokio::test]
async fn r2_an_email_address_has_one_user_in_any_spelling() {
    let test = TestEngine::new().await;
    test.provisioned("ada@example.com").await;
    let again = new_user("ADA@Example.com");
    assert!(matches!(
        test.engine.add_user(&OPERATOR, again, &origin()).await,
        Err(Error::Conflict { field: "email", .. })
    ));
}

#[tokio::test]
async fn the_last_administrator_cannot_be_removed() {
    let test = TestEngine::new().await;
    let ada = test.registered("ada@example.com").await;
    let id = ada.current_user.user_id;
    test.set_role(id, Role::Admin).await;
    assert!(matches!(
        test.engine
            .set_role(&OPERATOR, id, Role::Member, &origin())
            .await,
        Err(Error::Conflict { .. })
    ));
    assert!(matches!(
        test.engine.disable_user(&OPERATOR, id, &origin()).await,
        Err(Error::Conflict { .. })
    ));
    assert!(matches!(
        test.engine.delete_user(&OPERATOR, id, &origin()).await,
        Err(Error::Conflict { .. })
    ));
}

#[tokio::test]
async fn audit_14_a_host_with_the_default_port_is_the_same_host() {
    let test = TestEngine::new().await;
    let with = |hosts: &str| NewService {
        hosts: hosts.to_owned(),
        ..NewService::default()
    };
    let add = async |name: &str, hosts: &str| {
        let added = test
            .engine
            .add_service(&OPERATOR, name, with(hosts), &origin())
            .await;
        added?.commit().await.map(|(service, _)| {
            service
                .hosts
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(
        add(
            "one",
            "dup.example.com Dup.example.com.:443 *.apps.example.com:80 dup.example.com:8443"
        )
        .await
        .unwrap(),
        [
            "dup.example.com",
            "*.apps.example.com",
            "dup.example.com:8443"
        ]
    );
    for hosts in [
        "dup.example.com:80",
        "dup.example.com:443",
        "DUP.example.com.",
        "dup.example.com.:80",
        "*.apps.example.com",
        "*.Apps.example.com:443",
        "dup.example.com:8443",
    ] {
        assert!(
            matches!(
                add("two", hosts).await,
                Err(Error::Conflict { field: "hosts", .. })
            ),
            "{hosts}"
        );
    }
    // The host that is named in full goes before the wildcard; another port is another place.
    assert!(
        add("two", "a.apps.example.com dup.example.com:8080")
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_host_belongs_to_one_service_and_invalid_hosts_are_named() {
    let test = TestEngine::new().await;
    test.service("photos").await;
    let with = |hosts: &str| NewService {
        hosts: hosts.to_owned(),
        ..NewService::default()
    };
    let taken = test
        .engine
        .add_service(&OPERATOR, "wiki", with("PHOTOS.example.com."), &origin())
        .await;
    assert!(matches!(taken, Err(Error::Conflict { field: "hosts", .. })));
    let wrong = test
        .engine
        .add_service(
            &OPERATOR,
            "wiki",
            with("https://wiki.example.com"),
            &origin(),
        )
        .await;
    assert!(
        matches!(wrong, Err(Error::BadInput { field: "hosts", reason: InvalidInput::Host(host) }) if host.contains("https://wiki"))
    );
    assert!(
        test.engine
            .add_service(
                &OPERATOR,
                "wiki",
                with("wiki.example.com, w.example.com"),
                &origin()
            )
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn the_device_of_another_user_is_not_found() {
    let test = TestEngine::new().await;
    let (ada, eve) = (
        test.registered("ada@example.com").await,
        test.registered("eve@example.com").await,
    );
    let eve = test
        .current_user(&eve)
        .await
        .unwrap()
        .may_manage_self(test.engine.now())
        .unwrap();
    for id in [
        ada.current_user.device_id,
        DeviceId::from_uuid(uuid::Uuid::nil()),
    ] {
        assert!(matches!(
            test.engine.rename_device(&eve, id, "Mine", &origin()).await,
            Err(Error::NotFound(Noun::Device))
        ));
        assert!(matches!(
            test.engine.revoke_my_device(&eve, id, &[], &origin()).await,
            Err(Error::NotFound(Noun::Device))
        ));
    }
    assert!(test.current_user(&ada).await.is_some());
}

#[tokio::test]
async fn the_dashboard_counts_users_services_and_sign_ins() {
    let test = TestEngine::new().await;
    test.registered("ada@example.com").await;
    test.service("photos").await;
    let dashboard = test.engine.dashboard(&OPERATOR).await.unwrap();
    assert_eq!(
        (
            dashboard.days.len(),
            dashboard.days[13].signed_in,
            dashboard.users,
            dashboard.services
        ),
        (14, 1, 1, 1)
    );
}
