//! Stored keys: sealed under the master key, each for one use.

use super::*;
use latchkey_engine::MasterKeyFault;

#[tokio::test]
async fn stored_keys_cannot_be_added_changed_or_put_to_other_use_by_who_writes_the_database() {
    for (statement, is_noticed) in [
        ("SELECT 1", false),
        (
            "UPDATE keys SET last_entry = last_entry + 1 WHERE purpose = 'audit_chain'",
            true,
        ),
        (
            "UPDATE keys SET last_entry = NULL WHERE purpose = 'audit_chain'",
            true,
        ),
        (
            "UPDATE keys SET last_entry = last_entry + 1 WHERE purpose = 'audit_checkpoint'",
            true,
        ),
        (
            "UPDATE keys SET state = 'current' WHERE purpose = 'identity_token' AND state = 'next'",
            true,
        ),
        (
            "UPDATE keys SET purpose = 'audit_checkpoint' WHERE purpose = 'identity_token'",
            true,
        ),
        (
            "UPDATE keys SET id = 'mine' WHERE purpose = 'identity_token' AND state = 'next'",
            true,
        ),
        (
            "UPDATE keys SET sealed = CAST(substr(sealed, 1, length(sealed) - 1) || x'00' AS BLOB) WHERE state = 'current'",
            true,
        ),
        (
            "INSERT INTO keys VALUES ('mine', 'identity_token', 'ES256', 'retiring', CAST((SELECT substr(sealed, 1, 4) FROM keys LIMIT 1) || randomblob(57) AS BLOB), NULL, 1, 1)",
            true,
        ),
    ] {
        let installation = Installation::new();
        let engine = installation.open().await;
        Ada::new(&engine).await;
        engine.close().await;
        installation.master_keys(&[NEW, OLD]);
        let engine = installation.open().await;
        engine.tidy().await;
        engine.close().await;
        installation.master_keys(&[NEW]);
        let engine = installation.open().await;
        let purpose = KeyPurpose::AuditCheckpoint;
        let rotated = engine.rotate_key(&OPERATOR, purpose, true, &CLIENT).await;
        rotated.unwrap();
        engine.close().await;
        installation.sql(statement).await;
        let refused = installation.try_open().await.err();
        let is_told = matches!(refused, Some(MasterKeyFault::StoredKeyChanged(_)));
        assert_eq!(is_told, is_noticed, "{statement}");
    }
}

#[tokio::test]
async fn an_installation_of_an_earlier_version_keeps_the_keys_that_it_derived() {
    let installation = Installation::new();
    let engine = installation.open().await;
    Ada::new(&engine).await;
    engine.close().await;
    // Earlier versions had no such table.
    installation.sql("DELETE FROM keys").await;
    let state = |engine: &Engine, id: &str| {
        let keys = engine.list_keys(&OPERATOR);
        keys.iter()
            .find(|key| key.id == id)
            .map(|key| (key.purpose, key.state))
    };
    let engine = installation.open().await;
    // Computed by another program: the key id of the master key, in base64url.
    let derived = Some((KeyPurpose::IdentityToken, KeyState::Current));
    assert_eq!(state(&engine, "X58ouA"), derived);
    engine.close().await;

    // In the middle of a rotation, the keys of the lines below were used before.
    installation.sql("DELETE FROM keys").await;
    installation.master_keys(&[NEW, OLD]);
    let engine = installation.open().await;
    let derived = Some((KeyPurpose::IdentityToken, KeyState::Retiring));
    assert_eq!(state(&engine, "X58ouA"), derived);
    let count = |wanted| {
        let keys = engine.list_keys(&OPERATOR).into_iter();
        keys.filter(|key| key.state == wanted).count()
    };
    // Access tokens are newer than derived keys.
    assert_eq!(KeyState::ALL.map(count), [4, 4, 2]);
}
