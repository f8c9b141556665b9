//! Programs that administer: what their authority rests on is read again in the transaction that writes.

use super::{ORIGIN, TestClient, new_client};
use crate::test_engine::{OPERATOR, TestEngine};
use latchkey_domain::{
    access::permission::{Denial, ProgramCaller, UsersWrite},
    id::UserId,
};
use latchkey_engine::{
    Error, NewAccessTokens, NewService, PresentedToken, ProgramAuthentication, Result,
    TokenParameters,
};
use time::Duration;

async fn program(test: &TestEngine, client: &TestClient) -> ProgramCaller {
    let issued = client.ask(&test.engine, TokenParameters::default()).await;
    let token = issued.unwrap().access_token.expose_secret().to_owned();
    let presented = PresentedToken {
        text: &token,
        proof: None,
    };
    match test.engine.authenticate_program(&presented).await.unwrap() {
        ProgramAuthentication::Authenticated(program) => *program,
        other => panic!("{other:?}"),
    }
}

async fn switched_on() -> TestEngine {
    let test = TestEngine::new().await;
    let service = NewService::default();
    let added = test
        .engine
        .add_service(&OPERATOR, "latchkey", service, &ORIGIN);
    added.await.unwrap().commit().await.unwrap();
    test
}

async fn disable(test: &TestEngine, program: &ProgramCaller, user: UserId) -> Result<()> {
    let proof = program.authorize(UsersWrite, test.engine.now()).unwrap();
    test.engine.disable_user(&proof, user, &ORIGIN).await
}

#[tokio::test]
async fn audit_5_a_programs_authority_is_checked_again_in_the_writing_transaction() {
    for what in [
        "nothing",
        "client deleted",
        "secret replaced",
        "secret retired",
    ] {
        let test = switched_on().await;
        let grace = test
            .registered("grace@example.com")
            .await
            .current_user
            .user_id;
        let new = new_client("Inventory", "latchkey", "latchkey:users:write");
        let client = TestClient::add(&test.engine, new).await;
        let caller = program(&test, &client).await;
        let (engine, origin) = (&test.engine, &ORIGIN);
        match what {
            "client deleted" => engine
                .delete_client(&OPERATOR, "Inventory", origin)
                .await
                .unwrap(),
            "secret replaced" => {
                let rotated =
                    engine.rotate_client_secret(&OPERATOR, "Inventory", Duration::ZERO, origin);
                rotated.await.unwrap().commit().await.unwrap();
            }
            "secret retired" => {
                let rotated =
                    engine.rotate_client_secret(&OPERATOR, "Inventory", Duration::HOUR, origin);
                rotated.await.unwrap().commit().await.unwrap();
            }
            _ => {}
        }
        let written = disable(&test, &caller, grace).await;
        // A retiring secret is still accepted.
        match what {
            "nothing" | "secret retired" => assert!(written.is_ok(), "{what}: {written:?}"),
            _ => assert!(
                matches!(written, Err(Error::Denied(Denial::SignIn))),
                "{what}: {written:?}"
            ),
        }
    }
}

#[tokio::test]
async fn audit_42_a_program_acts_for_no_user_who_may_do_more() {
    let test = switched_on().await;
    let ada = test
        .registered("ada@example.com")
        .await
        .current_user
        .user_id;
    test.set_role(ada, "auditor".parse().unwrap()).await;
    let new = new_client("Inventory", "latchkey", "latchkey:users:write");
    let client = TestClient::add(&test.engine, new).await;
    let caller = program(&test, &client).await;
    let refused = disable(&test, &caller, ada).await;
    assert!(
        matches!(refused, Err(Error::Denied(Denial::Forbidden))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn no_other_service_declares_a_scope_of_the_api() {
    let test = TestEngine::new().await;
    test.service("photos").await;
    let engine = &test.engine;
    let changed = engine.change_access_tokens(
        &OPERATOR,
        "photos",
        NewAccessTokens::new("read latchkey:users:read", Default::default()),
        &ORIGIN,
    );
    assert!(matches!(
        changed.await,
        Err(Error::BadInput {
            field: "scopes",
            ..
        })
    ));
    let unknown = new_client("Backup", "photos", "latchkey:everything");
    let added = engine.add_client(&OPERATOR, unknown, &ORIGIN).await;
    assert!(matches!(
        added,
        Err(Error::BadInput {
            field: "scopes",
            ..
        })
    ));
}
