use super::*;
use crate::{Error, test_engine::TestEngine};
use latchkey_domain::access::permission::SignIn;
use sea_orm::ConnectionTrait;

const ADA: &str = "(SELECT id FROM users WHERE email = 'ada@example.com')";

async fn sql(test: &TestEngine, statement: &str) {
    let permit = test.engine.acquire_write_permit().await.unwrap();
    permit.db().execute_unprepared(statement).await.unwrap();
}

/// Ada, who administers on a device on which she used her passkey just now.
async fn ada(test: &TestEngine) -> CurrentUser {
    let [cookie, _] = (test.users(["ada@example.com", "eve@example.com"])).await;
    let now = test.clock.now();
    for statement in [
        "UPDATE users SET role = 'admin'",
        &format!("UPDATE devices SET passkey_verified_at = {}", now.unix_timestamp()),
        &format!(
            "INSERT INTO passkeys (id, user_id, device_id, credential_digest, credential, name, backed_up, created_at)
            SELECT id, user_id, id, x'01', '', 'Key', 0, 0 FROM devices WHERE user_id = {ADA}"
        ),
    ] {
        sql(test, statement).await;
    }
    let found = test.engine.authenticate(Some(&cookie), None).await.unwrap();
    CurrentUser {
        sign_in: Some(SignIn {
            at: now,
            last_active_at: now,
        }),
        ..found.current_user.unwrap()
    }
}

#[tokio::test]
async fn audit_5_the_rows_decide_and_not_what_the_proof_saw() {
    let manages: fn(_) -> _ = Authority::SelfManagement;
    let administers: fn(_) -> _ = |user| Authority::Permission(Permission::UsersWrite, user);
    for (what, authority, statements, expected) in [
        ("nothing", manages, "", None),
        ("nothing", administers, "", None),
        (
            "the role was lost",
            administers,
            "UPDATE users SET role = 'member'",
            Some(Denial::Forbidden),
        ),
        (
            "the role is one that was deleted",
            administers,
            "UPDATE users SET role = 'desk'",
            Some(Denial::Forbidden),
        ),
        (
            "the role that was defined permits something else",
            administers,
            "INSERT INTO roles VALUES ('desk', 'users:read', 0); UPDATE users SET role = 'desk'",
            Some(Denial::Forbidden),
        ),
        (
            "the role that was defined permits it",
            administers,
            "INSERT INTO roles VALUES ('desk', 'users:write', 0); UPDATE users SET role = 'desk'",
            None,
        ),
        (
            "the passkey that was used was removed, and another one is left",
            manages,
            "UPDATE devices SET passkey_verified_at = NULL",
            Some(Denial::StepUp),
        ),
        (
            "the last passkey was removed",
            administers,
            "DELETE FROM passkeys",
            Some(Denial::NeedsPasskey),
        ),
        (
            "the device was limited, and the last passkey was removed",
            manages,
            "UPDATE devices SET is_limited = 1; DELETE FROM passkeys",
            Some(Denial::NotApproved),
        ),
        (
            "the device was signed out",
            manages,
            "UPDATE devices SET signed_out_at = 1",
            Some(Denial::SignIn),
        ),
        (
            "the device expired",
            manages,
            "UPDATE devices SET expires_at = NOW",
            Some(Denial::SignIn),
        ),
        (
            "the device was given to another user",
            manages,
            "UPDATE devices SET user_id = (SELECT id FROM users WHERE email = 'eve@example.com')",
            Some(Denial::SignIn),
        ),
        (
            "the user was disabled",
            manages,
            "UPDATE users SET disabled_at = 1",
            Some(Denial::SignIn),
        ),
        (
            "the device was deleted",
            manages,
            "DELETE FROM devices",
            Some(Denial::SignIn),
        ),
    ] {
        let test = TestEngine::new().await;
        let proof = authority(Box::new(ada(&test).await));
        let now = test.clock.now();
        let statements = statements.replace("NOW", &now.unix_timestamp().to_string());
        sql(&test, &statements).await;
        let (db, store) = (test.engine.read(), &test.engine.inner.ephemeral);
        let denial = match proof.check_again(&db, store, now).await {
            Ok(_) => None,
            Err(Error::Denied(denial)) => Some(denial),
            Err(other) => panic!("{what}: {other}"),
        };
        assert_eq!(denial, expected, "{what}");
    }
}
