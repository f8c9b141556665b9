//! An administrator enters services without being granted access.

use super::*;

#[tokio::test]
async fn r35_an_administrators_first_access_creates_one_grant() {
    let test = TestEngine::new().await;
    let (id, uri) = test.provisioned("ada@example.com").await;
    test.set_role(id, Role::Admin).await;
    let ada = test.sign_in("ada@example.com", &uri).await;
    let photos = test.service("photos").await;
    let tries: Vec<_> = (0..8)
        .map(|_| {
            let (engine, token, cookie) =
                (test.engine.clone(), photos.clone(), cookie(&ada).to_owned());
            tokio::spawn(async move {
                engine
                    .verify("photos", Some(&token), Some(cookie.as_str()))
                    .await
            })
        })
        .collect();
    let mut subjects = std::collections::BTreeSet::new();
    for attempt in tries {
        let VerifyDecision::Granted(granted) = attempt.await.unwrap() else {
            panic!("an administrator comes in")
        };
        assert_eq!(granted.role(), Some(Role::Admin));
        subjects.insert(granted.subject);
    }
    assert_eq!(subjects.len(), 1, "racing first accesses make one link");
}

#[tokio::test]
async fn r35_an_administrators_access_ends_with_the_role() {
    let test = TestEngine::new().await;
    let (id, uri) = test.provisioned("ada@example.com").await;
    let (grace, graces) = test.provisioned("grace@example.com").await;
    let photos = test.service("photos").await;
    let set_role = async |id, role| {
        let operator = Operator;
        test.engine.set_role(&operator, id, role, &origin()).await
    };
    let register = async |email: &str, uri: &str| {
        test.wait(30);
        test.register(email, &test.totp(uri)).await.unwrap()
    };
    set_role(id, Role::Admin).await.unwrap();
    set_role(grace, Role::Admin).await.unwrap();
    let ada = register("ada@example.com", &uri).await;
    assert_eq!(ask(&test, "photos", &photos, &ada).await, "granted");
    assert!(
        set_role(id, Role::Member).await.is_err(),
        "Grace has not signed in yet, so Ada is the only administrator"
    );
    register("grace@example.com", &graces).await;
    set_role(id, Role::Member).await.unwrap();
    assert_eq!(ask(&test, "photos", &photos, &ada).await, "unknown");
    let ada = register("ada@example.com", &uri).await;
    assert_eq!(ask(&test, "photos", &photos, &ada).await, "no access");
}
